"""The metrics of regression against scikit-learn's, and what leaves them undefined."""

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.metrics.relative import scaled
from mlpipe.metrics.scores import METRICS
from tests.metrics.sample import ROWS, WEIGHTS, numbers

VALUES = {
    "mae": sk.mean_absolute_error,
    "rmse": sk.root_mean_squared_error,
    "rmsle": sk.root_mean_squared_log_error,
    "mape": sk.mean_absolute_percentage_error,
    "poisson_deviance": sk.mean_poisson_deviance,
    "gamma_deviance": sk.mean_gamma_deviance,
    "r2": sk.r2_score,
    "explained_variance": sk.explained_variance_score,
    "d2_absolute": sk.d2_absolute_error_score,
    "median_ae": sk.median_absolute_error,
}


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", VALUES)
def test_numbers_agree_with_scikit_learn(name: str, weight: np.ndarray | None) -> None:
    y, pred = numbers()
    expected = VALUES[name](y, pred, sample_weight=weight)
    assert METRICS[name].measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


@given(st.floats(0.01, 0.99), st.integers(0, 2))
def test_losses_of_quantiles_agree_with_scikit_learn(quantile: float, which: int) -> None:
    y, pred = numbers()
    weight = WEIGHTS[which]
    for word, oracle in (
        ("pinball", sk.mean_pinball_loss),
        ("d2_pinball", sk.d2_pinball_score),
    ):
        metric = METRICS[METRICS.canonical({word: quantile})]
        expected = oracle(y, pred, alpha=quantile, sample_weight=weight)
        assert metric.measure(y, pred=pred, weight=weight).value == pytest.approx(expected)


def test_the_greatest_error_is_of_the_rows_that_count() -> None:
    y, pred = numbers()
    assert METRICS["max_error"].measure(y, pred=pred).value == sk.max_error(y, pred)
    worst = np.abs(pred - y).argmax()
    others = (np.arange(ROWS) != worst).astype(float)
    without = sk.max_error(np.delete(y, worst), np.delete(pred, worst))
    assert METRICS["max_error"].measure(y, pred=pred, weight=others).value == without


def test_figures_by_hand() -> None:
    y, pred, weight = np.array([0.0, 2, -4]), np.array([0.0, 3, -2]), np.array([1.0, 1, 2])

    def value(name: str) -> float | None:
        return METRICS[name].measure(y, pred=pred, weight=weight).value

    assert value("bias") == pytest.approx((0 + 1 + 2 * 2) / 4)
    assert value("wape") == pytest.approx((0 + 1 + 2 * 2) / (0 + 2 + 2 * 4))
    assert value("smape") == pytest.approx((0 + 1 / 2.5 + 2 * 2 / 3) / 4)
    mase = scaled(METRICS["mase"], 2.5)
    assert mase.measure(y, pred=pred, weight=weight).value == pytest.approx(5 / 4 / 2.5)


@pytest.mark.parametrize("scale", [None, 0.0])
def test_without_a_scale_there_is_no_scaled_error(scale: float | None) -> None:
    y, pred = numbers()
    found = scaled(METRICS["mase"], scale).measure(y, pred=pred)
    assert found.value is None
    assert "baseline" in found.why


@pytest.mark.parametrize(
    ("name", "y", "pred", "why"),
    [
        ("rmsle", [1.0, -1.0], [1.0, 1.0], "negative"),
        ("rmsle", [1.0, 1.0], [1.0, -1.0], "negative"),
        ("mape", [0.0, 1.0], [1.0, 1.0], "wape"),
        ("wape", [0.0, 0.0], [1.0, 1.0], "all true values are 0"),
        ("r2", [3.3, 3.3, 3.3], [1.0, 2.0, 3.0], "constant"),
        ("explained_variance", [3.3, 3.3, 3.3], [1.0, 2.0, 3.0], "constant"),
        ("d2_absolute", [3.3, 3.3, 3.3], [1.0, 2.0, 3.0], "constant"),
        ("d2_pinball_0.9", [3.3, 3.3, 3.3], [1.0, 2.0, 3.0], "constant"),
        ("poisson_deviance", [-1.0, 1.0], [1.0, 1.0], "negative"),
        ("poisson_deviance", [0.0, 1.0], [0.0, 1.0], "not above 0"),
        ("gamma_deviance", [0.0, 1.0], [1.0, 1.0], "not above 0"),
        ("gamma_deviance", [1.0, 1.0], [0.0, 1.0], "not above 0"),
        ("mae", [1.0, 1.0], [np.inf, 1.0], "not a finite number"),
        ("r2", [1.0, 2.0], [np.nan, 1.0], "not a finite number"),
    ],
)
def test_an_undefined_metric_says_why(
    name: str, y: list[float], pred: list[float], why: str
) -> None:
    found = METRICS[name].measure(np.array(y), pred=np.array(pred))
    assert found.value is None
    assert why in found.why


@pytest.mark.parametrize("name", ["r2", "explained_variance", "d2_absolute", "d2_pinball_0.7"])
def test_shares_keep_their_digits_where_values_are_large(name: str) -> None:
    y, pred = numbers()
    small = METRICS[name].measure(y, pred=pred).value
    large = METRICS[name].measure(y + 1e7, pred=pred + 1e7).value
    assert large == pytest.approx(small, rel=1e-6)


def test_the_median_is_that_of_numpy_for_odd_and_even_rows() -> None:
    for rows in (5, 6):
        y, pred = np.zeros(rows), np.arange(rows, dtype=float) ** 2
        assert METRICS["median_ae"].measure(y, pred=pred).value == np.median(pred)
