import numpy as np
import pytest
import sklearn.metrics as sk

from mlpipe.metrics.probability import ece, ece_gaps, equal_mass_bins
from mlpipe.metrics.scores import METRICS
from tests.metrics.sample import WEIGHTS, many_scores, scores

ORACLES = {
    "brier": sk.brier_score_loss,
    "log_loss": sk.log_loss,
    "d2_brier": sk.d2_brier_score,
    "d2_log_loss": sk.d2_log_loss_score,
}


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", ORACLES)
def test_binary_probabilities_agree_with_scikit_learn(name: str, weight: np.ndarray | None) -> None:
    y, score = scores(12)
    expected = ORACLES[name](y, score, sample_weight=weight)
    assert METRICS[name].measure(y, score=score, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", ORACLES)
def test_probabilities_of_classes_agree_with_scikit_learn(
    name: str, weight: np.ndarray | None
) -> None:
    y, score = many_scores(4)
    expected = ORACLES[name](y, score, sample_weight=weight)
    assert METRICS[name].measure(y, score=score, weight=weight).value == pytest.approx(expected)


@pytest.mark.parametrize("name", ["d2_brier", "d2_log_loss"])
def test_one_class_alone_leaves_nothing_to_save(name: str) -> None:
    for y, score in (
        (np.ones(3), np.array([0.2, 0.5, 0.9])),
        (np.ones(3, int), np.full((3, 3), 1 / 3)),
    ):
        found = METRICS[name].measure(y, score=score)
        assert found.value is None
        assert "one class" in found.why


def test_a_score_of_0_for_what_happened_costs_much_and_not_everything() -> None:
    found = METRICS["log_loss"].measure(np.array([1, 0]), score=np.array([0.0, 0.0])).value
    assert found == pytest.approx(26 * np.log(2), rel=1e-6)


def test_calibration_error_of_a_known_gap() -> None:
    score = np.repeat([0.2, 0.8], 100)
    y = np.r_[np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [60, 40])]
    assert METRICS["ece"].measure(y, score=score).value == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)


def test_bins_hold_equal_mass_and_never_part_equal_scores() -> None:
    assert np.bincount(equal_mass_bins(np.arange(100.0), 10)).tolist() == [10] * 10
    tied = equal_mass_bins(np.repeat([0.1, 0.2], [95, 5]), 10)
    assert len(set(tied[:95])) == 1
    assert set(tied) == {0, 1}
    assert set(equal_mass_bins(np.full(7, 0.4), 10)) == {0}


def test_the_gaps_are_signed_and_add_up_to_the_error() -> None:
    generator = np.random.default_rng(0)
    y, score = generator.integers(0, 2, 200), generator.random(200)
    weight = generator.random((3, 200))
    gaps = ece_gaps(y, None, score, weight)
    assert (gaps < 0).any()
    assert (gaps > 0).any()
    np.testing.assert_allclose(np.abs(gaps).sum(axis=1), ece(y, None, score, weight))
    falling = np.argsort(-score)
    np.testing.assert_allclose(
        ece(y[falling], None, score[falling], weight[:, falling]), ece(y, None, score, weight)
    )
