import numpy as np

from mlpipe.metrics.ranked import cumulated


def test_thresholds_stand_where_positives_are_found() -> None:
    y = np.array([0, 1, 0, 0, 1])
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    positives, rows, thresholds = cumulated(y, score, np.ones(5))
    assert positives.tolist() == [0, 1, 1, 2]
    assert rows.tolist() == [1, 2, 4, 5]
    assert thresholds.tolist() == [0.9, 0.8, 0.6, 0.5]


def test_the_order_of_the_rows_does_not_matter() -> None:
    generator = np.random.default_rng(0)
    y, score = generator.integers(0, 2, 60), np.round(generator.random(60), 1)
    weight = generator.random((2, 60))
    mixed = generator.permutation(60)
    one = cumulated(y, score, weight)
    other = cumulated(y[mixed], score[mixed], weight[:, mixed])
    for left, right in zip(one, other, strict=True):
        np.testing.assert_allclose(left, right)
