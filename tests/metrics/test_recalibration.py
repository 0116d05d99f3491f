import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from mlpipe.metrics.scores import METRICS
from tests.metrics.sample import WEIGHTS, scores

SLOPE, INTERCEPT = METRICS["calibration_slope"], METRICS["calibration_intercept"]


def likeliest(y: np.ndarray, score: np.ndarray, weight: np.ndarray, *, sloped: bool) -> np.ndarray:
    """Maximize the likelihood by a general method."""
    x = logit(score)

    def loss(at: np.ndarray) -> float:
        odds = at[0] + (at[1] if sloped else 1) * x
        return float((weight * (np.logaddexp(0, odds) - y * odds)).sum())

    start = [0.0, 1.0] if sloped else [0.0]
    return minimize(loss, start, method="BFGS", options={"gtol": 1e-6}).x


@pytest.mark.parametrize("weight", WEIGHTS)
def test_slope_and_intercept_are_the_likeliest(weight: np.ndarray | None) -> None:
    y, score = scores(2)
    counts = np.ones(len(y)) if weight is None else weight
    found = SLOPE.measure(y, score=score, weight=weight).value
    assert found == pytest.approx(likeliest(y, score, counts, sloped=True)[1], abs=1e-4)
    found = INTERCEPT.measure(y, score=score, weight=weight).value
    assert found == pytest.approx(likeliest(y, score, counts, sloped=False)[0], abs=1e-4)


@given(st.floats(0.05, 3), st.floats(-3, 3), st.integers(0, 100))
def test_the_slope_undoes_a_bend_of_the_scores(bend: float, shift: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    odds = generator.normal(0, 1.5, 500)
    y = (generator.random(500) < expit(odds)).astype(int)
    plain = SLOPE.measure(y, score=expit(odds)).value
    bent = SLOPE.measure(y, score=expit(shift + bend * odds)).value
    assert bent == pytest.approx(plain / bend, rel=1e-5)


@given(st.floats(-6, 6))
def test_the_intercept_undoes_a_shift(shift: float) -> None:
    generator = np.random.default_rng(0)
    odds = generator.normal(0, 1.5, 500)
    y = (generator.random(500) < expit(odds)).astype(int)
    plain = INTERCEPT.measure(y, score=expit(odds)).value
    moved = INTERCEPT.measure(y, score=expit(odds + shift)).value
    assert moved == pytest.approx(plain - shift, abs=1e-6)


def test_resamples_of_many_rows_are_fitted_over_bins_about_as_well() -> None:
    generator = np.random.default_rng(0)
    odds = generator.normal(-1, 2, 30_000)
    y = (generator.random(len(odds)) < expit(0.2 + 0.8 * odds)).astype(int)
    weight = generator.poisson(1, (2, len(odds))).astype(float)
    for metric in (SLOPE, INTERCEPT):
        together = metric.formula(y, None, expit(odds), weight)
        exact = [metric.formula(y, None, expit(odds), each) for each in weight]
        # A hundredth of their standard error, which is about 0.01.
        np.testing.assert_allclose(together, exact, atol=1e-4)


@pytest.mark.parametrize(
    ("metric", "y", "score", "why"),
    [
        (SLOPE, [1, 1, 1], [0.2, 0.3, 0.4], "one class"),
        (SLOPE, [0, 1, 0], [0.3, 0.3, 0.3], "all alike"),
        (SLOPE, [0, 0, 1], [0.1, 0.2, 0.7], "part them"),
        (INTERCEPT, [0, 0, 0], [0.1, 0.2, 0.7], "one class"),
    ],
)
def test_an_undefined_metric_says_why(
    metric: object, y: list[int], score: list[float], why: str
) -> None:
    found = metric.measure(np.array(y), score=np.array(score))
    assert found.value is None
    assert why in found.why


def test_scores_of_0_and_1_are_kept_off_the_ends() -> None:
    y = np.array([0, 1, 0, 1, 1])
    score = np.array([0.0, 1.0, 1.0, 0.0, 0.5])
    assert SLOPE.measure(y, score=score).value is not None
    assert INTERCEPT.measure(y, score=score).value is not None
