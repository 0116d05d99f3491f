import numpy as np
import pytest
import sklearn.metrics as sk

from mlpipe.metrics.scores import METRICS
from tests.metrics.sample import WEIGHTS, labels

LABELS = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "matthews": sk.matthews_corrcoef,
    "cohen_kappa": sk.cohen_kappa_score,
}
AVERAGED = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", LABELS)
def test_labels_agree_with_scikit_learn(name: str, weight: np.ndarray | None, classes: int) -> None:
    y, pred = labels(classes)
    expected = LABELS[name](y, pred, sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("missing", ["nothing", "never predicted", "never true"])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("by", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("of", AVERAGED)
def test_averages_agree_with_scikit_learn(
    of: str, by: str, weight: np.ndarray | None, missing: str
) -> None:
    y, pred = labels(5)
    y = np.where((y == 2) & (missing == "never true"), 0, y)
    pred = np.where((pred == 2) & (missing == "never predicted"), 0, pred)
    expected = AVERAGED[of](y, pred, average=by, sample_weight=weight, zero_division=0)
    found = METRICS[f"{of}_{by}"].measure(y, pred=pred, weight=weight).value
    assert found == pytest.approx(expected)


def test_kappa_of_one_class_alone_is_undefined() -> None:
    y = np.zeros(5, int)
    found = METRICS["cohen_kappa"].measure(y, pred=y)
    assert found.value is None
    assert "one class" in found.why


def test_micro_averages_are_proportions() -> None:
    y, pred = labels(4)
    assert METRICS["f1_micro"].counts(y, pred) == (int((y == pred).sum()), len(y))
