"""What holds for every metric: its shape, its range, its weights, its reasons."""

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from mlpipe.errors import SpecError
from mlpipe.metrics.scores import (
    DEFAULT_METRICS,
    METRICS,
    MetricName,
    SomeName,
    UnscaledName,
    for_task,
    names_for,
)
from tests.metrics.sample import ROWS, ready, told

ALL = [*METRICS, *(each.sample.name for each in METRICS.families.values())]


@pytest.mark.parametrize("name", ALL)
def test_counts_as_weights_are_repeated_rows(name: str) -> None:
    metric = ready(METRICS[name])
    y, pred, score = told(metric)
    counts = np.random.default_rng(6).integers(0, 4, (3, ROWS))
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


@pytest.mark.parametrize("name", ALL)
def test_the_order_of_the_rows_never_matters(name: str) -> None:
    metric = ready(METRICS[name])
    y, pred, score = told(metric)
    mixed = np.random.default_rng(8).permutation(ROWS)
    weight = np.random.default_rng(9).random(ROWS)
    moved = metric.measure(
        y[mixed],
        pred=pred[mixed],
        score=None if score is None else score[mixed],
        weight=weight[mixed],
    )
    assert moved.value == pytest.approx(
        metric.measure(y, pred=pred, score=score, weight=weight).value
    )


@pytest.mark.parametrize("name", ALL)
def test_weights_of_zero_and_no_rows_are_undefined_never_an_error(name: str) -> None:
    metric = ready(METRICS[name])
    y, pred, score = (None if each is None else each[:4] for each in told(metric))
    assert metric.measure(y, pred=pred, score=score, weight=np.zeros(4)).value is None
    none = None if score is None else score[:0]
    assert metric.measure(y[:0], pred=pred[:0], score=none) == (None, "no rows")


@pytest.mark.parametrize("name", ALL)
def test_values_lie_in_the_range_and_the_perfect_model_is_best(name: str) -> None:
    metric = ready(METRICS[name])
    y, pred, score = told(metric)
    value = metric.measure(y, pred=pred, score=score).value
    assert value is not None
    assert metric.least <= value <= metric.most
    if metric.needs == "score":
        # Sure, but not so sure that a recalibration runs away.
        perfect = y * 0.98 + 0.01 if score.ndim == 1 else np.eye(3)[y] * 0.97 + 0.01
    else:
        perfect = None
    best = metric.measure(y, pred=y, score=perfect).value
    if name.startswith("calibration"):  # of a sure and perfect order there is none
        return
    assert metric.goodness(best) >= metric.goodness(value)


@pytest.mark.parametrize("name", ALL)
def test_every_metric_says_what_it_is_and_when_it_is_not(name: str) -> None:
    metric = METRICS[name]
    assert metric.description
    assert not metric.description.endswith(".")
    assert metric.undefined
    assert set(metric.tasks) <= set(DEFAULT_METRICS)
    assert metric.name == name


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_million_rows_are_measured(name: str) -> None:
    metric = ready(METRICS[name])
    y, pred, score = told(metric)
    generator = np.random.default_rng(0)
    rows = generator.integers(0, ROWS, 1_000_000)
    noise = generator.random((len(rows), 1)) * 1e-3
    if score is not None:
        score = score[rows] + (noise if score.ndim == 2 else noise[:, 0])
    y, pred = y[rows], pred[rows]
    assert metric.measure(y, pred=pred, score=score).value is not None


def test_goodness_turns_every_metric_so_that_greater_is_better() -> None:
    assert METRICS["roc_auc"].goodness(0.7) > METRICS["roc_auc"].goodness(0.6)
    assert METRICS["rmse"].goodness(1.0) > METRICS["rmse"].goodness(2.0)
    assert METRICS["bias"].goodness(-0.1) > METRICS["bias"].goodness(2.0)
    slope = METRICS["calibration_slope"]
    assert slope.goodness(1.1) > slope.goodness(0.5)
    assert slope.goodness(0.9) > slope.goodness(0.0)


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValidationError, match="not a metric") as caught:
        TypeAdapter(MetricName).validate_python("roc_acu")
    assert caught.value.errors()[0]["ctx"]["hint"] == "did you mean 'roc_auc'?"


def test_fields_hold_the_canonical_name() -> None:
    for spelled in ("fbeta_2.0", {"fbeta": 2}, {"fbeta": {"beta": 2.0}}):
        assert TypeAdapter(MetricName).validate_python(spelled) == "fbeta_2"
        assert TypeAdapter(SomeName).validate_python(spelled) == "fbeta_2"
    assert TypeAdapter(SomeName).validate_python("retention_profit") == "retention_profit"
    assert TypeAdapter(SomeName).validate_python("lift_at_home") == "lift_at_home"


def test_a_scaled_metric_has_no_place_without_a_baseline() -> None:
    assert TypeAdapter(MetricName).validate_python("mase") == "mase"
    assert TypeAdapter(UnscaledName).validate_python("mae") == "mae"
    with pytest.raises(ValidationError, match="evaluate alone") as caught:
        TypeAdapter(UnscaledName).validate_python("mase")
    assert "mae" in caught.value.errors()[0]["ctx"]["hint"]


def test_editors_are_told_every_spelling() -> None:
    schema = TypeAdapter(MetricName).json_schema()["anyOf"]
    assert schema[0]["enum"] == list(METRICS)
    assert len(schema) == 1 + len(METRICS.families)


def test_a_metric_of_another_task_is_refused() -> None:
    with pytest.raises(SpecError, match="a metric of regression") as caught:
        for_task("rmse", "binary", key="train.select")
    assert caught.value.problems[0].key == "train.select"
    with pytest.raises(SpecError, match="not a metric"):
        for_task("rmze", "regression")
    assert for_task("rmse", "regression") is METRICS["rmse"]
    assert for_task("fbeta_2", "binary").name == "fbeta_2"


@pytest.mark.parametrize("task", DEFAULT_METRICS)
def test_each_task_has_its_usual_metrics(task: str) -> None:
    assert set(DEFAULT_METRICS[task]) <= set(names_for(task))
