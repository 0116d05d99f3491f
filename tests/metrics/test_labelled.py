import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.metrics.scores import METRICS
from tests.metrics.sample import WEIGHTS, labels

BINARY = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}

PROPORTIONS = ("precision", "recall", "specificity", "negative_predictive_value")


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", BINARY)
def test_labels_agree_with_scikit_learn(name: str, weight: np.ndarray | None) -> None:
    y, pred = labels(2)
    expected = BINARY[name](y, pred, sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize(
    ("name", "oracle"),
    [("specificity", sk.recall_score), ("negative_predictive_value", sk.precision_score)],
)
def test_of_the_negatives_they_are_recall_and_precision(
    name: str, oracle: object, weight: np.ndarray | None
) -> None:
    y, pred = labels(2)
    expected = oracle(y, pred, pos_label=0, sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


@given(st.floats(0.01, 100), st.integers(0, 1000))
def test_fbeta_agrees_with_scikit_learn(beta: float, seed: int) -> None:
    y, pred = labels(2, seed)
    name = METRICS.canonical({"fbeta": beta})
    expected = sk.fbeta_score(y, pred, beta=beta)
    assert METRICS[name].measure(y, pred=pred).value == pytest.approx(expected)


def test_the_published_rates_of_compas() -> None:
    # ProPublica 2016: decile 5 or more taken as the prediction; counts tn, fp, fn, tp.
    published = {
        (990, 805, 532, 1369): (0.4485, 0.2799),
        (1139, 349, 461, 505): (0.2345, 0.4772),
    }
    y, pred = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    for counts, expected in published.items():
        kept, found = (
            METRICS[name].measure(y, pred=pred, weight=np.array(counts, float)).value
            for name in ("specificity", "recall")
        )
        assert (round(1 - kept, 4), round(1 - found, 4)) == expected


@pytest.mark.parametrize(
    ("name", "y", "pred", "why"),
    [
        ("precision", [0, 1], [0, 0], "predicted positive"),
        ("recall", [0, 0], [1, 0], "no positive"),
        ("specificity", [1, 1], [1, 0], "no negative"),
        ("negative_predictive_value", [1, 0], [1, 1], "predicted negative"),
        ("f1", [0, 0], [0, 0], "neither"),
        ("fbeta_2", [0, 0], [0, 0], "neither"),
    ],
)
def test_an_undefined_metric_says_why(name: str, y: list[int], pred: list[int], why: str) -> None:
    found = METRICS[name].measure(np.array(y), pred=np.array(pred))
    assert found.value is None
    assert why in found.why


@pytest.mark.parametrize(
    "name", ["precision", "recall", "specificity", "negative_predictive_value"]
)
def test_the_counts_of_a_proportion_are_its_value(name: str) -> None:
    y, pred = labels(2)
    successes, trials = METRICS[name].counts(y, pred)
    assert successes / trials == METRICS[name].measure(y, pred=pred).value
