"""Every kind of column, through a profile of the engine: what is found, and which way it went."""

import json

import numpy as np
import pandas as pd
import pytest

from mlpipe.monitor.compare import compare, judge
from mlpipe.monitor.describe import describe
from mlpipe.monitor.spec import Drift
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import count, profile

TIMED = Columns.read({"time": "when"})


@pytest.fixture
def found(session):
    """Return a function: both sides of one column to the row of the report."""

    def found(before, after, kind, times=(None, None)):
        frames = [frame_of(before, times[0]), frame_of(after, times[1])]
        roles = Columns() if times[0] is None else TIMED
        tables = [session.frame(frame) for frame in frames]
        reference = profile(tables[0], roles, {"x": kind}, session)
        current = count(reference, tables[1], roles, session)
        (finding,) = judge([compare(reference, current, "x", Drift())], current["rows"], 200)
        row = describe(reference, current, finding)
        json.dumps(row, allow_nan=False)
        return row

    return found


def frame_of(values, times=None):
    frame = pd.DataFrame({"x": values})
    frame.insert(0, ROW, np.arange(len(frame)))
    return frame if times is None else frame.assign(when=times)


def normal(n, seed, **law):
    return np.random.default_rng(seed).normal(**law, size=n)


def told(row):
    return row["status"], row["aspect"], row["direction"]


def test_a_shift_has_a_direction_and_a_size_in_interquartile_ranges(found):
    row = found(normal(4000, 0), normal(1000, 1, loc=-0.7), "number")
    assert told(row) == ("alert", "value", "down")
    assert (row["unit"], row["size"]) == ("IQR", pytest.approx(0.7 / 1.35, abs=0.1))
    assert row["words"].startswith("median down 0.5")
    assert row["bins"][0]["current"] > 0.2


def test_a_wider_distribution_is_told_by_its_spread(found):
    row = found(normal(4000, 0), normal(1000, 1, scale=1.8), "number")
    assert row["status"] == "alert"
    assert row["words"].startswith("spread up to 1.")
    assert row["spread"]["current"] > 1.5 * row["spread"]["reference"]


def test_numbers_that_are_nearly_all_the_same_have_no_interquartile_range(found):
    before = np.where(np.arange(4000) % 20, 0.0, 5.0)
    row = found(before, np.where(np.arange(1000) % 3, 0.0, 5.0), "number")
    assert told(row) == ("alert", "value", "up")
    assert (row["shift"], row["size"], row["spread"]["reference"]) == (None, None, 0.0)


def test_infinite_values_are_a_finding_of_their_own(found):
    after = normal(1000, 1)
    after[:5] = np.inf
    assert found(normal(4000, 0), after, "number")["status"] == "ok"
    after[:60] = -np.inf
    row = found(normal(4000, 0), after, "number")
    assert told(row) == ("alert", "infinite", "up")
    assert (row["unit"], row["size"]) == ("share", 0.06)
    assert row["words"] == "infinite: 0.0% → 6.0%"


def test_fewer_missing_values_go_down(found):
    before, after = normal(4000, 0), normal(1000, 1)
    before[:1200] = np.nan
    row = found(before, after, "number")
    assert told(row) == ("alert", "missing", "down")
    assert row["size"] == pytest.approx(0.3)


def test_all_that_moved_is_said(found):
    after = normal(1000, 1, loc=1.0)
    after[:200] = np.nan
    row = found(normal(4000, 0), after, "number")
    assert "median up" in row["words"]
    assert "missing: 0.0% → 20.0%" in row["words"]
    assert {test["aspect"] for test in row["tests"] if test["moved"]} == {"value", "missing"}


def test_categories_move_by_a_share_of_the_rows(found):
    before, after = ["a"] * 2000 + ["b"] * 2000, ["a"] * 300 + ["b"] * 700
    row = found(before, after, "category")
    assert row["status"] == "alert"
    assert (row["unit"], row["size"]) == ("share", pytest.approx(0.2))
    assert row["words"] in ("'a': 50.0% → 30.0%", "'b': 50.0% → 70.0%")


def test_a_boolean_moves_like_a_category(found):
    row = found([True, False] * 2000, [True] * 900 + [False] * 100, "boolean")
    assert (row["kind"], row["status"]) == ("boolean", "alert")


