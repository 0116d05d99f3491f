"""Quality over a window: realised where labels are, estimated where not, and whether it decays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.scores import for_task
from mlpipe.monitor.beside import decayed, estimated_in, with_naive
from mlpipe.monitor.decay import undecided
from mlpipe.monitor.effects import EFFECTS, effects
from mlpipe.monitor.estimate.chunk import unlabelled
from mlpipe.monitor.estimate.stage import unestimated
from mlpipe.monitor.naive import guesses, latest_known
from mlpipe.monitor.quality import Labelled, ordered_classes, realised, unwatched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.monitor.estimate.asked import Asked
    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.naive import Guesses
    from mlpipe.monitor.said import Said
    from mlpipe.monitor.spec import Monitor
    from mlpipe.monitor.window import Window

__all__ = ["unasked", "watched"]


def watched(
    spec: Monitor,
    asked: Asked,
    task: str,
    reference: Mapping[str, Any],
    window: Window,
    said: Said,
    *,
    seed: int,
    known: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return what is known of quality.

    Parameters
    ----------
    spec : Monitor
    asked : Asked
        What is looked at; nothing is watched where nothing is asked.
    task : str
    reference : mapping
        The profile, with ``quality``, ``business``, ``fairness`` and ``unlabelled``.
    window : Window
    said : Said
    seed : int
    known : DataFrame, optional
        Rows of training, where the bundle keeps any.

    Returns
    -------
    dict
        ``quality``, ``estimate``, ``business``, ``fairness`` and ``decay``.
    """
    if not asked:
        return unasked()
    target = window.targets()
    frame = window.session.compact(said.table)
    found = [*target.unique(), *frame["prediction"].unique()]
    order = ordered_classes(task, said.classes, found, window.columns.positive)
    rows = list(unlabelled(task, frame, [each.label for each in said.chunks], target, order))
    naive = _naive(task, reference, window, rows, target)
    quality = _realised(spec, task, reference, rows, seed)
    estimate = estimated_in(
        spec, asked, task, reference, window, rows, order, seed=seed, naive=naive, known=known
    )
    quality = with_naive(quality, task, rows, naive)
    told = quality if quality["metric"] else estimate
    told["notes"] = [*told["notes"], *_unweighted(window)]
    return {
        "quality": quality,
        "estimate": estimate,
        **{kind: effects(estimate, kind, _loss(reference)) for kind in EFFECTS},
        "decay": decayed(spec, task, reference, rows),
    }


def unasked() -> dict[str, Any]:
    """Return the parts of the report where nothing is looked at."""
    estimate = unestimated()
    return {
        "quality": unwatched(),
        "estimate": estimate,
        **{kind: effects(estimate, kind) for kind in EFFECTS},
        "decay": undecided("not asked"),
    }


def _unweighted(window: Window) -> list[str]:
    """Say that weights play no part: whoever has weighted figures of evaluate compares them."""
    weight = window.columns.weight
    if weight is None:
        return []
    return [f"each row counts once, now and at training: monitor does not weigh by {weight}"]


def _naive(
    task: str,
    reference: Mapping[str, Any],
    window: Window,
    rows: Sequence[Unlabelled],
    target: pd.Series[Any],
) -> Guesses:
    learned = (reference.get("unlabelled") or {}).get("naive")
    latest = latest_known(window, target) if task == "regression" else None
    return guesses(task, learned, rows, latest)


def _loss(reference: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return how the loss varied at training, where the model says it."""
    return (reference.get("unlabelled") or {}).get("loss")


def _realised(
    spec: Monitor, task: str, reference: Mapping[str, Any], rows: Sequence[Unlabelled], seed: int
) -> dict[str, Any]:
    if spec.quality is None:
        return unwatched()
    metric = for_task(spec.quality.metric, task, "monitor.quality.metric")
    labelled = [Labelled(each.label, len(each), each.truth) for each in rows]
    was = reference["quality"].get(metric.name)
    return realised(metric, labelled, was, spec=spec, seed=seed, loss=_loss(reference))
