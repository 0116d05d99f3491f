"""``--add-trials``: the longer search, byte for byte what it would have been from the start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from tests.project import SPEC, mlpipe, run_json, statuses, write_project

if TYPE_CHECKING:
    from pathlib import Path

SPACE = """\
    space:
      linear.C: {log_uniform: [0.001, 10]}
      boosted.max_leaf_nodes: {integers: [3, 12]}
"""
GRID = """\
    space:
      linear.C: [0.01, 0.1, 3, 10]
"""


def spec(method: str, trials: int | None, space: str = SPACE, more: str = "") -> str:
    count = "" if trials is None else f"    trials: {trials}\n"
    search = f"  search:\n    method: {method}\n{count}{space}{more}  folds: 3\n"
    boosted = "    boosted: {type: hist_gradient_boosting, max_iter: 3}\n"
    return SPEC.replace("  folds: 3\n", boosted + search)


def project(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    return write_project(folder, rows=200, spec=text)


def artifact(folder: Path) -> dict[str, Any]:
    """Return the manifest of the train artifact of the latest run, and its trials."""
    home = folder / "runs" / "small"
    run = home / (home / "latest").read_text().strip()
    found: dict[str, Any] = json.loads((run / "train" / "manifest.json").read_text())
    trials = json.loads((run / "train" / "trials.json").read_text())["trials"]
    return {**found, "run": json.loads((run / "run.json").read_text()), "trials": trials,
            "path": run}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "space", "first"), [("random", SPACE, 5), ("optuna", SPACE, 5), ("grid", GRID, 4)]
)
def test_the_longer_search_is_that_of_a_clean_store(
    tmp_path: Path, method: str, space: str, first: int
) -> None:
    short = project(tmp_path / "short", spec(method, first, space))
    run_json(short, "train")
    before = artifact(short)
    done = mlpipe(short, "train", "--add-trials", "2")
    assert done.returncode == 0, done.stderr
    said = f"train.search.trials: {first} → {first + 2}; write trials: {first + 2} to keep it"
    assert said in done.stderr
    long = artifact(short)
    fresh = project(tmp_path / "fresh", spec(method, first + 2, space))
    run_json(fresh, "train")
    anew = artifact(fresh)
    assert (long["digest"], long["files"]) == (anew["digest"], anew["files"])
    assert long["key"] == anew["key"]
    assert long["trials"][:first] == before["trials"]
    assert len(long["trials"]) == first + 2
    # Only the new trials took any time.
    assert set(before["run"]["times"]["train"]) == {str(n) for n in range(first)}
    assert set(long["run"]["times"]["train"]) == {str(first), str(first + 1)}
    assert set(anew["run"]["times"]["train"]) == {str(n) for n in range(first + 2)}
    assert long["run"]["request"]["overrides"] == [f"train.search.trials={first + 2}"]
    assert f"-S train.search.trials={first + 2}" in long["run"]["command"]
    assert "trials were known from a search before" in done.stdout


@pytest.mark.slow
def test_a_forced_step_takes_nothing_over(tmp_path: Path) -> None:
    folder = project(tmp_path, spec("random", 4))
    run_json(folder, "train")
    forced = mlpipe(folder, "train", "-S", "train.search.trials=5", "--force", "train")
    assert forced.returncode == 0, forced.stderr
    assert set(artifact(folder)["run"]["times"]["train"]) == set("01234")


@pytest.mark.slow
def test_another_space_takes_nothing_over(tmp_path: Path) -> None:
    """The negative control: what is known of one search says nothing of another."""
    folder = project(tmp_path, spec("random", 4))
    run_json(folder, "train")
    (folder / "mlpipe.yaml").write_text(spec("random", 5, SPACE.replace("12", "13")))
    run_json(folder, "train")
    assert set(artifact(folder)["run"]["times"]["train"]) == set("01234")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "first", "options", "said"),
    [
        (SPEC, False, (), "there is no search to add trials to"),
        (spec("random", 4), False, (), "there is no finished search of small in runs"),
        (spec("halving", 6), True, (), "halving cannot be continued"),
        (spec("grid", None, GRID), True, (), "all 6 points of the grid are tried"),
        (spec("random", 4), True, ("-S", "train.search.trials=9"), "says another number"),
    ],
)
def test_what_cannot_be_continued(
    tmp_path: Path, text: str, first: bool, options: tuple[str, ...], said: str
) -> None:
    folder = project(tmp_path, text)
    if first:
        assert run_json(folder, "train")["exit_code"] == 0
    before = sorted(path.name for path in (folder / "runs").glob("small/*"))
    done = mlpipe(folder, "train", "--add-trials", "3", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in (folder / "runs").glob("small/*")) == before


@pytest.mark.slow
def test_verbs_that_train_nothing_have_no_such_option(tmp_path: Path) -> None:
    for verb in ("ingest", "featurize", "validate"):
        assert mlpipe(tmp_path, verb, "--add-trials", "3").returncode == 2
        assert "--add-trials" not in mlpipe(tmp_path, verb, "--help").stdout
    for verb in ("train", "evaluate", "run"):
        assert "--add-trials" in mlpipe(tmp_path, verb, "--help").stdout


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose search with Optuna has been evaluated."""
    folder = project(tmp_path_factory.mktemp("searched") / "a", spec("optuna", 8))
    document = run_json(folder, "evaluate")
    assert statuses(document)["train"] == "computed", document
    return folder


def test_the_answer_has_the_best_trials_and_yaml_to_paste(finished: Path) -> None:
    found = run_json(finished, "runs", "show")["result"]["answer"]["search"]
    assert (found["method"], found["trials"], found["fitted"]) == ("optuna", 8, 8)
    assert len(found["top"]) == 8
    assert all(row["seconds"] > 0 for row in found["top"])
    shown = mlpipe(finished, "runs", "show").stdout
    assert "optuna search: the best 8 of 8 trials" in shown
    assert "is partly luck" in shown
    assert "as written" in shown
    assert "spread of the means" in shown
    if found["params"]:
        pasted = shown[shown.index("train:\n") :]
        assert pasted.splitlines()[1:3][0] == "  models:"
        ((name, model),) = found["yaml"]["train"]["models"].items()
        assert f"    {name}:\n      type: {model['type']}\n" in pasted
    page = (artifact(finished)["path"] / "report.html").read_text()
    assert "<h3>Search" in page
    assert "8 trials" in page


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_optuna_opens_the_storage_of_the_run(finished: Path) -> None:
    found = artifact(finished)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(found["path"] / "optuna.journal")))
    for name in ("linear", "boosted"):
        study = optuna.load_study(study_name=name, storage=storage)
        mine = {row["trial"]: row for row in found["trials"] if row["candidate"] == name}
        kept = {trial.user_attrs["trial"]: trial for trial in study.trials}
        # The boosted model as it is written, 31 leaves, is outside of the space.
        assert kept.keys() == {n for n in mine if mine[n]["params"] or name == "linear"}
        for number, trial in kept.items():
            assert trial.value == mine[number]["mean"]
            assert mine[number]["params"] in ({}, trial.params)
            assert trial.user_attrs["seconds"] > 0
        assert study.best_value == max(trial.value for trial in kept.values())


def test_no_digested_file_holds_a_time(finished: Path) -> None:
    found = artifact(finished)
    assert "optuna.journal" not in found["files"]
    assert {"trials.json", "model.skops"} <= found["files"].keys()
    for path in (found["path"] / "train").iterdir():
        assert b"seconds" not in path.read_bytes() or path.name == "manifest.json"