DAYS = pd.date_range("2025-01-01", periods=4000, freq="2h")
NOW = pd.date_range("2026-01-05", periods=1008, freq="20min")


def dates(times, seed, fresh=0.0):
    ages = np.random.default_rng(seed).uniform(fresh, 400, len(times))
    return times - pd.to_timedelta(ages, unit="D")


def test_dates_that_keep_their_ages_are_quiet_whatever_the_year(found):
    row = found(dates(DAYS, 0), dates(NOW, 1), "date", (DAYS, NOW))
    assert row["status"] == "ok"
    assert {test["aspect"] for test in row["tests"]} == {"weekday", "hour", "freshness"}


@pytest.mark.parametrize("wrong", ["1900-01-01", "2099-12-31"])
def test_dates_out_of_bounds_are_found(found, wrong):
    after = dates(NOW, 1).to_series(index=range(len(NOW)))
    after[:40] = pd.Timestamp(wrong)
    row = found(dates(DAYS, 0), after, "date", (DAYS, NOW))
    assert told(row) == ("alert", "bounds", "up")
    assert row["words"] == "dates beyond those of training: 0.0% → 4.0%"


def test_a_date_that_stopped_is_not_fresh(found):
    after = dates(NOW, 1, fresh=60)
    row = found(dates(DAYS, 0), after, "date", (DAYS, NOW))
    assert told(row) == ("alert", "freshness", "down")
    assert "dates as new as the newest tenth of training: 10.0% → 0.0%" in row["words"]


def test_dates_on_other_weekdays_and_hours_are_found(found):
    office = pd.date_range("2026-01-05", periods=1000, freq="10min")
    nights = pd.Series(office).dt.normalize() + pd.Timedelta("3h")
    row = found(office, nights, "date")
    assert (row["status"], row["aspect"]) == ("alert", "hour")
    weekend = pd.Series([pd.Timestamp("2026-01-10"), pd.Timestamp("2026-01-11")] * 300)
    row = found(pd.date_range("2025-01-01", periods=700), weekend, "date")
    assert [test["aspect"] for test in row["tests"]] == []  # two days have no week of their own


def test_dates_that_cannot_be_read_are_missing(found):
    after = ["2026-01-05 03:00"] * 500 + ["soon"] * 500
    row = found(pd.Series(DAYS), after, "date")
    assert row["status"] == "alert"
    assert row["missing"] == {"reference": 0.0, "current": 0.5}


def texts(n, seed, words, length=8):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words, length)) for _ in range(n)]


WORDS = [f"word{at}" for at in range(300)]


def test_texts_of_the_same_words_are_quiet_and_of_other_words_are_not(found):
    before = texts(3000, 0, WORDS)
    assert found(before, texts(500, 1, WORDS), "text")["status"] == "ok"
    later = texts(500, 1, WORDS[:200] + [f"fresh{at}" for at in range(100)])
    row = found(before, later, "text")
    assert told(row) == ("alert", "unknown", "up")
    assert "unknown words" in row["words"]


def test_words_that_are_always_new_are_no_drift(found):
    rng = np.random.default_rng(0)

    def rare(n):
        return [f"{line} id{rng.integers(10**9)}" for line in texts(n, rng, WORDS, 4)]

    assert found(rare(3000), rare(500), "text")["status"] == "ok"


def test_longer_and_louder_texts_are_found(found):
    before = texts(3000, 0, WORDS)
    row = found(before, texts(500, 1, WORDS, 12), "text")
    assert (row["status"], row["direction"]) == ("alert", "up")
    loud = found(before, [text.upper() for text in texts(500, 1, WORDS)], "text")
    assert (loud["status"], loud["aspect"]) == ("alert", "capitals")


def test_whole_numbers_that_became_floats_are_the_same_categories(found):
    codes = [1, 2, 3] * 500
    later = [1.0, 2.0, 3.0] * 300 + [None] * 3
    assert found(codes, later, "category")["status"] == "ok"


def test_a_number_that_became_text_is_read_as_a_number(found):
    before = normal(4000, 0)
    later = [str(value) for value in normal(900, 1)] + ["n/a"] * 100
    row = found(before, later, "number")
    assert told(row) == ("alert", "missing", "up")
    assert row["missing"]["current"] == pytest.approx(0.1)
