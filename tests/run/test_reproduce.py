"""Rebuilding a run: the same bytes where nothing changed, and each thing that did by its name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mlpipe.errors import DataError, SpecError, StoreError
from mlpipe.run.command import build
from mlpipe.run.reproduce import rebuild
from mlpipe.run.reproduce.compare import unequal
from mlpipe.run.reproduce.differences import between, of_specs
from mlpipe.run.request import Request
from tests.project import SPEC, write_project

CODE = "def shape(sources):\n    return sources['data'].assign(age2=lambda d: d['age'] * 2)\n"
FEATURE = "def double(frame):\n    return frame[['age']].assign(age2=frame['age'] * 2)[['age2']]\n"


class Nobody:
    """Watches nothing."""

    def begins(self, step: str, why: str) -> None: ...

    def advances(self, done: int, total: int, words: str) -> None: ...

    def ends(self, done: Any) -> None: ...

    def waits(self, step: str) -> None: ...


def spec() -> str:
    blocks = "featurize:\n- {python: features.py:double}\n- {rest: auto}\n"
    # Two models and two columns, in another order than the alphabet's: reports keep that order.
    models = "    another: {type: logistic_regression, C: 0.01}\n  folds: 3\n"
    checks = "    age: {min: 18, max: 99}\n"
    ordered = SPEC.replace("  folds: 3\n", models).replace(
        checks, f"    plan: {{nullable: false}}\n{checks}"
    )
    return ordered.replace("train:\n", f"{blocks}train:\n", 1)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with code of its own, run once with an override."""
    folder = write_project(tmp_path_factory.mktemp("original"), rows=150, spec=spec())
    (folder / "features.py").write_text(FEATURE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        request = Request("run", "mlpipe.yaml", ("train.folds=2",))
        assert build(request, force=(), watch=Nobody()).exit_code == 0
    return folder


@pytest.fixture
def project(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = shutil.copytree(original, tmp_path / "another folder", symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def reproduce() -> rebuild.Reproduction:
    return rebuild.reproduce(Path("runs"), "latest", Nobody())


def said(found: rebuild.Reproduction) -> list[tuple[str, str]]:
    return [(each.kind, each.what) for each in found.differences]


def statuses(found: rebuild.Reproduction) -> dict[str, str]:
    return {each.step: each.status for each in found.steps}


def test_nothing_changed(project: Path) -> None:
    before = sorted(project.rglob("*"))
    found = reproduce()
    assert (found.status, found.exit_code) == ("identical", 0)
    assert set(statuses(found)) == {
        "ingest", "split", "validate", "featurize", "train", "bundle", "evaluate", "explain",
    }  # fmt: skip
    assert found.differences == ()
    assert [note for note in found.notes if note.startswith("spec")] == []
    assert json.loads(json.dumps(found.to_json()))["status"] == "identical"
    assert sorted(project.rglob("*")) == before  # it was built somewhere else


def test_a_byte_of_the_data(project: Path) -> None:
    data = project / "data.csv"
    data.write_text(data.read_text().replace(",basic,", ",plus,", 1))
    found = reproduce()
    assert (found.status, found.exit_code) == ("different", 1)
    assert said(found) == [("data", "data.csv")]
    assert statuses(found)["ingest"] == "different"
    assert statuses(found)["split"] == "identical"
    (difference,) = found.differences
    assert difference.old != difference.new
    ingest = found.steps[0]
    assert ingest.why == "table.parquet"


def test_a_line_of_the_code(project: Path) -> None:
    (project / "features.py").write_text(FEATURE.replace("* 2", "* 3"))
    found = reproduce()
    assert found.status == "different"
    assert said(found) == [("code", "features.py")]
    assert statuses(found)["ingest"] == "identical"
    assert statuses(found)["bundle"] == "different"


def test_a_comment_in_the_code_changes_what_the_bundle_carries(project: Path) -> None:
    (project / "features.py").write_text(f"# a comment\n{FEATURE}")
    found = reproduce()
    assert said(found) == [("code", "features.py")]
    assert statuses(found)["evaluate"] == "identical"


@pytest.mark.slow
def test_a_value_of_the_spec_is_told_and_not_used(project: Path) -> None:
    path = project / "mlpipe.yaml"
    path.write_text(path.read_text().replace("C: 1.0", "C: 0.001"))
    found = reproduce()
    assert found.status == "identical"
    (note,) = [note for note in found.notes if note.startswith("spec")]
    assert "train.models.linear.C: 1.0 → 0.001" in note
    assert "the recorded value was used" in note
    path.unlink()
    (note,) = [note for note in reproduce().notes if note.startswith("spec")]
    assert "cannot be loaded today" in note


def test_the_version_of_a_package(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlpipe.run import execute

    real = execute.library_versions
    monkeypatch.setattr(
        execute, "library_versions", lambda names: {**real(names), "scikit-learn": "9.9.9"}
    )
    found = reproduce()
    (difference,) = found.differences
    assert (difference.kind, difference.what, difference.new) == (
        "packages", "scikit-learn", "9.9.9",
    )  # fmt: skip
    assert str(difference).endswith(" → 9.9.9")
    assert found.status == "identical"  # the same code computed it, whatever it calls itself


def test_python_and_mlpipe(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlpipe.run import execute

    monkeypatch.setattr(execute, "python_version", lambda: "2.7")
    monkeypatch.setattr(execute, "mlpipe_version", lambda: "0.0.1")
    assert [(each.kind, each.new) for each in reproduce().differences] == [
        ("Python", "2.7"),
        ("mlpipe", "0.0.1"),
    ]


def test_an_input_that_is_gone(project: Path) -> None:
    for name in ("data.csv", "features.py"):
        (project / name).unlink()
    with pytest.raises(DataError) as caught:
        reproduce()
    assert [problem.place for problem in caught.value.problems] == ["data.csv", "features.py"]
    assert "is gone" in caught.value.problems[0].message


def test_data_that_no_longer_passes_is_different(project: Path) -> None:
    (project / "data.csv").write_text("id,age\n1,2\n")
    found = reproduce()
    assert (found.status, found.exit_code) == ("different", 1)
    assert found.steps[0].why
    assert said(found) == []  # nothing was made that could tell, but the step says why


def test_secrets_are_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_record(project, {"vars": {"key": "${secret:NOT_SET}", "other": "db://me:***@host/x"}})
    with pytest.raises(DataError) as caught:
        reproduce()
    told = [(problem.key, problem.message) for problem in caught.value.problems]
    assert told == [
        ("vars.key", "cannot be rebuilt without the secret NOT_SET"),
        ("vars.other", "cannot be rebuilt without the password"),
    ]


def edit_record(project: Path, more: dict[str, Any]) -> None:
    """Write the record again, digest and all, with other values in the spec as written."""
    from mlpipe.run.digests import digest_json

    (path,) = project.glob("runs/small/*/run.json")
    document = json.loads(path.read_bytes())
    document["written"] = json.dumps({**json.loads(document["written"]), **more})
    body = {k: v for k, v in document.items() if k not in ("format", "run", "digest")}
    document["digest"] = digest_json(body)
    path.chmod(0o644)
    path.write_text(json.dumps(document))


def test_a_spec_that_this_version_does_not_read(project: Path) -> None:
    edit_record(project, {"sead": 3})
    with pytest.raises(StoreError, match="does not read the spec") as caught:
        reproduce()
    assert caught.value.problems[0].key == "sead"


def test_no_such_run(project: Path) -> None:
    with pytest.raises(SpecError, match="no run"):
        rebuild.reproduce(Path("runs"), "0099", Nobody())


def test_two_runs_in_two_folders_give_equal_bundles(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a copy of the first run: the project alone, elsewhere."""
    for name in ("data.csv", "mlpipe.yaml", "features.py"):
        shutil.copy(original / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    build(Request("run", "mlpipe.yaml", ("train.folds=2",)), force=(), watch=Nobody())
    bundles = [next(folder.glob("runs/small/*/bundle")) for folder in (original, tmp_path)]
    one, two = (
        {f.name: f.read_bytes() for f in b.iterdir() if f.name != "manifest.json"} for b in bundles
    )
    assert len(one) >= 7
    assert one == two


def test_differences_are_told_once_and_in_order() -> None:
    old = {
        "a": {"file x": "1", "library numpy": "1", "input b": "8", "python": "3.11"},
        "b": {"file x": "1", "file f.py": "5", "spec seed": 1},
        "gone": {"file y": "1"},
    }
    new = {
        "a": {"file x": "2", "library numpy": "2", "input b": "9", "python": "3.11"},
        "b": {"file x": "2", "file f.py": "6", "spec seed": 2},
    }
    assert list(map(str, between(old, new, ["f.py"]))) == [
        "data: x 1 → 2",
        "code: f.py 5 → 6",
        "spec: seed: 1 → 2",
        "packages: numpy 1 → 2",
    ]
    (one,) = of_specs({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}})
    assert str(one) == "spec: a.c: 2 → 3"


@pytest.mark.parametrize(
    ("by", "equal"), [(0.0, True), (1e-12, True), (1e-10, True), (1e-7, False), (1.0, False)]
)
def test_values_are_compared_within_the_tolerance(tmp_path: Path, by: float, equal: bool) -> None:
    import pandas as pd

    for name, more in (("old", 0.0), ("new", by)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "r.json").write_text(json.dumps({"a": [1.0 + more, True, "x", None]}))
        pd.DataFrame({"x": [0.5 + more, None], "s": ["a", "b"]}).to_parquet(folder / "t.parquet")
    names = ["r.json", "t.parquet"]
    found = unequal(tmp_path / "old", tmp_path / "new", names, None, ())
    assert found == ([] if equal else names)


@pytest.mark.parametrize(
    "other", [{"a": [1.0, 1, "x", None]}, {"a": [1.0, True, "y", None]}, {"b": 1}, [], {"a": [1.0]}]
)
def test_what_is_no_number_must_be_the_same(tmp_path: Path, other: Any) -> None:
    for name, value in (("old", {"a": [1.0, True, "x", None]}), ("new", other)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.json").write_text(json.dumps(value))
    assert unequal(tmp_path / "old", tmp_path / "new", ["r.json"], None, ()) == ["r.json"]


def test_models_are_compared_by_what_they_predict(tmp_path: Path) -> None:
    import copy

    from tests.bundle.samples import fitted
    from tests.train.samples import CLASSES, NUMBERS, rows

    model = fitted("logistic_regression", "binary", NUMBERS, CLASSES)
    near, far = copy.deepcopy(model), copy.deepcopy(model)
    near.pipeline.steps[-1][1].coef_ += 1e-13
    far.pipeline.steps[-1][1].coef_ += 1e-4
    rows(80).to_parquet(tmp_path / "rows.parquet")
    for name, each in (("old", model), ("near", near), ("far", far)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.skops").write_bytes(each.dumps())
    found = {
        name: unequal(
            tmp_path / "old", tmp_path / name, ["model.skops"], tmp_path / "rows.parquet", ()
        )
        for name in ("near", "far")
    }
    assert found == {"near": [], "far": ["model.skops"]}
