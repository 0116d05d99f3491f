"""Rows to score, of each task, with what scikit-learn takes as weights."""

import numpy as np

from mlpipe.metrics.metric import Metric
from mlpipe.metrics.relative import scaled

ROWS = 400
WEIGHTS = [
    None,
    np.random.default_rng(3).random(ROWS),
    np.random.default_rng(4).integers(0, 3, ROWS).astype(float),
]


def labels(classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, ROWS)
    wrong = generator.random(ROWS) < 0.3
    return y, np.where(wrong, generator.integers(0, classes, ROWS), y)


def scores(decimals: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    y = (generator.random(ROWS) < 0.3).astype(int)
    return y, np.round(np.clip(0.6 * generator.random(ROWS) + 0.3 * y, 0.01, 0.99), decimals)


def many_scores(classes: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    y = generator.integers(0, classes, ROWS)
    score = generator.dirichlet(np.ones(classes), ROWS) + 0.2 * np.eye(classes)[y]
    return y, score / score.sum(axis=1, keepdims=True)


def numbers() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(2)
    y = generator.gamma(2, 10, ROWS)
    return y, y * generator.uniform(0.5, 1.4, ROWS)


def told(metric: Metric) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return truth, predictions and scores that the metric can judge."""
    if metric.needs == "value":
        return *numbers(), None
    if "binary" in metric.tasks:
        y, score = scores(2)
        return y, (score > 0.4).astype(int), score
    y, score = many_scores(3)
    return y, score.argmax(axis=1), score


def ready(metric: Metric) -> Metric:
    """Give a scaled metric its scale."""
    return scaled(metric, 2.5) if metric.scaled else metric
