from itertools import pairwise

import duckdb
import pytest

from mlpipe.table.sample import PLACES, STRETCH, holding, picked, scattered, spread, within


def positions(rows, condition):
    query = f"SELECT _row FROM range({rows}) t(_row) WHERE {condition}"
    return [row for (row,) in duckdb.execute(query).fetchall()]


@pytest.mark.parametrize("rows", [60_000, STRETCH, 300_001, 1_500_000, 6_000_000])
def test_about_as_many_rows_are_picked_as_are_wanted(rows):
    assert len(positions(rows, spread(rows, 50_000))) == pytest.approx(50_000, rel=0.02)


def test_few_rows_and_none_are_all_picked():
    assert positions(100, spread(100, 5_000)) == list(range(100))
    assert positions(0, spread(0, 5_000)) == []


def test_few_places_of_a_long_table_are_opened_and_they_lie_evenly():
    rows = 100 * STRETCH
    opened = sorted({row // STRETCH for row in positions(rows, spread(rows, 50_000))})
    assert len(opened) == PLACES
    assert {after - before for before, after in pairwise(opened)} <= {12, 13}


def test_all_of_a_place_is_picked_from():
    rows = 40 * STRETCH
    first = [row for row in positions(rows, spread(rows, 50_000)) if row < STRETCH]
    tenths = [sum(row * 10 // STRETCH == at for row in first) for at in range(10)]
    assert min(tenths) > 0.8 * max(tenths)


def test_more_places_are_opened_where_they_hold_few_rows():
    counts = dict.fromkeys(range(64), 10)
    assert len(holding(counts, wanted=10, places=4)) == 4
    assert len(holding(counts, wanted=40, places=4)) == 8
    assert holding(counts, wanted=10_000, places=4) == list(range(64))
    assert set(holding(counts, 1, 4)) < set(holding(counts, 1, 8))


def test_a_row_is_within_its_stretch_alone():
    rows = 9 * STRETCH
    found = positions(rows, within([7, 0, 1, 3]))
    assert {row // STRETCH for row in found} == {0, 1, 3, 7}
    assert len(found) == 4 * STRETCH


def test_a_period_of_the_data_is_not_followed():
    for period in (2, 7, 10, 128):
        found = [row % period for row in positions(200_000, picked(0.1))]
        assert len(set(found)) == period
        assert found.count(0) == pytest.approx(len(found) / period, rel=0.35)


def test_positions_beyond_any_table_do_not_overflow():
    (value,) = duckdb.execute(f"SELECT {scattered(str(2**62))}").fetchone()
    assert 0 <= value < 2**32
