"""The champion of the registry on the rows that a model is judged on, from run to run."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlpipe.errors import StoreError
from mlpipe.registry.names import Reference
from mlpipe.registry.registry import Registry
from mlpipe.run.champion import Champions
from mlpipe.run.command import build, foresee
from mlpipe.run.models import act
from mlpipe.run.plan import explain
from mlpipe.run.reproduce import rebuild
from mlpipe.run.request import Request
from tests.project import SPEC, write_project
from tests.run.test_reproduce import Nobody

if TYPE_CHECKING:
    from mlpipe.run.result import Result

GATES = """\
    - {metric: roc_auc, versus: champion, margin: 0.3}
register: {alias: challenger, promote: {to: champion, when: gates_pass}}
"""
OTHER = "train.models.linear.C=0.001"
THIRD = "train.models.linear.C=0.03"
NO_GATE = "evaluate.gates=[{metric: roc_auc, min: 0.5}]"


def run(*overrides: str, verb: str = "evaluate") -> Result:
    return build(Request(verb, "mlpipe.yaml", overrides), force=(), watch=Nobody())


def computed(result: Result) -> list[str]:
    return [done.step for done in result.steps if done.status == "computed"]


def why(result: Result, step: str) -> str:
    return next(done.why for done in result.steps if done.step == step)


def report(result: Result) -> dict[str, Any]:
    (path,) = [done.path for done in result.steps if done.step == "evaluate"]
    found: dict[str, Any] = json.loads((Path(path) / "report.json").read_bytes())
    return found


def registry() -> Registry:
    return Registry(Path("models"))


def promote(version: int) -> None:
    registry().promote(Reference("small", str(version)), "champion", act())


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of a project, first the one and then the other promoted."""
    spec = SPEC.replace("  folds: 3\n", "  folds: 0\n").replace(
        "split: {by: random, test: 0.3}", "split: {by: random, test: 0.3, valid: 0.2}"
    )
    folder = write_project(tmp_path_factory.mktemp("original"), rows=300, spec=spec + GATES)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, model in enumerate(((), (OTHER,)), start=1):
            run(*model)
            promote(number)
    return folder


@pytest.fixture
def project(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = shutil.copytree(original, tmp_path / "p", symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def test_the_champion_scores_the_same_as_when_it_was_judged_itself(project: Path) -> None:
    first, _ = registry().versions("small")
    before = {each["name"]: each["value"] for each in first.card["metrics"]["rows"]}
    result = run(OTHER)
    found = report(result)["champion"]
    assert found["words"] == "small version 1"
    values = {each["name"]: each["value"] for each in found["parts"]["test"]["metrics"]}
    assert values == before
    row = result.answer["metrics"]["rows"][0]
    assert row["difference"]["value"] == pytest.approx(row["value"] - row["champion"])
    (gate,) = [g for g in result.answer["verdict"]["gates"] if g["versus"]]
    assert gate["method"] == "delong"
    assert gate["value"] == row["difference"]["value"]


def test_a_promoted_model_has_nothing_to_do_again(project: Path) -> None:
    runs = sorted(Path("runs/small").iterdir())
    result = run(OTHER)
    assert computed(result) == []
    assert sorted(Path("runs/small").iterdir()) == runs
    assert result.answer["champion"]["words"] == (
        "small version 2 (challenger, champion) is this very model; "
        "compared with the one before, version 1"
    )
    assert computed(run()) == ["evaluate"]  # the first model has a rival now


@pytest.mark.slow
def test_another_champion_judges_again_and_nothing_else(project: Path) -> None:
    run(THIRD)
    promote(1)
    planned = foresee(Request("run", "mlpipe.yaml", (THIRD,)), force=())
    due = [(each.step, each.why) for each in planned if each.status == "computed"]
    assert due == [("evaluate", "the champion changed: version 2 → 1")]
    result = run(THIRD)
    assert computed(result) == ["evaluate"]
    assert report(result)["champion"]["words"] == "small version 1"
    assert computed(run(THIRD)) == []


@pytest.mark.slow
def test_the_receipt_rests_on_the_log_of_the_registry(project: Path) -> None:
    time.sleep(2.1)  # a receipt is trusted once its files have been quiet
    run(OTHER, NO_GATE, "register=null")
    first = run(OTHER, NO_GATE, "register=null")
    assert computed(first) == []
    promote(1)
    words = run(OTHER, NO_GATE, "register=null").answer["champion"]["words"]
    assert words == "small version 1 (champion)"


def test_a_rolled_back_champion_is_the_rival_again(project: Path) -> None:
    registry().rollback("small", "champion", act())
    champions = Champions(Path("models"), "small")
    second = registry().find(Reference("small", "2")).card["artifact"]["digest"]
    first = registry().find(Reference("small", "1")).card["artifact"]["digest"]
    rival = champions.rival(second)
    assert rival is not None
    assert rival.version == 1
    assert champions.rival(first) is None
    assert champions.words(first) == "small version 1 (champion) is this very model"
    assert champions.rival("another") == rival


def test_without_a_registry_there_is_no_champion(tmp_path: Path) -> None:
    champions = Champions(tmp_path / "models", "small")
    assert champions.rival("any") is None
    assert champions.words("any") == ""
    assert not (tmp_path / "models").exists()


def test_a_champion_that_saw_the_test_rows_is_refused_at_its_gate(project: Path) -> None:
    """Case 97: with another seed, other rows are held out."""
    gate = "evaluate.gates=[{metric: roc_auc, min: 0.1}, {metric: f1, versus: champion}]"
    result = run("seed=4", gate)
    assert result.exit_code == 3
    (problem,) = result.problems
    assert "small version 2 was fitted on " in problem["message"]
    assert "rows of test (row " in problem["message"]
    assert problem["key"] == "evaluate.gates.1.versus"
    assert "trained with this split" in problem["hint"]
    assert next(done for done in result.steps if done.step == "evaluate").status == "failed"


@pytest.mark.slow
def test_without_a_gate_it_is_left_out_and_said(project: Path) -> None:
    result = run("seed=4", NO_GATE)
    assert result.exit_code == 0
    found = report(result)["champion"]
    assert "test" in found["left_out"]
    assert "test" not in found["parts"]
    assert any("is not compared on test: small version 2 was" in line for line in result.warnings)
    assert result.answer["metrics"]["champion"] == ""


def test_a_model_fitted_on_valid_too_is_not_compared_there(project: Path) -> None:
    found = report(run(OTHER))["champion"]
    assert list(found["parts"]) == ["test"]
    assert "was fitted on " in found["left_out"]["valid"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["ingest.sql=select * exclude (plan) from data"], "plan"),
        (['columns.target.positive="no"'], "its positive class is 'yes', that of the model 'no'"),
    ],
)
def test_a_champion_that_cannot_score_the_rows_is_refused(
    project: Path, overrides: list[str], words: str
) -> None:
    gate = "evaluate.gates=[{metric: roc_auc, versus: champion}]"
    result = run(*overrides, gate)
    assert result.exit_code == 3
    (problem,) = result.problems
    assert problem["message"].startswith("small version 2 cannot score these rows: ")
    assert words in problem["message"]
    assert problem["key"] == "evaluate.gates.0.versus"


