"""Mean, quantiles, number of values and shares: against numpy, and at their very bounds."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlpipe.errors import SpecError
from mlpipe.validate.spec import Validate


def statuses(entries):
    return [each["status"] for each in entries]


@pytest.mark.parametrize(
    ("values", "asked", "status"),
    [
        ([1, 2, 3], {"mean": {"min": 2, "max": 2}}, "passed"),
        ([1, 2, 3], {"mean": {"min": 2.01}}, "failed"),
        ([1.0, None, 3.0], {"mean": {"max": 1.99}}, "failed"),
        ([1e300, 1.0], {"mean": {"max": 10}}, "failed"),
        ([float("inf"), 1.0], {"mean": {"min": 0}}, "failed"),
        ([None, None], {"type": "number", "mean": {"min": 5}}, "passed"),
        ([1, 2, 2, 3], {"distinct": {"min": 3, "max": 3}}, "passed"),
        ([1, 2, 2, 3], {"distinct": {"max": 2}}, "failed"),
        ([1, 2, 2, 3], {"distinct": {"min": 0.75}}, "passed"),
        ([1, 2, 2, 3], {"distinct": {"min": 0.76}}, "failed"),
        (["a", "a", "b", None], {"shares": {"a": {"max": 0.6}}}, "failed"),
        (["a", "a", "b", "b"], {"shares": {"a": {"min": 0.5, "max": 0.5}}}, "passed"),
        ([1, 1, 2], {"shares": {"1": {"min": 0.6}}}, "passed"),
        ([True, False, False], {"shares": {"true": {"max": 0.3}}}, "failed"),
    ],
)
def test_a_column_passes_or_fails_whole(found, values, asked, status):
    import pandas as pd

    column = pd.Series(values, dtype="float64") if None in values and "a" not in values else values
    entries = [e for e in found({"c": column}, {"columns": {"c": asked}}) if e["check"] != "type"]
    assert statuses(entries) == [status]
    assert bool(entries[0]["message"]) is (status == "failed")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=12),
    st.sampled_from([0.1, 0.25, 0.5, 0.9]),
    st.integers(-5, 5),
)
def test_a_quantile_is_held_to_its_bounds_exactly(found, values, share, bound):
    quantile = int(np.quantile(values, share, method="inverted_cdf"))
    for side, fails in (("min", quantile < bound), ("max", quantile > bound)):
        section = {"columns": {"c": {"quantiles": {str(share): {side: bound}}}}}
        (entry,) = found({"c": values}, section)
        assert (entry["status"] == "failed") is fails


def test_the_share_of_new_values_drifts_too(found):
    asked = {"shares": {"expected": {"a": 0.5, "b": 0.5}, "change": 0.1}}
    entries = found({"c": ["a"] * 5 + ["b"] * 4 + ["new"] * 1}, {"columns": {"c": asked}})
    assert statuses(entries) == ["passed", "passed", "passed"]
    entries = found({"c": ["a"] * 4 + ["b"] * 4 + ["new"] * 2}, {"columns": {"c": asked}})
    assert statuses(entries) == ["passed", "passed", "failed"]
    assert "all other values is 0.2" in entries[2]["message"]


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (["a"], {"mean": {"min": 1}}),
        (["a"], {"quantiles": {"0.5": {"min": 1}}}),
        ([1], {"shares": {"basic": {"min": 0.1}}}),
    ],
)
def test_a_column_of_another_type_is_a_mistake_of_the_spec(found, values, asked):
    with pytest.raises(SpecError, match=r"validate\.columns\.c"):
        found({"c": values}, {"columns": {"c": asked}})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"quantiles": {"50": {"min": 1}}}, "not a share"),
        ({"quantiles": {"0": {"min": 1}}}, "not a share"),
        ({"distinct": {"min": 1.5}}, "between 0 and 1"),
        ({"distinct": {"min": 1, "max": 0.5}}, "leave no value"),
        ({"distinct": {"min": 0.1, "max": 5}}, "both counts"),
        ({"mean": {}}, "needs a min or a max"),
        ({"mean": {"min": "1"}}, "must be numbers"),
        ({"shares": {"expected": {"a": 0.7, "b": 0.7}, "change": 0.1}}, "over 1"),
        ({"when": "count(x) > 1"}, "not allowed"),
        ({"min": 1, "severity": "fatal"}, "warn"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked, said):
    with pytest.raises(ValidationError, match=said):
        Validate.read({"columns": {"c": asked}})
