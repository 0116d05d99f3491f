import numpy as np
import pytest
import sklearn.metrics as sk
from pydantic import TypeAdapter, ValidationError

from mlpipe.errors import SpecError
from mlpipe.metrics.scores import (
    DEFAULT_METRICS,
    METRICS,
    MetricName,
    for_task,
    names_for,
)

ROWS = 400


def labels(classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, ROWS)
    wrong = generator.random(ROWS) < 0.3
    return y, np.where(wrong, generator.integers(0, classes, ROWS), y)


def scores(decimals: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    y = (generator.random(ROWS) < 0.3).astype(int)
    return y, np.round(np.clip(0.6 * generator.random(ROWS) + 0.3 * y, 0.01, 0.99), decimals)


def numbers() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(2)
    y = generator.gamma(2, 10, ROWS)
    return y, y * generator.uniform(0.5, 1.4, ROWS)


WEIGHTS = [
    None,
    np.random.default_rng(3).random(ROWS),
    np.random.default_rng(4).integers(0, 3, ROWS),
]
LABELS = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "matthews": sk.matthews_corrcoef,
}
BINARY = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
RANKED = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "brier": sk.brier_score_loss,
    "log_loss": sk.log_loss,
}
VALUES = {
    "mae": sk.mean_absolute_error,
    "rmse": sk.root_mean_squared_error,
    "rmsle": sk.root_mean_squared_log_error,
    "mape": sk.mean_absolute_percentage_error,
    "r2": sk.r2_score,
}


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", [*LABELS, *BINARY])
def test_binary_labels_agree_with_scikit_learn(name: str, weight: np.ndarray | None) -> None:
    y, pred = labels(2)
    expected = (LABELS | BINARY)[name](y, pred, sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("classes", [3, 7])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", [*LABELS, "f1_macro", "f1_weighted"])
def test_many_classes_agree_with_scikit_learn(
    name: str, weight: np.ndarray | None, classes: int
) -> None:
    y, pred = labels(classes)
    if name in LABELS:
        expected = LABELS[name](y, pred, sample_weight=weight)
    else:
        expected = sk.f1_score(y, pred, average=name.removeprefix("f1_"), sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [1, 12])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", RANKED)
def test_scores_agree_with_scikit_learn_with_and_without_ties(
    name: str, weight: np.ndarray | None, decimals: int
) -> None:
    y, score = scores(decimals)
    expected = RANKED[name](y, score, sample_weight=weight)
    assert METRICS[name].measure(y, score=score, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", VALUES)
def test_numbers_agree_with_scikit_learn(name: str, weight: np.ndarray | None) -> None:
    y, pred = numbers()
    expected = VALUES[name](y, pred, sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


def test_one_against_the_rest_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(5)
    y = generator.integers(0, 4, ROWS)
    score = generator.dirichlet(np.ones(4), ROWS) + 0.2 * np.eye(4)[y]
    score /= score.sum(axis=1, keepdims=True)
    expected = sk.roc_auc_score(y, score, multi_class="ovr", average="macro")
    assert METRICS["roc_auc_ovr"].measure(y, score=score).value == pytest.approx(expected)
    expected = sk.log_loss(y, score)
    assert METRICS["log_loss"].measure(y, score=score).value == pytest.approx(expected)


@pytest.mark.parametrize("name", METRICS)
def test_counts_as_weights_are_repeated_rows(name: str) -> None:
    metric = METRICS[name]
    counts = np.random.default_rng(6).integers(0, 4, (3, ROWS))
    score = None
    if metric.needs == "value":
        y, pred = numbers()
    elif name == "roc_auc_ovr":
        y, pred = labels(3)
        score = np.random.default_rng(7).dirichlet(np.ones(3), ROWS)
    else:
        y, score = scores(2)
        pred = (score > 0.4).astype(int)
    found = metric.formula(y, pred, score, counts.astype(float))
    assert found.shape == (3,)
    if name == "ece":  # its bins are those of the rows as given
        return
    for resample, value in zip(counts, found, strict=True):
        again = np.repeat(np.arange(ROWS), resample)
        expected = metric.measure(
            y[again], pred=pred[again], score=None if score is None else score[again]
        ).value
        assert value == pytest.approx(expected)


@pytest.mark.parametrize("name", METRICS)
def test_weights_of_zero_and_no_rows_are_undefined_never_an_error(name: str) -> None:
    metric, shape = METRICS[name], (4, 3) if name == "roc_auc_ovr" else (4,)
    y, pred, score = np.array([0, 1, 0, 1]), np.array([0, 1, 1, 1]), np.full(shape, 0.25)
    assert metric.measure(y, pred=pred, score=score, weight=np.zeros(4)).value is None
    nothing = metric.measure(y[:0], pred=pred[:0], score=score[:0])
    assert nothing == (None, "no rows")


@pytest.mark.parametrize(
    ("name", "y", "pred", "score", "why"),
    [
        ("roc_auc", [1, 1], [1, 1], [0.2, 0.3], "one class"),
        ("average_precision", [0, 0], [0, 0], [0.2, 0.3], "no positive"),
        ("lift_at_10", [0, 0], [0, 0], [0.2, 0.3], "no positive"),
        ("precision", [0, 1], [0, 0], None, "predicted positive"),
        ("recall", [0, 0], [1, 0], None, "no positive"),
        ("specificity", [1, 1], [1, 0], None, "no negative"),
        ("f1", [0, 0], [0, 0], None, "neither"),
        ("rmsle", [1.0, -1.0], [1.0, 1.0], None, "negative"),
        ("mape", [0.0, 1.0], [1.0, 1.0], None, "wape"),
        ("wape", [0.0, 0.0], [1.0, 1.0], None, "all true values are 0"),
        ("r2", [3.3, 3.3, 3.3], [1.0, 2.0, 3.0], None, "constant"),
    ],
)
def test_an_undefined_metric_says_why(
    name: str, y: list[float], pred: list[float], score: list[float] | None, why: str
) -> None:
    told = np.array(pred), None if score is None else np.array(score)
    found = METRICS[name].measure(np.array(y), pred=told[0], score=told[1])
    assert found.value is None
    assert why in found.why


def test_r2_keeps_its_digits_where_values_are_large() -> None:
    y, pred = numbers()
    small = METRICS["r2"].measure(y, pred=pred).value
    assert METRICS["r2"].measure(y + 1e7, pred=pred + 1e7).value == pytest.approx(small, rel=1e-6)


def test_the_median_is_that_of_numpy_for_odd_and_even_rows() -> None:
    for rows in (5, 6):
        y, pred = np.zeros(rows), np.arange(rows, dtype=float) ** 2
        assert METRICS["median_ae"].measure(y, pred=pred).value == np.median(pred)


def test_lift_is_the_gain_of_the_best_tenth() -> None:
    y = np.zeros(100, int)
    y[:20] = 1
    score = np.linspace(1, 0, 100)
    assert METRICS["lift_at_10"].measure(y, score=score).value == pytest.approx(5.0)
    # All scores alike: the tenth is drawn at random.
    assert METRICS["lift_at_10"].measure(y, score=np.full(100, 0.3)).value == pytest.approx(1.0)


def test_calibration_error_of_a_known_gap() -> None:
    score = np.repeat([0.2, 0.8], 100)
    y = np.r_[np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [60, 40])]
    assert METRICS["ece"].measure(y, score=score).value == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)


def test_goodness_turns_every_metric_so_that_greater_is_better() -> None:
    assert METRICS["roc_auc"].goodness(0.7) > METRICS["roc_auc"].goodness(0.6)
    assert METRICS["rmse"].goodness(1.0) > METRICS["rmse"].goodness(2.0)
    assert METRICS["bias"].goodness(-0.1) > METRICS["bias"].goodness(2.0)


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValidationError, match="not a metric") as caught:
        TypeAdapter(MetricName).validate_python("roc_acu")
    assert caught.value.errors()[0]["ctx"]["hint"] == "did you mean 'roc_auc'?"


def test_a_metric_of_another_task_is_refused() -> None:
    with pytest.raises(SpecError, match="a metric of regression") as caught:
        for_task("rmse", "binary", key="train.select")
    assert caught.value.problems[0].key == "train.select"
    with pytest.raises(SpecError, match="not a metric"):
        for_task("rmze", "regression")
    assert for_task("rmse", "regression") is METRICS["rmse"]


@pytest.mark.parametrize("task", DEFAULT_METRICS)
def test_each_task_has_its_usual_metrics(task: str) -> None:
    assert set(DEFAULT_METRICS[task]) <= set(names_for(task))
    assert all(METRICS[name].description for name in names_for(task))
