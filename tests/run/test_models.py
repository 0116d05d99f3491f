"""From a run to the registry and back: what is registered, promoted, chosen, taken in."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlpipe.errors import SpecError, StoreError
from mlpipe.registry.names import Reference
from mlpipe.registry.registry import Registry
from mlpipe.run.command import build
from mlpipe.run.models import act, choose
from mlpipe.run.registering import register_run
from mlpipe.run.request import Request
from mlpipe.run.store import Store
from tests.project import SPEC, write_project
from tests.run.test_reproduce import Nobody

if TYPE_CHECKING:
    from mlpipe.run.result import Result

REGISTER = "register: {alias: challenger, promote: {to: champion, when: gates_pass}}\n"
MONITOR = "monitor: {current: {path: data.csv}, on_alert: warn}\n"


def run(*overrides: str, verb: str = "evaluate", **more: Any) -> Result:
    request = Request(verb, "mlpipe.yaml", overrides, **more)
    return build(request, force=(), watch=Nobody())


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_project(
        tmp_path_factory.mktemp("original"), rows=200, spec=SPEC + REGISTER + MONITOR
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run()
    return folder


@pytest.fixture
def project(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = shutil.copytree(original, tmp_path / "p", symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def registry() -> Registry:
    return Registry(Path("models"))


def lines(result: Result) -> list[str]:
    found: list[str] = result.answer["register"]["lines"]
    return found


def test_a_run_whose_gates_pass_is_registered_and_promoted(project: Path) -> None:
    (version,) = registry().versions("small")
    assert (version.number, version.aliases) == (1, ("challenger", "champion"))
    (folder,) = project.glob("runs/small/0001-*")
    assert version.card["run"] == f"small/{folder.name}"
    assert version.card["verdict"] == "passed"
    assert version.card["metrics"]["rows"][0]["name"] == "roc_auc"
    link = json.loads((folder / "run.json").read_bytes())["artifacts"]["bundle"]
    assert version.card["artifact"]["key"] == link["key"]
    assert [e.reason for e in registry().log("small")] == ["evaluate of mlpipe.yaml"] * 2


def test_the_same_again_is_the_same_version(project: Path) -> None:
    assert lines(run()) == [
        "small version 1 was registered before, challenger",
        "champion is version 1 already",
    ]
    assert len(registry().log("small")) == 2


def test_another_model_is_another_version_and_a_rollback_stands(project: Path) -> None:
    other = ("train.models.linear.C=0.5",)
    assert lines(run(*other)) == [
        "small version 2 registered, challenger",
        "promoted to champion (version 1 before)",
    ]
    registry().rollback("small", "champion", act("worse in use"))
    assert "it was rolled back" in lines(run(*other))[1]
    assert registry().aliases("small") == {"challenger": 2, "champion": 1}
    registry().promote(Reference("small", "2"), "champion", act())
    assert lines(run(*other))[1] == "champion is version 2 already"


def test_a_failed_verdict_is_not_registered(project: Path) -> None:
    result = run("evaluate.gates=[{metric: roc_auc, min: 0.999}]", "train.models.linear.C=0.1")
    assert result.exit_code == 1
    assert lines(result) == ["not registered: the verdict is failed"]
    assert len(registry().versions("small")) == 1


def test_an_inconclusive_verdict_is_not_promoted(project: Path) -> None:
    result = run("evaluate.gates=[{metric: roc_auc, min: 0.75}]", "train.models.linear.C=0.1")
    assert result.answer["verdict"]["status"] == "inconclusive"
    assert lines(result)[1] == "not promoted to champion: the verdict is inconclusive"
    assert registry().aliases("small") == {"challenger": 2, "champion": 1}


def test_verbs_that_do_not_judge_register_nothing(project: Path) -> None:
    assert "register" not in run("train.models.linear.C=0.2", verb="train").answer
    assert len(registry().versions("small")) == 1


@pytest.mark.slow
def test_a_registry_that_cannot_be_written_fails_and_the_run_is_kept(project: Path) -> None:
    Path("taken").mkdir()
    Path("taken/mine").write_text("mine")
    result = run("train.models.linear.C=0.3", registry="taken")
    assert result.exit_code == 4
    assert "no registry of mlpipe" in result.problems[0]["message"]
    assert result.answer["metrics"]["rows"]
    assert result.run.startswith("small/0002-")
    again = run("train.models.linear.C=0.3", registry="taken")
    assert again.exit_code == 4  # no receipt says that all was well


def test_a_receipt_does_not_outlive_the_registry(project: Path) -> None:
    import time

    time.sleep(2.1)  # a receipt is trusted once its files have been quiet
    run()
    shutil.rmtree("models")
    assert lines(run())[0] == "small version 1 registered, challenger"
    assert len(registry().log("small")) == 2


def test_the_section_of_the_spec_is_checked(project: Path) -> None:
    with pytest.raises(SpecError, match="no gates that could pass"):
        run("evaluate.gates=[]")
    with pytest.raises(SpecError, match="cannot be an alias"):
        run("register.alias=latest")


def test_the_registry_is_where_the_spec_says(project: Path) -> None:
    run("registry=kept/here")
    assert Registry(Path("kept/here")).names() == ["small"]
    run("registry=kept/here", registry="kept/there")  # the option comes first
    assert Registry(Path("kept/there")).names() == ["small"]


def test_registering_by_hand(project: Path) -> None:
    run("train.models.linear.C=0.4", "registry=hand")
    done = register_run(Store(Path("runs")), "latest", None, alias="best", reason="by hand")
    assert (done.found.version, done.found.is_new, done.verdict) == (1, False, "passed")
    (event,) = [e for e in Registry(Path("hand")).log("small") if e.alias == "best"]
    assert event.reason == "by hand"
    with pytest.raises(SpecError, match="no run 'nothing'"):
        register_run(Store(Path("runs")), "nothing", None, alias=None)


def chosen(model: str, **more: Any) -> Path:
    return choose(model, Path("runs"), Path("models"), **more).folder


def test_which_model_is_meant(project: Path) -> None:
    run("register.promote=null", "train.models.linear.C=0.6")  # version 2, challenger alone
    (latest,) = project.glob("runs/small/0002-*")
    one, two = Path("models/small/1/bundle"), Path("models/small/2/bundle")
    assert chosen("") == one
    assert chosen("champion") == chosen("small@champion") == chosen("small@1") == one
    assert chosen("challenger") == chosen("small@2") == two
    for name in ("latest", "small", "0002", "2", f"small/{latest.name}"):
        assert chosen(name).resolve() == (latest / "bundle").resolve()
    assert chosen(str(two)) == two
    shutil.rmtree("models")
    assert chosen("").resolve() == (latest / "bundle").resolve()
    with pytest.raises(SpecError, match="there is no champion"):
        chosen("champion")


def test_two_champions_have_to_be_named(project: Path) -> None:
    run("name=other")
    assert registry().names() == ["other", "small"]
    for model in ("", "champion"):
        with pytest.raises(SpecError, match="2 models have a champion") as caught:
            chosen(model)
        assert "other@champion, small@champion" in caught.value.problems[0].hint
    assert chosen("", name="other") == Path("models/other/1/bundle")


def test_a_registered_model_that_was_changed_is_not_used(project: Path) -> None:
    path = Path("models/small/1/bundle/bundle.json")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"small", b"large"))
    with pytest.raises(StoreError):
        chosen("champion")


def test_monitoring_where_there_are_no_runs(project: Path) -> None:
    """As CI does: the registry is there, the run directory is not."""
    here = run(verb="monitor", model="")
    shutil.move("runs", "old runs")
    there = run(verb="monitor", model="small@champion")
    assert re.match(
        r"small version 1 \(challenger, champion\), registered \d{4}-\d\d-\d\d, ",
        there.answer["model"],
    )
    reports = [
        json.loads(next(Path(root).glob("artifacts/monitor/*/report.json")).read_bytes())
        for root in ("runs", "old runs")
    ]
    assert reports[0] == reports[1]
    keys = [next(Path(root).glob("artifacts/monitor/*")).name for root in ("runs", "old runs")]
    assert keys[0] == keys[1]  # what was taken in is the artifact that it was
    assert here.exit_code == there.exit_code == 0
    (record,) = Path("runs/small").glob("*/run.json")
    assert set(json.loads(record.read_bytes())["artifacts"]) == {
        "bundle", "current", "checks", "observe", "monitor",
    }  # fmt: skip


@pytest.mark.slow
def test_monitoring_does_not_make_a_model_the_latest(project: Path) -> None:
    run("register.promote=null", "train.models.linear.C=0.7")
    assert "version 1" in run(verb="monitor", model="").answer["model"]
    of_run = run(verb="monitor", model="small/0002").answer["model"]
    assert re.match(r"small/0002-\w+ of \d{4}-\d\d-\d\d, ", of_run)
    (latest,) = project.glob("runs/small/0002-*")
    assert chosen("latest").resolve() == (latest / "bundle").resolve()


def test_a_champion_of_another_pipeline_is_refused(project: Path) -> None:
    with pytest.raises(SpecError, match="model of another pipeline"):
        run("name=other", verb="monitor", model="small@champion")


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import getpass

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert act().who.startswith("user ")
    assert act("because").reason == "because"
    assert act().when.endswith("Z")
