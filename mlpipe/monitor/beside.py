"""What a window says of quality beside its realised metric: estimates, decay, a naive model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.scores import for_task
from mlpipe.monitor.decay import decay, undecided
from mlpipe.monitor.estimate.stage import estimated, unestimated
from mlpipe.monitor.estimate.support import outside
from mlpipe.monitor.estimate.together import apart_by_chunk, apart_notes
from mlpipe.monitor.losses import chunk_loss, losses
from mlpipe.monitor.naive import naive_values
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.monitor.estimate.asked import Asked
    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.naive import Guesses
    from mlpipe.monitor.spec import Monitor
    from mlpipe.monitor.window import Window

__all__ = ["decayed", "estimated_in", "with_naive"]

_SHOWN = 5
"""Columns that are named as lying outside the support."""


def estimated_in(
    spec: Monitor,
    asked: Asked,
    task: str,
    reference: Mapping[str, Any],
    window: Window,
    rows: Sequence[Unlabelled],
    classes: Sequence[Any],
    *,
    seed: int,
    naive: Guesses,
    known: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the estimate of each chunk of a window: see `estimated`.

    Parameters
    ----------
    spec : Monitor
    asked : Asked
    task : str
    reference : mapping
        The profile.
    window : Window
    rows : sequence of Unlabelled
        The chunks, in the order of time.
    classes : sequence
        In the order of their codes.
    seed : int
    naive : mapping
        From `guesses`.
    known : DataFrame, optional
        Rows of training, where the bundle keeps any.

    Returns
    -------
    dict
        What `estimated` returns; each chunk with the share of rows ``apart`` (see
        `apart_by_chunk`; None where that is not known), and ``outside``: the columns that most
        rows are outside of.
    """
    if not asked or not rows:
        return unestimated()
    table = window.table
    names = asked.columns(reference.get("unlabelled") or {})
    names = [name for name in names if name in table.columns]
    frame = window.session.pandas(table.select(ROW, *names)).set_index(ROW)
    flags, counts = outside(reference, table, window.columns, window.session)
    report = estimated(
        asked,
        task,
        rows,
        reference,
        frame,
        classes=classes,
        outside=flags,
        spec=spec,
        seed=seed,
        naive={label: pred for label, (pred, _) in naive.items()},
    )
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:_SHOWN]
    far = {}
    if known is not None and report["chunks"]:
        far = apart_by_chunk(known, reference, window, rows, flags, seed=seed)
    return {
        **report,
        "outside": [{"column": name, "rows": count} for name, count in most],
        "chunks": [
            {**each, "apart": far.get(each["chunk"], {}).get("share")} for each in report["chunks"]
        ],
        "notes": [*report["notes"], *apart_notes(far)],
    }


def decayed(
    spec: Monitor,
    task: str,
    reference: Mapping[str, Any],
    rows: Sequence[Unlabelled],
) -> dict[str, Any]:
    """Look for a lasting change of the loss over the chunks that have enough labels.

    Parameters
    ----------
    spec : Monitor
    task : str
    reference : mapping
        The profile.
    rows : sequence of Unlabelled
        The chunks, in the order of time.
    """
    was = (reference.get("unlabelled") or {}).get("loss")
    if not spec.decay:
        return undecided("decay: false")
    if was is None or "between" not in was:
        return undecided("the model does not say what its loss was: train it again")
    if not any(len(each.truth) for each in rows):
        return undecided("no labels yet")
    labelled = [each for each in rows if len(each.truth) >= spec.minimum_rows]
    kept = [chunk_loss(each.label, losses(task, each.truth)) for each in labelled]
    return decay(kept, was)


def with_naive(
    quality: Mapping[str, Any], task: str, rows: Sequence[Unlabelled], said: Guesses
) -> dict[str, Any]:
    """Put the naive model beside the realised metric of each chunk, as ``naive``."""
    if quality["metric"] is None:
        return dict(quality)
    metric = for_task(quality["metric"], task)
    values = naive_values(metric, rows, said)
    notes = list(quality["notes"])
    told = []
    for row in quality["chunks"]:
        naive = values.get(row["chunk"])
        told.append({**row, "naive": naive})
        if None in (naive, row["value"]) or metric.goodness(row["value"]) > metric.goodness(naive):
            continue
        notes.append(f"in {row['chunk']} the model is no better than a naive one")
    return {**quality, "chunks": told, "notes": notes}
