"""Rows whose values are all known and were never together."""

import numpy as np
import pandas as pd
import pytest

from mlpipe.monitor.estimate.chunk import Unlabelled
from mlpipe.monitor.estimate.together import MOST_ROWS, apart, apart_by_chunk, apart_notes
from mlpipe.monitor.window import Window
from mlpipe.table.columns import ROW, Columns

NUMBERS = {"a": "number", "b": "number", "c": "number"}
PLANS = {"price": "number", "plan": "category", "a": "number"}
BINS = {name: {"kind": kind} for name, kind in (NUMBERS | PLANS).items()}


def rows(seed, n=2000, broken=False):
    """Two numbers that go together, and a price that goes with the plan; broken, neither does."""
    rng = np.random.default_rng(seed)
    a, other, c = rng.normal(size=(3, n))
    b = 0.95 * (other if broken else a) + 0.31 * rng.normal(size=n)
    plan = rng.choice(["basic", "plus", "pro"], n, p=[0.5, 0.3, 0.2])
    paid = rng.permutation(plan) if broken else plan
    price = pd.Series(paid).map({"basic": 10.0, "plus": 50.0, "pro": 99.0}) + rng.normal(size=n)
    return pd.DataFrame({"a": a, "b": b, "c": np.exp(c), "plan": plan, "price": price})


@pytest.mark.parametrize(("kinds", "found"), [(NUMBERS, 0.3), (PLANS, 0.3)])
def test_columns_that_went_together_and_no_longer_do(kinds, found):
    names = list(kinds)
    known, quiet, broken = rows(0)[names], rows(1)[names], rows(2, broken=True)[names]
    # Column by column nothing has changed: the broken ones lie where those of training do.
    numbers = [name for name in names if kinds[name] == "number"]
    inside = broken[numbers].rank(pct=True).corr().abs()  # what is left of the correlations
    assert inside.where(~np.eye(len(numbers), dtype=bool)).max().max() < 0.1
    assert apart(known, quiet, kinds).mean() == pytest.approx(0.01, abs=0.01)
    assert apart(known, broken, kinds).mean() > found


def test_a_pair_of_values_that_was_never_there():
    rng = np.random.default_rng(0)
    s, t = (rng.choice(["x", "y"], 2000) for _ in range(2))
    t[(s == "x") & (t == "y")] = "x"
    known = pd.DataFrame({"s": s, "t": t})
    asked = pd.DataFrame({"s": ["x", "x", "y", "y"], "t": ["x", "y", "x", "y"]})
    kinds = {"s": "category", "t": "category"}
    assert apart(known, asked, kinds).tolist() == [False, True, False, False]


def test_what_is_missing_or_endless_is_not_apart_for_it():
    known = rows(0)[list(NUMBERS)]
    asked = known.head(200).assign(b=np.nan, c=np.inf)
    assert apart(known, asked, NUMBERS).mean() < 0.03


def test_columns_that_say_the_same_may_differ_by_rounding_and_no_more():
    known = rows(0)[["a", "c"]].assign(b=lambda frame: 2 * frame["a"] + 1)
    asked = rows(1, n=300)[["a", "c"]].assign(b=lambda frame: 2 * frame["a"] + 1)
    assert apart(known, asked, NUMBERS).mean() < 0.03
    assert apart(known, asked.assign(b=asked["b"] + 1), NUMBERS).mean() > 0.9


@pytest.fixture
def shares(session):
    def shares(frame, known, importance=None, outside=None):
        frame = frame.assign(**{ROW: np.arange(len(frame))})
        half = len(frame) // 2
        chunks = [
            Unlabelled(label, each.to_numpy(), each.to_numpy(), None, np.array([]), None)
            for label, each in (("May", frame[ROW][:half]), ("June", frame[ROW][half:]))
        ]
        window = Window.of(session.frame(frame), Columns(), session, "all")
        flags = pd.Series(False if outside is None else outside, index=frame[ROW])
        reference = {"bins": BINS, "importance": importance}
        return apart_by_chunk(known, reference, window, chunks, flags, seed=1)

    return shares


def test_each_chunk_has_its_share_and_the_bad_one_is_told(shares):
    frame = pd.concat([rows(1, n=3000), rows(2, n=3000, broken=True)], ignore_index=True)
    found = shares(frame, rows(0))
    assert found["May"] == {"share": pytest.approx(0.01, abs=0.01), "rows": MOST_ROWS}
    assert found["June"]["share"] > 0.3
    (note,) = apart_notes(found)
    assert "of the rows of June" in note


def test_rows_that_a_column_sets_outside_do_not_count_twice(shares):
    broken = rows(2, n=1000, broken=True)
    known = rows(0)
    assert shares(broken, known)["June"]["share"] > 0.3
    assert shares(broken, known, outside=np.ones(1000, bool))["June"]["share"] == 0


def test_only_columns_that_matter_are_looked_at(shares):
    broken = rows(2, n=1000, broken=True)
    importance = {"a": 0.2, "b": 0.0, "c": 0.1, "plan": 0.3, "price": 0.0}
    assert shares(broken, rows(0), importance)["May"]["share"] < 0.03
    assert shares(broken, rows(0), {**importance, "b": 0.1})["May"]["share"] > 0.2


@pytest.mark.parametrize("known", [rows(0, n=150), rows(0)[["a"]]])
def test_too_little_that_is_known_says_nothing(shares, known):
    assert shares(rows(2, n=600, broken=True), known) == {}


def test_the_same_rows_are_taken_however_often_it_is_asked(shares):
    broken = rows(2, n=4000, broken=True)
    assert shares(broken, rows(0)) == shares(broken, rows(0))
