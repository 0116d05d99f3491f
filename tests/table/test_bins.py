import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.table.bins import add, bin_of, distinct_edges, ends, labels, quantile, spread


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_edges_rise_strictly(deciles):
    edges = distinct_edges(deciles)
    assert all(low < high for low, high in itertools.pairwise(edges))
    assert set(edges) == set(deciles)


@given(st.floats(-10, 10), st.lists(st.floats(-10, 10), unique=True, min_size=1))
def test_a_value_lies_within_its_bin(value, edges):
    edges = sorted(edges)
    at = bin_of(value, edges)
    assert at == 1 + np.searchsorted(edges, value, side="left")


@given(
    *[st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 99), min_size=3, max_size=3))]
    * 3
)
def test_counts_add_in_any_order(one, two, three):
    assert add(add(one, two), three) == add(one, add(three, two))
    assert add(one, {}) == one


def test_quantiles_are_interpolated_within_the_reference():
    bins = {"edges": [10.0, 20.0], "low": 0.0, "high": 40.0}
    counts = [5, 100, 100, 100, 7]
    assert quantile(0.5, bins, counts) == pytest.approx(15.0)
    assert quantile(1.0, bins, counts) == 40.0
    assert spread(bins, counts) == pytest.approx(25.0 - 7.5)
    assert quantile(0.5, bins, [5, 0, 0, 0, 7]) is None


def test_every_count_has_a_label():
    numeric = {"edges": [np.nextafter(0.0, -1), 0.0, 1.0], "low": 0.0, "high": 3.0}
    assert labels("value", numeric) == ["-inf", "< 0", "0", "0 – 1", "> 1", "inf"]
    assert len(labels("hour", {"edges": list(range(23))})) == 26
    assert labels("weekday", {"edges": list(range(6))})[1:-1][0] == "Mon"
    assert labels("value", {"values": ["a"]}) == ["a", "(other)", "(unseen)"]
    assert labels("value", {"edges": [], "low": None}) == ["-inf", "any", "inf"]


def test_outer_bins_reach_to_the_extremes():
    assert ends({"edges": [1.0, 2.0], "low": -3.0, "high": 1.5}) == [
        (-3.0, 1.0),
        (1.0, 2.0),
        (2.0, 2.0),
    ]
