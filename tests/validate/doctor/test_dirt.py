"""Identifiers, constants, spellings, dates and numbers that are not what they seem."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from mlpipe.validate.doctor.constants import nearly_constant
from mlpipe.validate.doctor.dates import suspicious_dates
from mlpipe.validate.doctor.identifiers import identifiers
from mlpipe.validate.doctor.sentinels import sentinels
from mlpipe.validate.doctor.spellings import spellings

N = 2000


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_what_names_rows_is_an_identifier_and_what_measures_is_not(rows, rng):
    data = {
        "number": rng.permutation(N),
        "code": [f"k{at}" for at in range(N)],
        "measure": rng.normal(size=N),
        "count": rng.poisson(300, N),
        "cents": rng.permutation(N) * 13,
        "note": [f"the patient of room {at} is well today" for at in range(N)],
        "key": np.arange(N),
        "t": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N), "h"),
    }
    found = {
        each.columns[0]: each
        for each in identifiers(rows(data, key="key", time="t", kinds={"number": ["cents"]}))
    }
    assert set(found) == {"number", "code"}
    assert found["number"].evidence["follows"] == ""


@pytest.mark.parametrize("direction", [1, -1])
def test_an_identifier_may_follow_the_time(rows, rng, direction):
    time = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.permutation(N), "h")
    number = pd.Series(time).rank().astype(int) * direction
    (found,) = identifiers(rows({"n": number, "t": time}, time="t"))
    assert found.evidence["follows"] == "the time"
    (placed,) = identifiers(rows({"n": np.arange(N)}))
    assert placed.evidence["follows"] == "the order of the rows"


@pytest.mark.parametrize(("others", "finds"), [(1, True), (2, True), (3, False), (0, False)])
def test_all_but_one_in_a_thousand(rows, others, finds):
    data = {"x": ["b"] * others + ["a"] * (N - others), "n": [1.0] * others + [None] * (N - others)}
    assert [each.columns for each in nearly_constant(rows(data))] == ([("x",), ("n",)] * finds)


def groups(found):
    return [sorted(group) for group in found.evidence["groups"]]


@pytest.mark.parametrize(
    ("values", "same"),
    [
        (["Basic", "basic", "plus"], [["Basic", "basic"]]),
        (["a ", "a", "b"], [["a", "a "]]),
        (["N.Y.", "NY", "n y"], [["N.Y.", "NY", "n y"]]),
        (["caf\u00e9", "cafe\u0301"], [["cafe\u0301", "caf\u00e9"]]),
        (["ｐｒｏ", "pro"], [["pro", "ｐｒｏ"]]),
        (["yes", "no", "1"], [["1", "yes"]]),
        (["1", "2", "two", "three"], [["2", "two"]]),
    ],
)
def test_one_value_written_in_several_ways(rows, values, same):
    (found,) = spellings(rows({"x": values * 3}))
    assert groups(found) == same


@pytest.mark.parametrize(
    "values",
    [
        ["<=50K", ">50K"],
        ["AB-", "AB+", "AB"],
        ["18-29", "1829"],
        ["C", "C++", "C#"],
        ["1.5", "15"],
        ["01", "1"],
        ["yes", "no"],
        ["0", "1"],
        ["yes", "1", "maybe"],
        ["1", "one-way", "2"],
        ["", "-", "."],
    ],
)
def test_values_that_differ_stay_apart(rows, values):
    assert not list(spellings(rows({"x": values * 3})))


def test_the_target_is_read_and_sensitive_values_are_not_shown(rows):
    data = {"y": ["Yes", "yes", "no"] * 3, "g": ["Secret", "secret", "x"] * 3}
    hidden, label = spellings(rows(data, target="y", sensitive=["g"]))
    assert label.advice == 'in ingest.sql: lower(trim("y")) as "y"'
    assert hidden.columns == ("g",)
    assert "ecret" not in repr(hidden)


def test_the_sql_of_the_advice_mends_the_column(rows, session):
    values = ["N.Y.", "NY", "NY", "it's", "its", "its"]
    (found,) = spellings(rows({"x": values}))
    session.raw.register("t", pd.DataFrame({"x": values}))
    sql = found.advice.removeprefix("in ingest.sql: ")
    mended = session.raw.execute(f"SELECT {sql} FROM t").fetchall()
    assert [row[0] for row in mended] == ["NY", "NY", "NY", "its", "its", "its"]


def days(rng, start="2020-01-01", spread=1500):
    return pd.Series(pd.Timestamp(start) + pd.to_timedelta(rng.integers(0, spread, N), "D"))


def found_in(read):
    return [(each.kind, each.columns[0]) for each in suspicious_dates(read)]


def test_ordinary_dates_say_nothing(rows, rng):
    data = {
        "any": days(rng),
        "birth": days(rng, "1940-01-01", 25_000),
        "monthly": pd.Timestamp("1999-06-01") + pd.to_timedelta(np.arange(N) % 12 * 31, "D"),
        "hourly": pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(N), "h"),
        "due": days(rng, "2026-01-01", 300),
        "t": days(rng, "2024-01-01", 800),
    }
    data["monthly"] = pd.Series(data["monthly"]).dt.to_period("M").dt.to_timestamp()
    assert found_in(rows(data, time="t")) == []


@pytest.mark.parametrize("day", ["1900-01-01", "1970-01-01", "9999-12-31", "2000-01-01"])
def test_a_default_date_among_others(rows, rng, day):
    x = days(rng, "1985-01-01", 14_000).dt.date
    x[:40] = date.fromisoformat(day)
    (found,) = suspicious_dates(rows({"x": x}))
    assert (found.kind, found.evidence["days"]) == ("default_dates", {day: found.evidence["rows"]})


def test_dates_that_pile_up_lie_ahead_or_have_no_day(rows, rng):
    spike, ahead, year = days(rng), days(rng), days(rng, "1940-01-01", 25_000)
    spike[:100] = pd.Timestamp("2021-07-05")
    ahead[:15] = pd.Timestamp("2031-05-05") + pd.to_timedelta(np.arange(15), "D")
    year[:300] = year[:300].dt.to_period("Y").dt.to_timestamp()
    data = {"spike": spike, "ahead": ahead, "year": year, "t": days(rng)}
    assert found_in(rows(data, time="t")) == [
        ("date_spike", "spike"),
        ("future_dates", "ahead"),
        ("new_year_dates", "year"),
    ]
    assert "2021" not in repr(next(suspicious_dates(rows(data, time="t", sensitive=["spike"]))))


def test_times_of_day_mixed_with_none(rows, rng):
    minute = pd.Series(
        pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 500_000, N), "m")
    )
    assert found_in(rows({"x": minute})) == []
    minute[:300] = minute[:300].dt.normalize()
    assert found_in(rows({"x": minute})) == [("mixed_times", "x")]


def codes(read):
    return {each.columns[0]: each.evidence["codes"] for each in sentinels(read)}


def test_codes_at_the_edge_are_found_even_two(rows, rng):
    age = rng.integers(20, 80, N).astype(float)
    both, minus, zero = age.copy(), age.copy(), rng.normal(120, 8, N).round(1)
    both[:30], both[30:60], minus[:40], zero[:50] = 999, -999, -1, 0
    data = {"both": both, "minus": minus, "zero": zero, "age": age}
    assert codes(rows(data)) == {
        "both": {"999": 30, "-999": 30}, "minus": {"-1": 40}, "zero": {"0": 50}
    }  # fmt: skip


def test_numbers_that_are_meant_are_no_codes(rows, rng):
    data = {
        "counts": rng.poisson(1, N) * rng.integers(0, 12, N),
        "centred": rng.normal(size=N).round(1),
        "wide": rng.integers(0, 1000, N),
        "score": np.where(rng.random(N) < 0.1, 9, rng.integers(0, 10, N)),
        "rare": np.where(np.arange(N) < 3, 9999, rng.integers(0, 50, N)),
    }
    assert codes(rows(data)) == {}


def test_the_top_of_a_scale_that_is_cut_off(rows, rng):
    free = rng.gamma(4, 20, N).round(1)
    found = list(sentinels(rows({"free": free, "y": free.clip(max=150)}, target="y")))
    assert [(each.kind, each.columns) for each in found] == [("capped", ("y",))]
    assert found[0].evidence["rows"] == int((free >= 150).sum())
