from itertools import permutations

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.metrics.scores import METRICS
from mlpipe.metrics.top import _EXACT, _discounts
from tests.metrics.sample import scores

TOP = ("precision_at", "recall_at", "lift_at", "gain_at")


def by_hand(word: str, y: np.ndarray, chosen: int) -> float:
    """Return the figure where the rows stand in the order of their scores."""
    found = y[:chosen].sum()
    if word == "precision_at":
        return found / chosen
    return found / chosen / y.mean() if word == "lift_at" else found / y.sum()


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=2, max_size=6),
    st.integers(1, 6),
    st.sampled_from(TOP),
)
def test_of_ties_at_the_cut_it_is_the_mean_over_all_orders(
    rows: list[tuple[int, int]], chosen: int, word: str
) -> None:
    y, score = (np.array(each) for each in zip(*rows, strict=True))
    found = METRICS[f"{word}_{chosen}"].measure(y, score=score / 2)
    if chosen > len(y) or (word != "precision_at" and not y.any()):
        assert found.value is None
        return
    orders = [np.array(order) for order in permutations(range(len(y)))]
    falling = [y[order] for order in orders if (np.diff(score[order]) <= 0).all()]
    expected = np.mean([by_hand(word, each, chosen) for each in falling])
    assert found.value == pytest.approx(expected)


@pytest.mark.parametrize("word", TOP)
def test_a_share_is_that_many_rows(word: str) -> None:
    y, score = scores(2)
    share, count = (
        METRICS[f"{word}_{each}"].measure(y, score=score).value for each in ("0.25", "100")
    )
    assert share == pytest.approx(count)


def test_a_weighted_row_counts_as_its_weight() -> None:
    y, score = np.array([1, 0, 1]), np.array([0.9, 0.8, 0.1])
    weight = np.array([2.0, 3.0, 5.0])
    assert METRICS["precision_at_4"].measure(y, score=score, weight=weight).value == 0.5
    assert METRICS["recall_at_0.2"].measure(y, score=score, weight=weight).value == (
        pytest.approx(2 / 7)
    )


def test_lift_is_the_gain_of_the_best_tenth() -> None:
    y = np.repeat([1, 0], [20, 80])
    score = np.linspace(1, 0, 100)
    assert METRICS["lift_at_0.1"].measure(y, score=score).value == pytest.approx(5.0)
    # All scores alike: the tenth is drawn at random.
    alike = METRICS["lift_at_0.1"].measure(y, score=np.full(100, 0.3)).value
    assert alike == pytest.approx(1.0)


@given(st.integers(0, 10_000), st.sampled_from([1, 12]), st.sampled_from([None, 1, 5, 50, 900]))
def test_ndcg_agrees_with_scikit_learn_with_and_without_ties(
    seed: int, decimals: int, k: int | None
) -> None:
    generator = np.random.default_rng(seed)
    y = np.r_[1, generator.integers(0, 2, 60)]
    score = np.round(generator.random(61), decimals)
    name = "ndcg" if k is None else f"ndcg_{k}"
    expected = sk.ndcg_score([y], [score], k=k)
    assert METRICS[name].measure(y, score=score).value == pytest.approx(expected)


def test_a_part_of_a_rank_counts_in_part() -> None:
    summed = _discounts(np.array([0.0, 0.5, 1, 2.5]), None)
    np.testing.assert_allclose(summed, [0, 0.5, 1, 1 + 1 / np.log2(3) + 0.5 / 2])


def test_discounts_far_down_are_summed_as_one_by_one() -> None:
    ranks = np.array([_EXACT - 0.5, _EXACT + 1, 3 * _EXACT], dtype=float)
    each = 1 / np.log2(np.arange(1, 3 * _EXACT + 1) + 1)
    expected = np.interp(ranks, np.arange(len(each) + 1), np.r_[0.0, each.cumsum()])
    np.testing.assert_allclose(_discounts(ranks, None), expected, rtol=1e-11)
    assert _discounts(ranks[2], None) == pytest.approx(expected[2], rel=1e-11)


@pytest.mark.parametrize(
    ("name", "y", "why"),
    [
        ("ndcg", [0, 0], "no positive"),
        ("ndcg_5", [0, 0], "no positive"),
        ("lift_at_0.5", [0, 0], "no positive"),
        ("recall_at_0.5", [0, 0], "no positive"),
        ("gain_at_1", [0, 0], "no positive"),
        ("precision_at_3", [0, 1], "fewer than 3 rows"),
        ("lift_at_3", [0, 1], "fewer than 3 rows"),
    ],
)
def test_an_undefined_metric_says_why(name: str, y: list[int], why: str) -> None:
    found = METRICS[name].measure(np.array(y), score=np.array([0.2, 0.3]))
    assert found.value is None
    assert why in found.why


def test_precision_without_positives_is_0() -> None:
    assert METRICS["precision_at_1"].measure(np.zeros(3), score=np.arange(3) / 3).value == 0.0
