import numpy as np
import pandas as pd
import pytest

from mlpipe.evaluate.naive import known_before, naive
from mlpipe.metrics.baseline import Baseline
from mlpipe.table.columns import Columns

HOURS = pd.date_range("2026-01-01", periods=6, freq="h")
FRAME = pd.DataFrame({"_row": range(6), "hour": HOURS, "y": [1.0, 2, 3, 4, 5, 6]})


def test_the_latest_value_by_row() -> None:
    known = known_before(FRAME, Columns.read({"time": "hour", "target": "y"}))
    np.testing.assert_array_equal(known, [np.nan, 1, 2, 3, 4, 5])
    ahead = Columns.read({"time": "hour", "target": {"name": "y", "horizon": "3h"}})
    np.testing.assert_array_equal(known_before(FRAME, ahead), [np.nan] * 3 + [1, 2, 3])


@pytest.mark.parametrize("columns", [{"target": "y"}, {"target": "y", "time": "_row"}])
def test_without_times_nothing_is_known_before(columns: dict[str, str]) -> None:
    assert known_before(FRAME, Columns.read(columns)) is None


def naive_of(train: list[float], *latest: float) -> Baseline:
    """Return the baseline of two rows after the training rows."""
    known = pd.Series([np.nan, *train[:-1], *latest])
    train_rows, rows = pd.Series(range(len(train))), pd.Series([len(train), len(train) + 1])
    return naive("regression", np.array(train), 0, rows, known=known, train_rows=train_rows)


@pytest.mark.parametrize(
    ("train", "kind", "said"),
    [
        ([0.0, 1, 2, 3, 4, 5], "last_value", [7, 8]),
        ([1.0, 9, 1, 9, 1, 9], "mean", [5, 5]),
    ],
)
def test_the_stronger_of_mean_and_last_value_stands(
    train: list[float], kind: str, said: list[float]
) -> None:
    found = naive_of(train, 7, 8)
    assert (found.kind, found.pred.tolist()) == (kind, said)
    assert set(found.facts["train_rmse"]) == {"mean", "last_value"}


def test_a_row_that_knows_nothing_gets_the_mean() -> None:
    found = naive_of([0.0, 1, 2, 3, 4, 5], np.nan, 8)
    assert found.pred.tolist() == [2.5, 8]


def test_known_for_few_training_rows_is_not_enough() -> None:
    known = pd.Series([np.nan] * 4 + [4.0, 5, 6])
    train, train_rows = np.arange(6.0), pd.Series(range(6))
    found = naive("regression", train, 0, pd.Series([6]), known=known, train_rows=train_rows)
    assert found.kind == "mean"
