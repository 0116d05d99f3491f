"""Permutation importance: grouped by raw column, with its spread, as the spec asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score

from mlpipe.metrics.scores import METRICS
from mlpipe.train.asked import Permutations
from mlpipe.train.fit import Data
from mlpipe.train.importance import by_raw_column, importance
from mlpipe.train.spec import Train
from tests.bundle.samples import fitted
from tests.train.samples import learn, parts, plan, rows

if TYPE_CHECKING:
    from mlpipe.bundle.model import Model
    from mlpipe.table.session import Session

NAMES = ["age", "fee", "plan", "paid"]
ALONE = {name: [name] for name in NAMES}


def measured(
    model: Model, frame: pd.DataFrame, groups: dict[str, list[str]] = ALONE, **spec: Any
) -> dict[str, dict[str, Any]]:
    y = (frame["target"] == "yes").to_numpy().astype(int)
    names = [name for members in groups.values() for name in members]
    data = Data(frame[names], y, None, "binary", 2)
    found = importance(
        model, data, np.arange(len(frame)), METRICS["roc_auc"], 1,
        spec=Permutations(**spec), groups=groups,
    )  # fmt: skip
    return {each["column"]: each for each in found}


def test_it_is_what_scikit_learn_finds() -> None:
    model, frame = fitted("logistic_regression", "binary"), rows(600, seed=2)
    ours = measured(model, frame, repeats=30)
    y = (frame["target"] == "yes").to_numpy()

    def scorer(_: Any, X: pd.DataFrame, true: Any) -> float:
        return float(roc_auc_score(true, model.scores(X)))

    theirs = permutation_importance(
        model.pipeline, frame[NAMES], y, scoring=scorer, n_repeats=30, random_state=3
    )
    for at, name in enumerate(NAMES):
        spread = theirs.importances_std[at]
        assert ours[name]["value"] == pytest.approx(theirs.importances_mean[at], abs=spread + 1e-9)
        assert ours[name]["std"] == pytest.approx(spread, rel=0.6, abs=1e-3)


def test_columns_of_a_group_are_shuffled_in_one_order() -> None:
    """Two copies of a column shuffled alike stay copies: the model sees what it knows."""
    frame = rows(400)
    frame["copy"] = frame["fee"]

    class Both:
        def scores(self, given: pd.DataFrame) -> Any:
            apart = (given["fee"] - given["copy"]).abs().fillna(0.0)
            assert (apart == 0).all()
            return given["fee"].fillna(50).to_numpy()

    groups = {"fee": ["fee", "copy"], "age": ["age"]}
    found = measured(Both(), frame, groups)  # type: ignore[arg-type]
    assert found["fee"]["value"] > 0.1
    assert found["fee"]["columns"] == ["fee", "copy"]
    assert found["age"]["value"] == pytest.approx(0, abs=1e-12)


def test_what_looks_back_belongs_to_its_column() -> None:
    lag = {"name": "fee_lag1", "column": "fee", "does": "lag", "rows": 1, "kind": "number"}
    of_target = {**lag, "name": "target_lag1", "column": "target"}
    planned = plan({"m": "linear"}, look_back=[lag, of_target])
    names = ["age", "fee", "fee_lag1", "target_lag1"]
    assert by_raw_column(planned, names) == {
        "age": ["age"],
        "fee": ["fee", "fee_lag1"],
        "target": ["target_lag1"],
    }


def test_rows_and_repeats_are_those_asked_for() -> None:
    seen: list[int] = []

    class Counts:
        def scores(self, given: pd.DataFrame) -> Any:
            seen.append(len(given))
            return given["fee"].fillna(50).to_numpy()

    found = measured(Counts(), rows(200), {"fee": ["fee"]}, rows=50, repeats=4)  # type: ignore[arg-type]
    assert seen == [50, 200]
    assert found["fee"]["std"] is not None
    seen.clear()
    measured(Counts(), rows(200), {"fee": ["fee"]}, repeats=1, rows=5000)  # type: ignore[arg-type]
    assert seen == [200, 200]


def test_many_rows_are_shuffled_a_few_at_a_time() -> None:
    seen: list[int] = []

    class Counts:
        def scores(self, given: pd.DataFrame) -> Any:
            seen.append(len(given))
            return given["fee"].fillna(50).to_numpy()

    frame = pd.concat([rows(200)] * 40, ignore_index=True)
    measured(Counts(), frame, {"fee": ["fee"]}, rows=8000, repeats=5)  # type: ignore[arg-type]
    assert seen == [8000, 16000, 16000, 8000]


def test_one_repeat_has_no_spread() -> None:
    found = measured(fitted("logistic_regression", "binary"), rows(), repeats=1)
    assert {each["std"] for each in found.values()} == {None}


def test_the_report_has_it_as_the_spec_asks(session: Session) -> None:
    split = parts(400, valid=150)
    plain = learn(session, rows(400), split=split)["report"]
    assert [set(each) for each in plain["importance"]] == [
        {"column", "columns", "value", "std"}
    ] * 4
    without = learn(session, rows(400), _asked(importance=False), split=split)["report"]
    assert (without["importance"], without["importance_on"]) == ([], None)
    more = learn(session, rows(400), _asked(importance={"repeats": 20}), split=split)["report"]
    assert more["importance"] != plain["importance"]
    assert [each["column"] for each in more["importance"]][:2] == ["fee", "plan"]


def _asked(**more: Any) -> dict[str, Any]:
    return {"models": {"linear": {"type": "logistic_regression"}}, **more}


@pytest.mark.parametrize("wrong", [True, {"rows": 2}, {"repeats": 0}, {"columns": 3}, "no"])
def test_what_it_cannot_be(wrong: Any) -> None:
    with pytest.raises(ValueError, match="importance"):
        Train.read({"importance": wrong})
