"""Quality over a window: realised where labels are, estimated where not, and whether it decays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.scores import for_task
from mlpipe.monitor.beside import decayed, estimated_in, with_naive
from mlpipe.monitor.decay import undecided
from mlpipe.monitor.estimate.chunk import unlabelled
from mlpipe.monitor.estimate.stage import unestimated
from mlpipe.monitor.quality import Labelled, ordered_classes, realised, unwatched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.estimate.stage import Asked
    from mlpipe.monitor.said import Said
    from mlpipe.monitor.spec import Monitor
    from mlpipe.monitor.window import Window

__all__ = ["watched"]


def watched(
    spec: Monitor,
    asked: Asked,
    task: str,
    reference: Mapping[str, Any],
    window: Window,
    said: Said,
    *,
    seed: int,
) -> dict[str, Any]:
    """Return ``quality``, ``estimate`` and ``decay``, and ``notes`` about the labels.

    Parameters
    ----------
    spec : Monitor
    asked : Asked
        What is estimated; nothing is watched where it names no metric.
    task : str
    reference : mapping
        The profile, with ``quality`` and ``unlabelled``.
    window : Window
    said : Said
    seed : int
    """
    nothing = {"quality": unwatched(), "estimate": unestimated(), "decay": undecided("not asked")}
    if not asked.metrics:
        return {**nothing, "notes": []}
    target, notes = window.targets(said.labels)
    frame = window.session.compact(said.table)
    found = [*target.unique(), *frame["prediction"].unique()]
    order = ordered_classes(task, said.classes, found, window.columns.positive)
    rows = list(unlabelled(task, frame, [each.label for each in said.chunks], target, order))
    quality = _realised(spec, task, reference, rows, seed)
    return {
        "quality": with_naive(quality, task, reference, window, rows, target),
        "estimate": estimated_in(spec, asked, task, reference, window, rows, order, seed=seed),
        "decay": decayed(spec, task, reference, window, rows),
        "notes": notes,
    }


def _realised(
    spec: Monitor, task: str, reference: Mapping[str, Any], rows: Sequence[Unlabelled], seed: int
) -> dict[str, Any]:
    if spec.quality is None:
        return unwatched()
    metric = for_task(spec.quality.metric, task, "monitor.quality.metric")
    labelled = [Labelled(each.label, len(each), each.truth) for each in rows]
    was = reference["quality"].get(metric.name)
    return realised(metric, labelled, was, spec=spec, seed=seed)
