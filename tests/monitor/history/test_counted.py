"""What a record keeps of a chunk's counts: the same counts again, and nothing else passes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.monitor.history.counted import fits, is_counted, packed, together, unpacked
from mlpipe.table.bins import add

NUMBERS = st.lists(st.integers(-(10**30), 10**30), min_size=4, max_size=4)
COUNTS = st.lists(st.integers(0, 10**9), min_size=3, max_size=3)
SIDES = st.builds(
    lambda nulls, counts, moments: {
        "rows": nulls + sum(counts),
        "nulls": nulls,
        "counts": {"value": counts},
        "moments": {"value": moments},
    },
    st.integers(0, 10**9),
    COUNTS,
    NUMBERS,
)


@given(SIDES, SIDES)
def test_counts_come_back_exactly_and_add_up(one, other):
    kept = [json.loads(json.dumps(packed(each, leaning=False))) for each in (one, other)]
    assert all(map(is_counted, kept))
    assert list(map(unpacked, kept)) == [one, other]
    assert together(kept) == add(one, other)


def test_a_column_takes_little():
    side = {"rows": 10**6, "nulls": 0, "counts": {"value": [20_000] * 52}}
    assert len(json.dumps(packed(side, leaning=True), indent=1)) < 500


KEPT = packed({"rows": 9, "nulls": 1, "counts": {"value": [3, 5]}}, leaning=False)


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], {},
        {**KEPT, "leans": "no"},
        {**KEPT, "rows": -1},
        {**KEPT, "nulls": True},
        {**KEPT, "counts": None},
        {**KEPT, "counts": {"value": [3, 5]}},
        {**KEPT, "counts": {"value": "3 x"}},
        {**KEPT, "counts": {"value": "3 1.5"}},
        {**KEPT, "moments": {"value": "²"}},
        {**KEPT, "moments": {"value": "9" * 5000}},  # more digits than Python reads
        {**KEPT, "rows": 10**400},  # no float
        {**KEPT, "nulls": 10},  # more than there are rows
        {**KEPT, "counts": {"value": "3 -1"}},
        {**KEPT, "counts": {"value": "3 7"}},
    ],
)  # fmt: skip
def test_anything_else_are_no_counts(wrong):
    assert not is_counted(wrong)


def test_counts_of_other_bins_do_not_fit():
    assert fits(KEPT, {"counts": {"value": [0, 0]}})
    assert not fits(KEPT, {"counts": {"value": [0, 0, 0]}})
    assert not fits(KEPT, {"counts": {"length": [0, 0]}})
    assert not fits(KEPT, {"counts": {"value": [0, 0]}, "moments": {"value": [0, 0, 0, 0]}})
