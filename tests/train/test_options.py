"""Class weights, early stopping, monotonic constraints and target scales, through the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import Ridge

from mlpipe.bundle.model import Model
from mlpipe.errors import ComputeError, DataError, SpecError
from mlpipe.table.columns import Columns
from mlpipe.train.misfits import misfits
from mlpipe.train.spec import Train
from tests.train.samples import CLASSES, NUMBERS, learn, parts, rows

if TYPE_CHECKING:
    from mlpipe.table.session import Session

KEPT = ({"columns": ["age", "fee"], "steps": [{"keep": {}}]}, CLASSES)
STOPPING = ("hist_gradient_boosting", "lightgbm", "xgboost", "catboost")
ROUNDS = {"hist_gradient_boosting": "max_iter", "catboost": "iterations"}
FEW = {name: {ROUNDS.get(name, "n_estimators"): 15} for name in STOPPING}
WEIGHTED = (*STOPPING, "logistic_regression", "random_forest", "extra_trees", "sgd")


def model_of(found: dict[str, Any]) -> Model:
    return Model.loads(found["model.skops"])


def one(name: str, **parameters: Any) -> dict[str, Any]:
    return {"models": {"m": {"type": name, **FEW.get(name, {}), **parameters}}}


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHTED)
def test_class_weights_by_label(session: Session, name: str) -> None:
    own = {"sgd": {"loss": "log_loss"}, "extra_trees": {"max_depth": 3}}.get(name, {})
    spec = [one(name, **own, **more) for more in ({}, {"class_weight": {"yes": 8}})]
    plain, heavy = (model_of(learn(session, rows(), each)).scores(rows()) for each in spec)
    assert heavy.mean() > plain.mean() + 0.02


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lightgbm", "extra_trees"])
def test_balanced_is_what_the_counts_say(session: Session, name: str) -> None:
    frame = rows()
    frame["target"] = np.where(frame["_row"] % 4 == 0, "yes", "no")
    found = [
        learn(session, frame, one(name, class_weight=each))["model.skops"]
        for each in ("balanced", {"yes": 2.0, "no": 2 / 3})
    ]
    one_, two = (Model.loads(each).scores(frame) for each in found)
    assert np.allclose(one_, two, atol=0.02)


@pytest.mark.parametrize("labels", [(True, False), (1, 0), ("a", "b")])
def test_labels_are_written_as_keys_of_yaml(session: Session, labels: Any) -> None:
    frame = rows()
    frame["target"] = np.where(frame["target"] == "yes", labels[0], labels[1])
    written = str(labels[0]).lower()
    learn(session, frame, one("logistic_regression", class_weight={written: 2}))
    with pytest.raises(SpecError, match="has no class 'other'") as caught:
        learn(session, frame, one("logistic_regression", class_weight={"other": 2}))
    assert caught.value.problems[0].key == "train.models.m.class_weight.other"
    assert written in caught.value.problems[0].hint


@pytest.mark.parametrize("name", STOPPING)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_stopping_looks_at_valid_alone(session: Session, name: str, task: str) -> None:
    """Rows of valid say when to stop, so they change the model; rows of test do not."""
    many = {ROUNDS.get(name, "n_estimators"): 60}
    spec = one(name, **{**many, "early_stopping": 2})
    frame = rows(task=task)
    found = learn(session, frame, spec, task)
    assert found["report"]["fitted_on"] == {"parts": ["train"], "rows": 160, "stopped_by": "valid"}
    assert found["model"]["trained_on"] == found["report"]["fitted_on"]
    assert "stopped when it got no better on these rows" in found["report"]["valid"]["scored_by"]
    other = frame.copy()
    other.loc[200:, "fee"] = 1e6
    assert learn(session, other, spec, task)["model.skops"] == found["model.skops"]
    other = frame.copy()
    other.loc[160:199, "target"] = other["target"][160:200].to_numpy()[::-1]
    assert learn(session, other, spec, task)["model.skops"] != found["model.skops"]


def test_the_features_of_watched_rows_are_fitted_on_the_others(session: Session) -> None:
    """A valid part on another scale moves no mean that is learned."""
    frame = rows()
    frame.loc[160:199, "fee"] *= 1000
    found = learn(session, frame, one("lightgbm", early_stopping="valid"), blocks=(NUMBERS,))
    scaler = model_of(found).pipeline.named_steps["features"].named_steps["encoded"]
    means = [each.mean_ for each in find(scaler, "mean_")]
    assert any(abs(mean[1] - frame["fee"][:160].mean()) < 1 for mean in means if len(mean) > 1)


def find(root: Any, attribute: str) -> list[Any]:
    waiting, found = [root], []
    while waiting:
        here = waiting.pop()
        if hasattr(here, attribute):
            found.append(here)
        if hasattr(here, "transformers_"):
            waiting.extend(each for _, each, _ in here.transformers_)
        if hasattr(here, "steps"):
            waiting.extend(each for _, each in here.steps)
    return found


def test_stopping_needs_a_valid_part_that_does_not_judge(session: Session) -> None:
    spec = one("xgboost", early_stopping="valid")
    with pytest.raises(SpecError, match="there is none") as caught:
        learn(session, rows(), spec, split=parts(240, valid=0))
    assert caught.value.problems[0].key == "train.models.m.early_stopping"
    ((place, message, _),) = misfits(Train.read({**spec, "folds": 0}), "binary")
    assert place == ("models", "m", "early_stopping")
    assert "valid compares" in message
    held_back = one("hist_gradient_boosting", early_stopping=True)
    assert list(misfits(Train.read({**held_back, "folds": 0}), "binary")) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*STOPPING, "random_forest", "decision_tree", "extra_trees"])
def test_a_direction_by_column(session: Session, name: str) -> None:
    blocks = ({"columns": ["age", "fee"], "steps": [{"impute": {}}]}, CLASSES)
    frame = rows()
    spec = one(name, monotonic={"fee": "decreasing"})
    model = model_of(learn(session, frame, spec, blocks=blocks))
    steps = pd.concat([frame.iloc[[0]]] * 40, ignore_index=True).assign(fee=np.linspace(20, 80, 40))
    assert (np.diff(model.scores(steps)) <= 1e-12).all()
    free = model_of(learn(session, frame, one(name), blocks=blocks)).scores(steps)
    assert (np.diff(free) > 1e-9).any()


@pytest.mark.parametrize(
    ("column", "blocks", "says", "hint"),
    [
        ("fe", KEPT, "no feature of the model comes of 'fe'", "did you mean 'fee'?"),
        ("plan", KEPT, "'plan' is a category", ""),
        (
            "fee",
            ({"columns": ["fee"], "steps": [{"impute": {"indicator": True}}]},),
            "not one feature alone: fee, fee__missing",
            "steps: [keep]",
        ),
    ],
)
def test_columns_without_a_direction(
    session: Session, column: str, blocks: Any, says: str, hint: str
) -> None:
    spec = one("lightgbm", monotonic={column: "increasing"})
    with pytest.raises(SpecError) as caught:
        learn(session, rows(), spec, blocks=blocks)
    (problem,) = caught.value.problems
    assert says in problem.message
    assert hint in problem.hint
    assert problem.key == f"train.models.m.monotonic.{column}"


SCALES: list[tuple[Any, Any]] = [
    ("log", (np.log, np.exp)),
    ("log1p", (np.log1p, np.expm1)),
    ("sqrt", (np.sqrt, np.square)),
]


def amounts() -> pd.DataFrame:
    frame = rows(task="regression")
    return frame.assign(target=np.exp(frame["target"]))


@pytest.mark.parametrize(("word", "pair"), SCALES)
def test_a_scale_is_that_of_scikit_learn(session: Session, word: str, pair: Any) -> None:
    frame = amounts()
    blocks = ({"columns": ["age", "paid"], "steps": [{"keep": {}}]},)
    found = learn(session, frame, {**one("ridge"), "target": word}, "regression", blocks=blocks)
    X = frame[["age", "paid"]].astype(float)
    theirs = TransformedTargetRegressor(Ridge(), func=pair[0], inverse_func=pair[1])
    theirs.fit(X[:200], frame["target"][:200])
    ours = model_of(found).scores(frame)
    assert np.allclose(ours, theirs.predict(X), rtol=1e-9)
    errors = found["out_of_fold"]["prediction"] - frame["target"][:160]
    assert found["report"]["score"] < 3 * np.sqrt((errors**2).mean())
    assert found["out_of_fold"]["truth"].tolist() == frame["target"][:160].tolist()


@pytest.mark.parametrize("written", ["quantile", {"quantile": "uniform"}, {"quantile": {}}])
def test_ranks_stay_within_what_was_seen(session: Session, written: Any) -> None:
    frame = amounts()
    found = learn(session, frame, {**one("lightgbm"), "target": written}, "regression")
    scores = model_of(found).scores(frame)
    assert frame["target"].min() <= scores.min() < scores.max() <= frame["target"].max()


@pytest.mark.parametrize("name", ["xgboost", "hist_gradient_boosting", "lasso"])
def test_a_scale_survives_the_bundle(session: Session, name: str) -> None:
    stop = {"early_stopping": 3} if name in STOPPING else {}
    spec = {**one(name, **stop), "target": "log"}
    found = [learn(session, amounts(), spec, "regression", jobs=jobs) for jobs in (1, 2)]
    assert found[0]["model.skops"] == found[1]["model.skops"]
    again = model_of(found[0])
    assert again.dumps() == found[0]["model.skops"]
    assert (again.scores(amounts()) > 0).all()


@pytest.mark.parametrize(
    ("word", "value", "needs"),
    [("log", 0.0, "above 0"), ("log1p", -1.0, "-1"), ("sqrt", -0.1, "0")],
)
def test_values_without_a_place_on_the_scale(
    session: Session, word: str, value: float, needs: str
) -> None:
    frame = amounts()
    frame.loc[[3, 170], "target"] = value
    with pytest.raises(DataError, match=r"2 rows \(rows 3, 170\)") as caught:
        learn(session, frame, {**one("ridge"), "target": word}, "regression")
    assert needs in caught.value.problems[0].message
    assert caught.value.problems[0].key == "train.target"
    frame = amounts()
    frame.loc[210, "target"] = value  # a row of test is nobody's business here
    learn(session, frame, {**one("ridge"), "target": word}, "regression")


def test_a_scale_is_for_regression() -> None:
    ((place, message, _),) = misfits(Train.read({"target": "log"}), "binary")
    assert place == ("target",)
    assert "for regression" in message


COUNTS: dict[str, dict[str, Any]] = {
    "lightgbm": {"objective": "poisson"},
    "xgboost": {"objective": "count:poisson"},
    "catboost": {"loss_function": "Poisson"},
}


@pytest.mark.parametrize("name", COUNTS)
def test_what_a_library_refuses_is_told_of_the_candidate(session: Session, name: str) -> None:
    """Counts below 0, and nothing but a constant: the libraries raise errors of their own."""
    frame = rows(task="regression").assign(age=1)
    blocks = ({"columns": ["age"], "steps": [{"keep": {}}]},)
    spec = one(name, **COUNTS[name])
    with pytest.raises(ComputeError, match=f"m cannot be fitted: {name} says: ") as caught:
        learn(session, frame, spec, "regression", blocks=blocks)
    assert caught.value.problems[0].key == "train.models.m"


@pytest.mark.parametrize(("name", "loss"), COUNTS.items())
def test_counts_are_predicted_in_their_own_units(session: Session, name: str, loss: Any) -> None:
    frame = amounts()
    found = learn(session, frame, one(name, **loss), "regression")
    ours = model_of(found).scores(frame)
    # The sum of logarithms would be 0 or less in every other row.
    assert ours.min() > 0
    assert ours.mean() > np.log(frame["target"]).mean() + 1
    assert np.corrcoef(ours, frame["target"])[0, 1] > 0.5


@pytest.mark.parametrize("name", STOPPING[1:])
def test_row_weights_reach_boosters(session: Session, name: str) -> None:
    frame = rows()
    frame["w"] = np.where(frame["target"] == "yes", 9.0, 1.0)
    columns = Columns.read({"target": "target", "weight": "w"})
    heavy = model_of(learn(session, frame, one(name), columns=columns)).scores(frame)
    assert heavy.mean() > model_of(learn(session, frame, one(name))).scores(frame).mean() + 0.02


def test_many_classes_of_margins_are_calibrated(session: Session) -> None:
    spec = one("linear_svc")
    with pytest.raises(SpecError, match="no probabilities") as caught:
        learn(session, rows(task="multiclass"), spec, "multiclass")
    assert "calibrate" in caught.value.problems[0].hint
    found = learn(session, rows(task="multiclass"), {**spec, "calibrate": "sigmoid"}, "multiclass")
    assert np.allclose(model_of(found).scores(rows()).sum(axis=1), 1)
