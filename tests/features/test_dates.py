"""Holidays and ages: what they say of a date, against the package and against pandas."""

from datetime import date

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlpipe.features.words import step


def _frame(dates):
    return pd.DataFrame(
        {"d": pd.to_datetime(pd.Series(dates, dtype=object), format="ISO8601").astype("M8[us]")}
    )


def _holidays(dates, **written):
    built = step({"holidays": {"country": "DE", **written}}).build(0)
    return built.fit_transform(_frame(dates))


def test_the_days_around_christmas():
    made = _holidays(["2024-12-24", "2024-12-25 13:30", "2024-12-27", "2024-12-31", None])
    # 3 October is the day of unity.
    expected = [[0, 1, 82], [1, 0, 0], [0, 5, 1], [0, 1, 5], [np.nan] * 3]
    np.testing.assert_array_equal(made, expected)


def test_a_state_has_days_of_its_own():
    epiphany = ["2025-01-06"]
    assert _holidays(epiphany)[0, 0] == 0
    assert _holidays(epiphany, subdivision="BY")[0, 0] == 1


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(st.lists(st.dates(date(1992, 1, 1), date(2098, 1, 1)), min_size=1))
def test_every_day_is_as_the_package_says_and_as_alone(days):
    known = sorted(holidays.country_holidays("DE", years=range(1991, 2100)))
    made = _holidays([pd.Timestamp(day) for day in days])
    for day, found in zip(days, made, strict=True):
        before = max(each for each in known if each <= day)
        after = min(each for each in known if each >= day)
        expected = [day in known, (after - day).days, (day - before).days]
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(_holidays([pd.Timestamp(day)])[0], found)


def test_years_that_nobody_knows_are_missing_not_without_holidays():
    made = _holidays(["1950-12-25", "2101-12-25", "2100-12-25"])
    assert np.isnan(made[:2]).all()
    assert made[2, 0] == 1


@pytest.mark.parametrize(
    ("written", "said", "hint"),
    [
        ("DEU", "'DEU' is not a country with known holidays", "did you mean 'DE'?"),
        ("UK", "expected its two letters", "did you mean 'GB'?"),
        ("Germny", "'Germny' is not a country", "did you mean 'DE'?"),
        ("united states", "is not a country", "did you mean 'US'?"),
        ({"country": "DE", "subdivision": "BYE"}, "'DE' has no subdivision 'BYE'", "'BY'?"),
        ({"country": "DE", "subdivision": "zzz"}, "no subdivision", "the subdivisions are: BB"),
    ],
)
def test_a_country_that_is_none_is_said_with_the_one_meant(written, said, hint):
    with pytest.raises(ValidationError) as caught:
        step({"holidays": written})
    (problem,) = caught.value.errors()
    assert said in problem["msg"]
    assert hint in problem["ctx"]["hint"]


def test_an_age_counts_both_ways_and_misses_where_a_date_does():
    frame = _frame(["2024-01-01", "2024-03-01 12:00", None, "2024-01-05"])
    frame["at"] = pd.to_datetime(["2024-01-31", "2024-03-01", "2024-01-01", None])
    made = step({"age": "at"}).build(0).fit_transform(frame)
    np.testing.assert_array_equal(made[:, 0], [30, -0.5, np.nan, np.nan])


def test_units_of_age():
    def age(unit):
        built = step({"age": {"date": "2024-01-01", "unit": unit}}).build(0)
        return built.fit_transform(_frame(["1924-01-01"]))[0, 0]

    assert age("days") == 36_525
    assert age("years") == pytest.approx(100, abs=0.01)
    assert age("months") == pytest.approx(12 * age("years"))
