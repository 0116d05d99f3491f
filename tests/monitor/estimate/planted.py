"""Worlds with a known truth: one feature, a score that is not calibrated, and what is so of it."""

import numpy as np
from scipy.special import expit

from mlpipe.metrics.outcomes import Outcomes


def world(seed, n=5000, shift=0.0, turned=0.0):
    """Rows whose feature is moved by `shift` and whose slope fell by `turned`."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    y = (rng.random(n) < expit((1.5 - turned) * x - 1)).astype(int)
    score = expit(x - 0.5)
    return Outcomes(y, (score >= 0.5).astype(int), score)
