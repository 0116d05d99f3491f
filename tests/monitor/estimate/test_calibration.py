import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from mlpipe.monitor.estimate.calibration import calibrated, calibration, classwise, redrawn


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    score = rng.random(3000)
    return score, (rng.random(3000) < score**2).astype(int)


def test_it_is_scikit_learns_isotonic_regression(rows):
    score, truth = rows
    blocks = calibration(score, truth)
    fitted = IsotonicRegression(out_of_bounds="clip").fit(score, truth)
    asked = np.linspace(-0.1, 1.1, 500)
    np.testing.assert_allclose(calibrated(blocks, asked), fitted.predict(asked), atol=1e-9)
    assert sum(blocks["rows"]) == 3000
    assert json.loads(json.dumps(blocks)) == blocks
    assert len(blocks["rate"]) < 100


def test_weights_count():
    score, truth = np.array([0.2, 0.2, 0.8]), np.array([0, 1, 1])
    blocks = calibration(score, truth, np.array([3.0, 1.0, 1.0]))
    assert calibrated(blocks, np.array([0.2])).tolist() == [0.25]


def test_a_redrawn_map_is_as_unsure_as_its_rows():
    blocks = calibration(np.repeat([0.1, 0.9], 400), np.arange(800) % 4 > np.repeat([2, 0], 400))
    assert blocks["rate"] == [0.25, 0.75]
    rng = np.random.default_rng(1)
    drawn = np.array([redrawn(blocks, rng)["rate"] for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(axis=0), [0.25, 0.75], atol=0.003)
    np.testing.assert_allclose(drawn.std(axis=0), (0.25 * 0.75 / 400) ** 0.5, rtol=0.1)
    assert (np.diff(drawn, axis=1) >= 0).all()


def test_chances_of_several_classes_sum_to_one():
    rng = np.random.default_rng(2)
    score = rng.dirichlet([1, 1, 1], 2000)
    y = (rng.random(2000)[:, None] > score.cumsum(axis=1)).sum(axis=1)
    maps = [calibration(score[:, k], y == k) for k in range(3)]
    chance = classwise(maps, score)
    np.testing.assert_allclose(chance.sum(axis=1), 1)
    np.testing.assert_allclose(chance.mean(axis=0), np.bincount(y) / 2000, atol=0.02)


def test_a_row_without_any_chance_keeps_its_scores():
    never = {"low": [0.0], "high": [1.0], "rate": [0.0], "rows": [9]}
    np.testing.assert_allclose(classwise([never] * 2, np.array([[0.3, 0.7]])), [[0.3, 0.7]])


def test_a_wrong_score_becomes_right():
    rng = np.random.default_rng(3)
    x = rng.normal(size=20_000)
    truth = rng.random(20_000) < expit(2 * x - 1)
    found = calibrated(calibration(expit(x), truth), expit(x))
    assert np.abs(found - expit(2 * x - 1)).mean() < 0.02
