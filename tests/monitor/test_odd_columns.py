"""Columns that are odd: none breaks a report, and none alarms where nothing moved."""

import json

import numpy as np
import pandas as pd
import pytest

from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.model import Current, Model
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import observe
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import profile


@pytest.fixture
def report(session):
    def report(before, after, kinds, section=None):
        frames = [pd.DataFrame(each).reset_index(drop=True) for each in (before, after)]
        for frame in frames:
            frame.insert(0, ROW, np.arange(len(frame)))
        columns = Columns()
        reference = profile(session.frame(frames[0]), columns, kinds, session)
        said = session.frame(frames[1][[ROW]].assign(prediction=0.0))
        current = Current(session.frame(frames[1]), columns, said)
        model = Model("regression", reference)
        found = judge(observe(Monitor.read(section or {}), model, current, session))
        json.dumps(found, allow_nan=False)
        return found

    return report


def rows(n, seed):
    rng = np.random.default_rng(seed)
    with_infinities = rng.normal(size=n)
    with_infinities[::20], with_infinities[1::20] = np.inf, -np.inf
    return {
        "constant": np.full(n, 3.0),
        "empty": pd.Series([None] * n, dtype="float64"),
        "empty_string": pd.Series([None] * n, dtype="string"),
        "five": rng.integers(0, 5, n),
        "mostly_zero": np.where(rng.random(n) < 0.93, 0.0, rng.exponential(5, n)),
        "infinities": with_infinities,
        "huge": rng.normal(size=n) * 1e300,
        "widest": rng.uniform(-1, 1, n) * 1.79e308,
        "tiny": rng.normal(size=n) * 1e-300,
        "many": rng.choice([f"v{at}" for at in range(2000)], n),
        "one_value": ["same"] * n,
        "unicode é\n'\"; --": rng.choice(["ü", "\n", "'", ""], n),
        "flag": rng.random(n) < 0.01,
        "text": [" ".join(rng.choice(["a", "b", "ß", "漢字"], 3)) for _ in range(n)],
        "blank": ["   "] * n,
        "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="h"),
    }


KINDS = {
    **dict.fromkeys(
        ("constant", "empty", "five", "mostly_zero", "infinities", "huge", "widest", "tiny"),
        "number",
    ),
    **dict.fromkeys(("empty_string", "many", "one_value", "unicode é\n'\"; --"), "category"),
    "flag": "boolean",
    "text": "text",
    "blank": "text",
    "day": "date",
}


@pytest.mark.parametrize(("before", "after"), [(5000, 200), (5000, 3000), (300, 300), (50, 1000)])
def test_nothing_odd_alarms_where_nothing_moved(report, before, after):
    found = report(rows(before, 0), rows(after, 1), KINDS)
    assert {row["column"] for row in found["drift"]} == KINDS.keys()
    moved = {row["column"]: row["words"] for row in found["drift"] if row["status"] != "ok"}
    assert before == 50 or moved == {}
    # Fifty rows of two thousand values do not tell which ones there are, and nothing is claimed.
    assert moved.keys() <= {"many"}


def test_a_row_less_than_two_hundred_is_insufficient(report):
    found = report(rows(5000, 0), rows(199, 1), KINDS)
    assert found["status"] == "insufficient"
    assert {row["status"] for row in found["drift"]} == {"insufficient"}


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("constant", np.repeat([3.0, 4.0], [180, 20])),
        ("one_value", ["same"] * 180 + ["other"] * 20),
        ("empty", np.repeat([np.nan, 1.0], [150, 50])),
        ("five", np.repeat([0, 1, 2, 3, 4], [120, 20, 20, 20, 20])),
        ("five", np.full(200, 17)),
        ("mostly_zero", np.full(200, -1.0)),
        ("mostly_zero", np.repeat([0.0, 5.0], [120, 80])),
        ("infinities", np.full(200, np.inf)),
        ("huge", np.full(200, 1.7e308)),
        ("huge", np.full(200, -1e300)),
        ("many", ["new"] * 200),
        ("flag", np.repeat([True, False], [40, 160])),
        ("blank", ["word"] * 200),
        ("text", [None] * 200),
    ],
)
def test_what_moved_is_found_however_odd_the_column(report, column, values):
    found = report(rows(5000, 0), {column: values}, {column: KINDS[column]})
    (row,) = found["drift"]
    assert row["status"] in ("alert", "warn")
    assert row["words"]
    assert row["direction"] in ("up", "down")


def test_a_column_may_become_another_type_altogether(report):
    n = 400
    after = {
        "five": ["x"] * n,
        "many": np.arange(n),
        "text": np.arange(n),
        "day": np.arange(n),
        "flag": ["yes"] * n,
        "huge": [True] * n,
    }
    found = report(rows(1000, 0), after, {name: KINDS[name] for name in after})
    status = {row["column"]: row["status"] for row in found["drift"]}
    assert status.keys() == after.keys()
    assert {status[name] for name in ("five", "many", "day", "flag", "huge")} == {"alert"}
