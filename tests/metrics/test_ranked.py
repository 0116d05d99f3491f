from itertools import permutations

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.metrics.ranked import cumulated
from mlpipe.metrics.scores import METRICS
from tests.metrics.sample import ROWS, WEIGHTS, many_scores, scores

RANKED = {"roc_auc": sk.roc_auc_score, "average_precision": sk.average_precision_score}


def test_thresholds_stand_where_positives_are_found() -> None:
    y = np.array([0, 1, 0, 0, 1])
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    positives, rows, thresholds = cumulated(y, score, np.ones(5))
    assert positives.tolist() == [0, 1, 1, 2]
    assert rows.tolist() == [1, 2, 4, 5]
    assert thresholds.tolist() == [0.9, 0.8, 0.6, 0.5]


def test_the_order_of_the_rows_does_not_matter() -> None:
    generator = np.random.default_rng(0)
    y, score = generator.integers(0, 2, 60), np.round(generator.random(60), 1)
    weight = generator.random((2, 60))
    mixed = generator.permutation(60)
    one = cumulated(y, score, weight)
    other = cumulated(y[mixed], score[mixed], weight[:, mixed])
    for left, right in zip(one, other, strict=True):
        np.testing.assert_allclose(left, right)


@pytest.mark.parametrize("decimals", [1, 12])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", RANKED)
def test_areas_agree_with_scikit_learn_with_and_without_ties(
    name: str, weight: np.ndarray | None, decimals: int
) -> None:
    y, score = scores(decimals)
    expected = RANKED[name](y, score, sample_weight=weight)
    assert METRICS[name].measure(y, score=score, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("how", ["ovr", "ovo"])
def test_areas_of_many_classes_agree_with_scikit_learn(how: str) -> None:
    y, score = many_scores(4)
    expected = sk.roc_auc_score(y, score, multi_class=how, average="macro")
    assert METRICS[f"roc_auc_{how}"].measure(y, score=score).value == pytest.approx(expected)


@given(st.integers(0, 10_000), st.floats(0.001, 0.999), st.sampled_from([1, 3, 12]))
def test_recall_at_a_false_positive_rate_is_a_point_of_the_curve(
    seed: int, fpr: float, decimals: int
) -> None:
    generator = np.random.default_rng(seed)
    y = np.r_[0, 1, generator.integers(0, 2, 50)]
    score, weight = np.round(generator.random(52), decimals), generator.random(52) + 0.01
    curve = sk.roc_curve(y, score, sample_weight=weight, drop_intermediate=False)
    found = METRICS[f"recall_at_fpr_{fpr!r}"].measure(y, score=score, weight=weight).value
    assert found == pytest.approx(np.interp(fpr, curve[0], curve[1]), abs=1e-9)


def test_recall_where_the_rate_is_met_exactly_takes_the_positives_there() -> None:
    y = np.repeat([0, 1, 0], [29, 10, 71])
    score = np.linspace(1, 0, len(y))
    assert METRICS["recall_at_fpr_0.29"].measure(y, score=score).value == 1.0
    assert METRICS["recall_at_fpr_0.28"].measure(y, score=score).value == 0.0


@pytest.mark.parametrize("k", [1, 2, 3, 9])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_top_k_accuracy_agrees_with_scikit_learn(weight: np.ndarray | None, k: int) -> None:
    y, score = many_scores(10)
    expected = sk.top_k_accuracy_score(y, score, k=k, sample_weight=weight)
    found = METRICS[f"top_k_accuracy_{k}"].measure(y, score=score, weight=weight).value
    assert found == pytest.approx(expected)


def test_a_tie_at_the_kth_class_counts_in_part() -> None:
    score = np.array([[0.4, 0.2, 0.2, 0.2]])
    found = METRICS["top_k_accuracy_2"].measure(np.array([3]), score=score).value
    drawn = [places.index(3) < 1 for places in permutations([1, 2, 3])]
    assert found == pytest.approx(np.mean(drawn))
    every = METRICS["top_k_accuracy_9"].measure(np.array([3]), score=score).value
    assert every == 1.0


def test_a_class_without_rows_leaves_the_areas_undefined() -> None:
    y, score = many_scores(3)
    y = np.where(y == 2, 1, y)
    for name in ("roc_auc_ovr", "roc_auc_ovo"):
        found = METRICS[name].measure(y, score=score)
        assert found.value is None
        assert "a class has no rows" in found.why


@pytest.mark.parametrize(
    ("name", "y", "why"),
    [
        ("roc_auc", [1, 1], "one class"),
        ("roc_auc", [0, 0], "one class"),
        ("average_precision", [0, 0], "no positive"),
        ("recall_at_fpr_0.1", [1, 1], "one class"),
        ("recall_at_fpr_0.1", [0, 0], "one class"),
    ],
)
def test_an_undefined_metric_says_why(name: str, y: list[int], why: str) -> None:
    found = METRICS[name].measure(np.array(y), score=np.array([0.2, 0.3]))
    assert found.value is None
    assert why in found.why


def test_all_alike_scores_rank_nothing() -> None:
    y, _ = scores(1)
    score = np.full(ROWS, 0.3)
    assert METRICS["roc_auc"].measure(y, score=score).value == pytest.approx(0.5)
    assert METRICS["recall_at_fpr_0.2"].measure(y, score=score).value == pytest.approx(0.2)
