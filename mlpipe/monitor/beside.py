"""What a window says of quality beside its realised metric: estimates, decay, a naive model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.scores import for_task
from mlpipe.monitor.decay import decay, undecided
from mlpipe.monitor.estimate.stage import Asked, estimated, unestimated
from mlpipe.monitor.estimate.support import outside
from mlpipe.monitor.losses import losses
from mlpipe.monitor.naive import latest_known, naive_values
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.monitor.estimate.chunk import Unlabelled
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
    """
    if not asked.metrics or not rows:
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
    )
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:_SHOWN]
    return {**report, "outside": [{"column": name, "rows": count} for name, count in most]}


def decayed(
    spec: Monitor,
    task: str,
    reference: Mapping[str, Any],
    window: Window,
    rows: Sequence[Unlabelled],
) -> dict[str, Any]:
    """Look for a lasting change of the loss over the labelled rows, in the order of time.

    Parameters
    ----------
    spec : Monitor
    task : str
    reference : mapping
        The profile.
    window : Window
    rows : sequence of Unlabelled
        The chunks, in the order of time.
    """
    import numpy as np

    was = (reference.get("unlabelled") or {}).get("loss")
    if not spec.decay:
        return undecided("decay: false")
    if was is None:
        return undecided("the model does not say what its loss was: train it again")
    labelled = [each for each in rows if len(each.truth)]
    if not labelled:
        return undecided("no labels yet")
    loss = np.concatenate([losses(task, each.truth) for each in labelled])
    of_chunk = np.repeat([each.label for each in labelled], [len(each.truth) for each in labelled])
    positions = np.concatenate([each.rows[each.known] for each in labelled])
    order = np.arange(len(loss))
    times = _times(window)
    if times is not None:
        order = np.argsort(times.reindex(positions).to_numpy(), kind="stable")
    loss, of_chunk = loss[order], of_chunk[order]
    return {**decay(loss, of_chunk, was), "chunks": _each(loss, of_chunk, labelled, was)}


def _each(
    loss: Array, of_chunk: Array, labelled: Sequence[Unlabelled], was: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the mean loss of each chunk, and what it says by itself: for the nights after it."""
    found = []
    for each in labelled:
        here = of_chunk == each.label
        alone = decay(loss[here], of_chunk[here], was)
        mean = float(loss[here].mean())
        row = {"chunk": each.label, "value": mean, "n": len(each.truth), "status": alone["status"]}
        found.append(row)
    return found


def with_naive(
    quality: Mapping[str, Any],
    task: str,
    reference: Mapping[str, Any],
    window: Window,
    rows: Sequence[Unlabelled],
    target: pd.Series[Any],
) -> dict[str, Any]:
    """Put the naive model beside the realised metric of each chunk, as ``naive``."""
    learned = (reference.get("unlabelled") or {}).get("naive")
    if quality["metric"] is None:
        return dict(quality)
    metric = for_task(quality["metric"], task)
    latest = latest_known(window, target) if task == "regression" else None
    values = naive_values(metric, task, learned, rows, latest)
    notes = list(quality["notes"])
    told = []
    for row in quality["chunks"]:
        naive = values.get(row["chunk"])
        told.append({**row, "naive": naive})
        if None in (naive, row["value"]) or metric.goodness(row["value"]) > metric.goodness(naive):
            continue
        notes.append(f"in {row['chunk']} the model is no better than a naive one")
    return {**quality, "chunks": told, "notes": notes}


def _times(window: Window) -> pd.Series[Any] | None:
    time = window.columns.time
    if time is None or time not in window.table.columns:
        return None
    return window.session.pandas(window.table.select(ROW, time)).set_index(ROW)[time]
