"""What calibration did to the scores out of fold: reliability before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.reliability import reliability

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["bent"]


def bent(
    method: str, raw: Array, scores: Array, codes: Array, weight: Array | None, *, crossed: bool
) -> dict[str, Any]:
    """Return how far scores were from what happened, before and after calibration.

    Parameters
    ----------
    method : str
        How they were calibrated.
    raw, scores : array, shape (n,) or (n, classes)
        Of rows that no fold was fitted on, the latter calibrated.
    codes : array of int, shape (n,)
        The class codes.
    weight : array, shape (n,), or None
    crossed : bool
        Whether the curve of each row was learned from rows of other folds.

    Returns
    -------
    dict
        ``method``, ``crossed``, ``of`` (``the positive class``, or of many ``the likeliest
        class``, whose probability is held against how often it is right: Guo et al. 2017), and
        for ``before`` and ``after`` the ``bins`` of `reliability`, ``brier`` and ``ece``.
        ``before`` is None where the raw scores are no probabilities.
    """
    several = scores.ndim == 2
    is_probability = bool(((raw >= 0) & (raw <= 1)).all())
    return {
        "method": method,
        "crossed": crossed,
        "of": "the likeliest class" if several else "the positive class",
        "before": _reliable(raw, codes, weight) if is_probability else None,
        "after": _reliable(scores, codes, weight),
    }


def _reliable(scores: Array, codes: Array, weight: Array | None) -> dict[str, Any]:
    import numpy as np

    from mlpipe.metrics.probability import brier, ece

    said, true = scores, (codes == 1)
    if scores.ndim == 2:
        said, true = scores.max(axis=1), np.argmax(scores, axis=1) == codes
    every = np.ones(len(said)) if weight is None else weight
    hit = true.astype(float)
    return {
        "bins": reliability(said, true),
        "brier": float(brier(hit, None, said, every)),
        "ece": float(ece(hit, None, said, every)),
    }
