import numpy as np

from mlpipe.metrics.probability import ece, ece_gaps, equal_mass_bins


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
