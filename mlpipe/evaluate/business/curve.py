"""The profit curve: what acting from each threshold on would be worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from mlpipe.evaluate.business.worth import Worth
    from mlpipe.metrics.outcomes import Outcomes

__all__ = ["profit_curve"]

_POINTS = 100


def profit_curve(worth: Worth, told: Outcomes, threshold: float | None) -> dict[str, Any] | None:
    """Return what 1,000 rows are worth over the threshold, on a hundred points at most.

    It is drawn, and nothing is chosen on it: the threshold was learned before, on other rows.

    Parameters
    ----------
    worth : Worth
        Of two classes.
    told : Outcomes
        The same rows, with scores.
    threshold : float or None
        The model's own; marked.

    Returns
    -------
    dict or None
        ``threshold`` (falling), ``acted`` (share of the rows) and ``per_1000`` of the points, and
        ``chosen`` with the same of the model's threshold. None where rows or scores are missing.
    """
    import numpy as np

    if worth.sides is None or told.score is None or not worth.known.any():
        return None
    kept, told = worth.take(worth.known), told.take(worth.known)
    assert kept.sides is not None  # noqa: S101  (it is not None above)
    assert told.score is not None  # noqa: S101
    weight = np.ones(len(told)) if told.weight is None else told.weight
    rows = float(weight.sum())
    if not rows > 0:
        return None
    acted, left = kept.sides
    order = np.argsort(-told.score, kind="stable")
    score = told.score[order]
    # Only between different scores can a line be drawn; the first point acts on nobody.
    cuts = np.r_[0, np.flatnonzero(np.diff(score)) + 1, len(score)]
    flagged = np.r_[0.0, weight[order].cumsum()] / rows
    gains = np.r_[0.0, (weight * (acted - left))[order].cumsum()]
    value = 1000 * (gains + float((weight * left).sum())) / rows
    at = np.r_[np.nextafter(score[0], np.inf), score][cuts]
    shown = _thin(flagged[cuts], value[cuts])
    return {
        "threshold": _plain(at[shown]),
        "acted": _plain(flagged[cuts][shown]),
        "per_1000": _plain(value[cuts][shown]),
        "chosen": _chosen(told.score, threshold, flagged, value),
    }


def _chosen(score: Any, threshold: float | None, flagged: Any, value: Any) -> dict[str, Any] | None:
    if threshold is None:
        return None
    place = int((score >= threshold).sum())
    return {
        "threshold": threshold,
        "acted": plain(float(flagged[place])),
        "per_1000": plain(float(value[place])),
    }


def _thin(acted: Any, value: Any) -> Any:
    """Choose points evenly by the rows acted on and by how far the value moves; keep the best."""
    import numpy as np

    moved = np.abs(np.diff(value, prepend=value[0])).cumsum()
    along = acted + moved / (moved[-1] or 1)
    places = np.searchsorted(along, np.linspace(along[0], along[-1], _POINTS - 3))
    return np.unique(np.r_[0, np.minimum(places, len(along) - 1), np.argmax(value), len(along) - 1])


def _plain(values: Any) -> list[Any]:
    return [plain(float(value)) for value in values]
