"""The search inside the train step: against scikit-learn, whatever the processes, known or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from mlpipe.bundle.model import Model
from mlpipe.errors import ComputeError
from mlpipe.features.pipeline import build
from mlpipe.train.search import fits
from tests.train.samples import learn, plan, rows

if TYPE_CHECKING:
    from mlpipe.table.session import Session

MODELS = {"linear": "logistic_regression"}
PAIR = {**MODELS, "boosted": {"type": "hist_gradient_boosting", "max_iter": 3}}
SPACE = {
    "linear.C": {"log_uniform": [0.01, 10]},
    "boosted.learning_rate": {"uniform": [0.05, 0.5]},
    "boosted.max_leaf_nodes": {"integers": [3, 12]},
}
LISTS = {"linear.C": [0.01, 1.0, 10.0], "boosted.max_leaf_nodes": {"integers": [3, 5]}}
METHODS: dict[str, Any] = {
    "random": {"method": "random", "trials": 8, "space": SPACE},
    "grid": {"method": "grid", "space": LISTS},
    "halving": {"method": "halving", "trials": 8, "space": SPACE},
    "iterations": {
        "method": "halving",
        "resource": "iterations",
        "trials": 8,
        "space": {key: each for key, each in SPACE.items() if key.startswith("boosted")},
    },
    "optuna": {"method": "optuna", "trials": 8, "batch": 3, "space": SPACE},
}
OUTPUTS = ("model.skops", "model", "candidates", "report", "trials")


def same(one: dict[str, Any], two: dict[str, Any]) -> None:
    for name in OUTPUTS:
        assert one[name] == two[name], name
    for name in ("out_of_fold", "valid"):
        assert one[name].equals(two[name]), name


def test_a_grid_is_that_of_scikit_learn(session: Session) -> None:
    """The oracle: GridSearchCV over the whole pipeline on the same folds."""
    frame = rows()
    space = {"linear.C": [0.01, 1, 30], "linear.l1_ratio": [0.0, 0.5]}
    search = {"method": "grid", "space": space}
    found = learn(session, frame, {"models": MODELS, "search": search})["trials"]["trials"]
    train = frame[:160]
    folds = [
        (np.flatnonzero(train["_row"] % 3 != n), np.flatnonzero(train["_row"] % 3 == n))
        for n in range(3)
    ]
    for l1_ratio, solver in ((0.0, "lbfgs"), (0.5, "saga")):
        features = build(plan({"linear": "linear"}), "linear", 7)
        model = LogisticRegression(solver=solver, l1_ratio=l1_ratio, max_iter=1000, random_state=7)
        theirs = GridSearchCV(
            Pipeline([("features", features), ("model", model)]),
            {"model__C": [0.01, 1, 30]},
            scoring="roc_auc",
            cv=folds,
            refit=False,
        ).fit(train, train["target"] == "yes")
        mine = [row for row in found if row["params"].get("l1_ratio") == l1_ratio]
        assert [row["params"]["C"] for row in mine] == [0.01, 1, 30]
        for fold in range(3):
            values = [row["folds"][fold]["value"] for row in mine]
            assert np.allclose(values, theirs.cv_results_[f"split{fold}_test_score"], atol=1e-12)
        means = [row["mean"] for row in mine]
        assert np.allclose(means, theirs.cv_results_["mean_test_score"], rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_processes_and_repetition_change_no_byte(session: Session, method: str) -> None:
    spec = {"models": PAIR, "search": METHODS[method]}
    one, two = (learn(session, rows(), spec, jobs=jobs) for jobs in (1, 2))
    same(one, two)


@pytest.mark.parametrize(
    ("method", "calibrate"), [*((method, "none") for method in METHODS), ("random", "isotonic")]
)
def test_what_is_known_is_not_fitted_and_changes_nothing(
    session: Session, method: str, calibrate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {"models": PAIR, "search": METHODS[method], "calibrate": calibrate}
    fresh = learn(session, rows(), spec, jobs=1)
    trials = fresh["trials"]["trials"]
    fitted: list[int] = []
    run = fits.run
    monkeypatch.setattr(fits, "run", lambda f, *a, **o: fitted.append(len(f)) or run(f, *a, **o))
    for known in (trials[:4], json.loads(json.dumps(trials))):
        fitted.clear()
        same(learn(session, rows(), spec, jobs=1, earlier=known), fresh)
        if len(known) == len(trials) and method not in ("halving", "iterations"):
            assert sum(fitted) == 3  # the scores of the winner alone, which no record holds


def test_the_winner_is_what_its_own_spec_gives(session: Session) -> None:
    """Written as the search prints it, the winner is the same model, to the byte."""
    models = {**PAIR, "linear": {"type": "logistic_regression", "C": 1e-4, "l1_ratio": 0.1}}
    found = learn(session, rows(), {"models": models, "search": METHODS["random"]})
    search = found["report"]["search"]
    assert search["params"]
    chosen = found["report"]["chosen"]
    written = {"models": search["yaml"]["train"]["models"]}
    alone = learn(session, rows(), written)
    assert alone["model.skops"] == found["model.skops"]
    assert alone["out_of_fold"].equals(found["out_of_fold"])
    assert alone["report"]["score"] == found["report"]["score"]
    (entry,) = [e for e in found["candidates"]["models"] if e["name"] == chosen]
    assert search["params"].items() <= entry["params"].items()
    assert Model.loads(found["model.skops"]).feature_names()


@pytest.mark.parametrize("method", METHODS)
def test_the_record_of_a_search(session: Session, method: str) -> None:
    found = learn(session, rows(), {"models": PAIR, "search": METHODS[method]}, jobs=1)
    record, report = found["trials"]["trials"], found["report"]["search"]
    json.dumps([record, report], allow_nan=False)
    assert [row["trial"] for row in record] == list(range(len(record)))
    assert [row["candidate"] for row in record[:2]] == ["linear", "boosted"]
    assert all(not row["params"] and row["share"] == 1 for row in record[:2])
    assert report["trials"] == len(record)
    full = [row for row in record if row["share"] == 1]
    best = max(full, key=lambda row: (row["mean"], -row["trial"]))
    assert (report["best"], report["params"]) == (best["trial"], best["params"])
    assert found["report"]["score"] == best["mean"]
    assert [row["mean"] for row in report["top"]] == sorted(
        (row["mean"] for row in full), reverse=True
    )[:10]
    assert "optimistic" in report["note"]
    assert "trials" not in json.dumps(learn(session, rows(), {"models": PAIR})["report"])
    for row in record:
        values = [fold["value"] for fold in row["folds"]]
        assert row["mean"] == pytest.approx(np.mean(values))
        assert row["std"] == pytest.approx(np.std(values, ddof=1))


def test_each_candidate_is_shown_at_its_best(session: Session) -> None:
    found = learn(session, rows(), {"models": PAIR, "search": METHODS["optuna"]})
    record = found["trials"]["trials"]
    for entry in found["candidates"]["models"]:
        mine = [row["mean"] for row in record if row["candidate"] == entry["name"]]
        assert entry["mean"] == max(mine)


def test_out_of_fold_predictions_are_those_of_the_winner(session: Session) -> None:
    found = learn(session, rows(), {"models": PAIR, "search": METHODS["random"]})
    oof, best = found["out_of_fold"], found["report"]["search"]["best"]
    for fold in found["trials"]["trials"][best]["folds"]:
        of = oof[oof["_row"] % 3 == fold["fold"] - 1]
        assert fold["value"] == pytest.approx(roc_auc_score(of["truth"], of["score"]), abs=1e-12)


def test_a_search_never_ends_below_what_was_written(session: Session) -> None:
    """Where all that is tried is worse, the candidate stays as it is, and the note says so."""
    space = {"linear.C": {"log_uniform": [1e-9, 1e-8]}}
    for method in ("random", "halving"):
        search = {"method": method, "trials": 5, "space": space}
        found = learn(session, rows(), {"models": MODELS, "search": search})
        plain = learn(session, rows(), {"models": MODELS})
        assert found["report"]["search"]["best"] == 0
        assert "no other parameters were better" in found["report"]["search"]["note"]
        assert found["model.skops"] == plain["model.skops"]


def test_halving_drops_the_worse_and_keeps_the_best(session: Session) -> None:
    space = {"linear.C": {"log_uniform": [1e-9, 1.0]}}
    search = {"method": "halving", "trials": 10, "factor": 3, "space": space}
    models = {"linear": {"type": "logistic_regression", "C": 1e-9}}
    spec = {"models": models, "select": "log_loss", "search": search}
    found = learn(session, rows(600), spec)
    record = found["trials"]["trials"]
    lasted = [len(row["rungs"]) for row in record[1:]]
    assert sorted(lasted, reverse=True) == [3, 2, 2, 1, 1, 1, 1, 1, 1]
    assert [rung["share"] for rung in max(record, key=lambda r: len(r["rungs"]))["rungs"]] == [
        pytest.approx(share) for share in (1 / 9, 1 / 3, 1)
    ]
    assert sum(row["fits"] for row in record) == 3 * (1 + 9 + 3 + 1)
    best = record[found["report"]["search"]["best"]]
    assert best["params"]["C"] == max(row["params"].get("C", 0) for row in record)


def test_the_same_parameters_are_fitted_once(session: Session) -> None:
    search = {"method": "random", "trials": 12, "space": {"linear.C": [1.0, 2.0]}}
    found = learn(session, rows(), {"models": MODELS, "search": search})
    record = found["trials"]["trials"]
    assert sum(row["fits"] for row in record) == 6
    repeated = [row for row in record if row["same_as"] is not None]
    assert found["report"]["search"]["repeated"] == len(repeated) == 10
    for row in repeated:
        assert row["folds"] == record[row["same_as"]]["folds"]


def test_a_trial_that_cannot_be_fitted_is_noted(session: Session) -> None:
    models = {"knn": {"type": "sklearn.neighbors.KNeighborsClassifier", "n_neighbors": 9}}
    search = {"method": "grid", "space": {"knn.n_neighbors": [5, 500, 600]}}
    found = learn(session, rows(), {"models": models, "search": search})
    good, bad = found["trials"]["trials"][1], found["trials"]["trials"][2]
    assert good["mean"] is not None
    assert bad["mean"] is None
    assert "n_neighbors = 500" in bad["error"]
    assert bad["error"] == bad["folds"][0]["why"]
    assert found["report"]["search"]["failed"] == 2
    (said,) = [each for each in found["report"]["warnings"] if "could not be fitted" in each]
    assert said.startswith("knn: 2 of 4 trials could not be fitted: trial 2: ")
    written = {"knn": {**models["knn"], "n_neighbors": 500}}
    with pytest.raises(ComputeError, match="n_neighbors = 500"):
        learn(session, rows(), {"models": written, "search": search})


@pytest.mark.parametrize(("select", "wanted"), [("roc_auc", max), ("log_loss", min)])
def test_the_metric_that_selects_is_that_of_the_spec(
    session: Session, select: str, wanted: Any
) -> None:
    for method in ("random", "optuna"):
        spec = {"models": PAIR, "search": METHODS[method], "select": select}
        found = learn(session, rows(), spec)
        assert found["report"]["score"] == wanted(r["mean"] for r in found["trials"]["trials"])


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks(session: Session, task: str) -> None:
    key = "linear.alpha" if task == "regression" else "linear.C"
    for method in ("halving", "optuna"):
        search = {"method": method, "trials": 6, "space": {key: {"log_uniform": [0.01, 10]}}}
        models = {"linear": "ridge" if task == "regression" else "logistic_regression"}
        found = learn(session, rows(task=task), {"models": models, "search": search}, task=task)
        assert len(found["trials"]["trials"]) == 6


@pytest.mark.slow
def test_valid_and_test_are_not_looked_at(session: Session) -> None:
    frame = rows()
    other = frame.copy()
    other.loc[160:, "fee"] = 1e6
    other.loc[160:, "target"] = np.where(other.loc[160:, "age"] > 40, "yes", "no")
    for method in ("halving", "optuna"):
        spec = {"models": PAIR, "search": METHODS[method]}
        one, two = learn(session, frame, spec), learn(session, other, spec)
        assert one["trials"] == two["trials"]
        assert one["report"]["search"] == two["report"]["search"]
        assert one["valid"]["truth"].tolist() != two["valid"]["truth"].tolist()


@pytest.mark.parametrize("method", ["grid", "iterations"])
def test_progress_counts_every_fit_and_every_known_one(session: Session, method: str) -> None:
    spec = {"models": PAIR, "search": METHODS[method]}
    told: list[tuple[int, int, str]] = []
    found = learn(session, rows(), spec, jobs=1, on_progress=lambda *each: told.append(each))
    record = found["trials"]["trials"]
    assert [done for done, _, _ in told] == list(range(1, told[0][1] + 1))
    evaluations = sum(len(row["rungs"]) for row in record)
    assert {total for _, total, _ in told} == {3 * evaluations + 2}
    assert told[0][2] == f"trial 0 of {len(record) - 1}: linear, fold 1 of 3"
    again: list[tuple[int, int, str]] = []
    watch = {"on_progress": lambda *each: again.append(each)}
    learn(session, rows(), spec, jobs=1, earlier=record, **watch)
    assert len(again) == len(told)


def test_the_time_of_each_trial_is_told_and_kept_out_of_the_outputs(session: Session) -> None:
    times: dict[int, float] = {}
    spec = {"models": PAIR, "search": METHODS["random"]}
    found = learn(session, rows(), spec, on_time=times.__setitem__)
    assert set(times) == set(range(8))
    assert min(times.values()) > 0
    assert "seconds" not in json.dumps([found[name] for name in OUTPUTS if name != "model.skops"])
