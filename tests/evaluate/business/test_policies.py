from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.evaluate.business.policies import Best, Fixed, wanted

rows = st.lists(
    st.tuples(st.sampled_from([0.1, 0.3, 0.3, 0.9]), st.integers(-9, 9), st.integers(-9, 9)),
    min_size=1,
    max_size=7,
)


def best(table: list[tuple[float, int, int]], capacity: float) -> Best:
    score, acted, left = np.array(table, float).T
    return Best(acted, left, score, capacity)


def test_ties_for_the_last_place_share_it() -> None:
    # 0.9 has a place; the second is shared by three rows that are worth 6, 0 and 3 when acted on.
    table = [(0.3, 6, 0), (0.9, 10, -2), (0.3, 0, 0), (0.1, 99, 1), (0.3, 3, 0)]
    assert best(table, 2).totals(np.ones(5)) == pytest.approx(10 + (6 + 0 + 3) / 3 + 1)


@given(rows, st.integers(1, 7))
def test_it_is_the_mean_over_every_order_of_equal_scores(
    table: list[tuple[float, int, int]], capacity: int
) -> None:
    values = []
    for order in permutations(range(len(table))):
        ranked = sorted(order, key=lambda at: -table[at][0])  # stable: ties as they come
        chosen = set(ranked[:capacity])
        values.append(sum(table[at][1 if at in chosen else 2] for at in range(len(table))))
    found = best(table, capacity).totals(np.ones(len(table)))
    assert found == pytest.approx(np.mean(values))


@given(rows)
def test_acting_on_as_many_as_there_are_is_acting_on_all(
    table: list[tuple[float, int, int]],
) -> None:
    weight = np.ones((2, len(table)))
    everybody = Fixed(np.array([row[1] for row in table], float))
    for capacity in (len(table), len(table) + 5):
        np.testing.assert_allclose(
            best(table, capacity).totals(weight), everybody.totals(weight), atol=1e-9
        )


def test_a_row_of_weight_two_is_two_rows() -> None:
    table = [(0.9, 5, 0), (0.5, 3, 1), (0.2, 1, 0)]
    twice = best([table[0], table[0], *table[1:]], 0.5)
    weighted = best(table, 0.5)
    assert wanted(0.5, 3) == 1
    weight = np.array([2.0, 1, 1])
    # One place in three, of a weight of four: 4/3 of the first row.
    assert weighted.totals(weight) == pytest.approx(5 * 4 / 3 + 0 + 1)
    assert twice.totals(np.ones(4)) == pytest.approx(2 * 5 + 1)


def test_in_a_resample_the_capacity_is_the_same_share() -> None:
    table = [(score, 1, 0) for score in (0.9, 0.8, 0.7, 0.6)]
    drawn = np.array([[2.0, 1, 1, 0], [0, 0, 0, 4]])
    assert best(table, 1).totals(drawn).tolist() == [1, 1]
    assert best(table, 1).take(np.array([True, False, True, False])).totals(np.ones(2)) == 1
