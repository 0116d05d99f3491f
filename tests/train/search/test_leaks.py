"""Nothing of a held-out fold reaches a fit of the search: planted leaks, and their controls.

A sentinel in front of the features notes which rows they are fitted on. The negative controls fit
the features on rows that they must not see, and the same assertions have to notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

from mlpipe.features.pipeline import build as features
from mlpipe.table.folds import fold_pairs
from mlpipe.train import ensemble, pipeline
from tests.train.samples import learn, parts, rows, teaching

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.table.session import Session

SEARCH: dict[str, Any] = {
    "random": {"method": "random", "trials": 4},
    "grid": {"method": "grid", "trials": 4},
    "halving": {"method": "halving", "trials": 5},
    "optuna": {"method": "optuna", "trials": 4},
}
KINDS = ("rows", "groups", "time")


class Sentinel(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Passes rows on, and notes those that it is fitted on and those that it is asked for."""

    fitted: ClassVar[list[list[int]]] = []
    asked: ClassVar[list[list[int]]] = []

    def fit(self, X: Any, y: Any = None) -> Sentinel:
        Sentinel.fitted.append(X.index.tolist())
        return self

    def transform(self, X: Any) -> Any:
        Sentinel.asked.append(X.index.tolist())
        return X

    def get_feature_names_out(self, names: Any = None) -> Any:
        return names


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> type[Sentinel]:
    """Put the sentinel before the features of every fit."""
    Sentinel.fitted, Sentinel.asked = [], []

    def build(plan: Any, model: str, seed: int) -> Any:
        made = features(plan, model, seed)
        return Pipeline([("sentinel", Sentinel()), *made.steps])

    monkeypatch.setattr(pipeline, "build", build)
    return Sentinel


def leak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit the features on every row there is, as a preprocessing before the split would."""

    def leaking(name: str, model: Any, on: Any, data: Any, plan: Any, seed: int) -> Any:
        made = pipeline.build(plan, name, seed)
        made.fit(data.frame, data.y)
        estimator = model.build(data.task, seed)
        estimator.fit(made.transform(data.frame.iloc[on]), data.y[on])
        return Pipeline([("features", made), ("model", estimator)])

    monkeypatch.setattr(ensemble, "fit_pipeline", leaking)


def split(kind: str, count: int = 240) -> tuple[pd.DataFrame, str, int]:
    made = parts(count)
    train = made["part"] == "train"
    if kind == "groups":  # rows of a group are neighbours
        made["fold"] = np.where(train, made["_row"] // 8 % 3, -1)
    if kind == "time":
        made["fold"] = np.where(train, made["_row"] // 40, -1)
        return teaching(made), "expanding", 3
    return made, "crossed", 3


def searched(session: Session, method: str, kind: str, frame: pd.DataFrame, **more: Any) -> Any:
    made, folds_kind, folds = split(kind, len(frame))
    space = {"linear.C": [0.1, 0.3, 2.0, 5.0]}
    spec = {"models": {"linear": "logistic_regression"}, "search": {
        **SEARCH[method], "space": space}}  # fmt: skip
    return learn(session, frame, spec, split=made, kind=folds_kind, folds=folds, jobs=1, **more)


def check_no_leak(kind: str, fits: list[list[int]], asked: list[list[int]]) -> None:
    """Every fit of a trial saw rows that its fold may learn from, and none that it is scored on.

    ``fits`` holds the rows of each fit of the features, ``asked`` those of each transform.
    """
    made, folds_kind, count = split(kind)
    train = made[made["part"] == "train"]
    pairs = list(fold_pairs(
        train["fold"].to_numpy(), folds_kind, count, train["teaches"].to_numpy()))  # fmt: skip
    trials, last = fits[:-2], fits[-2:]
    assert len(trials) >= 12
    for number, seen in enumerate(trials):
        on, score = (set(rows.tolist()) for rows in pairs[number % count])
        assert set(seen) <= on
        assert not set(seen) & score
        assert score in [set(rows) for rows in asked]
        if kind == "time":
            assert max(seen) < min(score)
        if kind == "groups":
            assert not {row // 8 for row in seen} & {row // 8 for row in score}
    assert [len(seen) for seen in last] == [160, 200]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", SEARCH)
def test_features_are_fitted_inside_each_fold(
    session: Session, watched: type[Sentinel], method: str, kind: str
) -> None:
    searched(session, method, kind, rows())
    check_no_leak(kind, watched.fitted, watched.asked)


@pytest.mark.parametrize("kind", KINDS)
def test_features_fitted_before_the_folds_are_noticed(
    session: Session, watched: type[Sentinel], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The negative control of the sentinel."""
    leak(monkeypatch)
    searched(session, "random", kind, rows())
    with pytest.raises(AssertionError):
        check_no_leak(kind, watched.fitted, watched.asked)


TARGETS = ({"columns": ["plan"], "steps": [{"target_encode": {"smooth": 0.0}}]},)


def noise() -> pd.DataFrame:
    """A target that nothing tells, and a column of so many levels that its mean betrays it."""
    random = np.random.default_rng(5)
    frame = rows(600)
    frame["target"] = random.choice(["no", "yes"], 600)
    frame["plan"] = [f"level {each}" for each in random.integers(0, 150, 600)]
    return frame


def best(session: Session, method: str, kind: str) -> float:
    found = searched(session, method, kind, noise(), blocks=TARGETS)
    return max(row["mean"] for row in found["trials"]["trials"] if row["mean"] is not None)


@pytest.mark.parametrize("method", SEARCH)
def test_a_statistic_of_the_target_tells_nothing_of_held_out_rows(
    session: Session, method: str
) -> None:
    assert best(session, method, "rows") < 0.62


def test_such_a_statistic_of_all_rows_tells_them(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the encoder knows the targets of the rows that it is scored on."""
    leak(monkeypatch)
    assert best(session, "random", "rows") > 0.75