@pytest.mark.parametrize(
    "name",
    [
        "model.skops",
        pytest.param("bundle.json", marks=pytest.mark.slow),
        pytest.param("../version.json", marks=pytest.mark.slow),
    ],
)
def test_a_damaged_champion_is_a_fault_of_the_store(project: Path, name: str) -> None:
    file = Path("models/small/2/bundle") / name
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    result = run(THIRD)
    assert result.exit_code == 4
    assert "models/small/2" in result.problems[0]["place"]


@pytest.mark.slow
def test_the_same_run_is_rebuilt_against_the_same_champion(project: Path) -> None:
    run(THIRD)
    promote(1)
    found = rebuild.reproduce(Path("runs"), "latest", Nobody())
    assert {each.step: each.status for each in found.steps}["evaluate"] == "identical"
    shutil.rmtree("models")
    with pytest.raises(Exception, match="the champion it was compared with"):
        rebuild.reproduce(Path("runs"), "latest", Nobody())


def test_the_reason_names_the_versions() -> None:
    three, four = {"champion a": "version 3 (x)"}, {"champion a": "version 4 (y)"}
    assert explain(three, four) == "the champion changed: version 3 → 4"
    assert explain({}, four) == "there is a champion: version 4"
    assert explain(three, {}) == "champion version 3 is no rival any more"


def test_a_newer_registry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "FORMAT").write_text("mlpipe models 99\n")
    with pytest.raises(StoreError, match="newer mlpipe"):
        Champions(tmp_path, "small").rival("any")


PAST = """\
name: past
task: regression
columns: {key: [shop, day], entity: shop, time: day, target: sold}
ingest:
  sources:
    sales: {path: data.csv}
    visits: {path: visits.csv}
  sql: select shop, day, mood, sold from sales
split: {by: time, test: 0.25}
featurize:
- {columns: [mood], steps: [lag: [1, 2], rolling: {windows: [3], statistics: [mean]}]}
- aggregate:
    {from: visits, by: shop, time: at, windows: [5d], values: {often: count, many: mean(n)}}
- {rest: auto}
train: {models: {linear: {type: ridge, alpha: 1.0}}, folds: 2}
evaluate: {metrics: [mae, rmse]}
"""


def shops(folder: Path) -> None:
    import datetime
    import random

    drawn = random.Random(1)
    sales, visits = ["shop,day,mood,sold"], ["shop,at,n"]
    for number in range(60):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
        for shop in "abcd":
            mood = drawn.randint(0, 9)
            sales.append(f"{shop},{day},{mood},{10 + 3 * mood + drawn.random():.3f}")
            visits.append(f"{shop},{day}T12:00:00,{drawn.randint(1, 50)}")
    (folder / "data.csv").write_text("\n".join(sales) + "\n")
    (folder / "visits.csv").write_text("\n".join(visits) + "\n")
    (folder / "mlpipe.yaml").write_text(PAST)


@pytest.mark.slow
def test_features_of_the_past_are_those_that_the_champion_was_judged_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlpipe.run.registering import register_run
    from mlpipe.run.store import Store

    shops(tmp_path)
    monkeypatch.chdir(tmp_path)
    first = run()
    assert first.problems == ()
    register_run(Store(Path("runs")), "latest", None, alias="champion")
    result = run("train.models.linear.alpha=300")
    before = {row["name"]: row["value"] for row in first.answer["metrics"]["rows"]}
    beside = report(result)["champion"]["parts"]["test"]["metrics"]
    assert {each["name"]: each["value"] for each in beside} == before
    assert {each["difference"]["method"] for each in beside} == {"diebold_mariano"}
    # Without the aggregates there are no events for the champion to count.
    plain = run("featurize=auto", "evaluate.gates=[{metric: mae, versus: champion}]")
    assert plain.exit_code == 3
    assert "its aggregates read at, n, shop of visits" in plain.problems[0]["message"]
