from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from mlpipe.bundle.calibration import Sigmoid, calibrated, learn

RANDOM = np.random.default_rng(0)
scores = RANDOM.random(4000)
truth = (RANDOM.random(4000) < scores**2).astype(int)


@pytest.mark.parametrize("method", ["isotonic", "sigmoid"])
def test_crooked_probabilities_become_straight(method: str) -> None:
    """Scores are the root of the probability: bins must come out at their frequency."""
    made = calibrated(learn(method, scores, truth), scores)
    for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8)):
        inside = (scores >= low) & (scores < high)
        assert made[inside].mean() == pytest.approx((scores[inside] ** 2).mean(), abs=0.05)


@drawn(st.lists(st.floats(-1, 2), min_size=1, max_size=30))
def test_order_stays(given: list[float]) -> None:
    ordered = np.sort(np.array(given))
    for method in ("isotonic", "sigmoid"):
        made = calibrated(CURVES[method], ordered)
        assert (np.diff(made) >= -1e-12).all()
        assert ((made >= 0) & (made <= 1)).all()


CURVES = {method: learn(method, scores, truth) for method in ("isotonic", "sigmoid")}


def test_weights_count() -> None:
    score = np.array([0.2, 0.2, 0.8, 0.8])
    curves = learn("isotonic", score, np.array([0, 1, 0, 1]), np.array([3.0, 1, 1, 3]))
    assert calibrated(curves, np.array([0.2, 0.8])).tolist() == [0.25, 0.75]


def test_any_real_score_gets_a_probability() -> None:
    far = RANDOM.normal(size=2000) * 30
    curve = Sigmoid().fit(far, RANDOM.random(2000) < 1 / (1 + np.exp(-far / 10)))
    assert not curve.of_log_odds
    assert curve.slope == pytest.approx(0.1, rel=0.2)
    assert curve.predict(np.array([-1e6, 1e6])).tolist() == [0, 1]


def test_classes_add_up_even_where_no_curve_speaks() -> None:
    class Nothing:
        def predict(self, score: np.ndarray) -> np.ndarray:
            return np.zeros_like(score)

    made = calibrated([Nothing(), Nothing()], np.array([[0.4, 0.6]]))
    assert made.tolist() == [[0.5, 0.5]]
    many = RANDOM.dirichlet([1, 1, 1], 300)
    curves = learn("isotonic", many, np.argmax(many, axis=1))
    assert np.allclose(calibrated(curves, many).sum(axis=1), 1)


def test_nothing_is_nothing() -> None:
    assert calibrated((), scores) is scores
