"""Monitor current data: drift and quality of every chunk, against the reference.

What is here observes the window alone; `history.judge` decides with the nights before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import CALENDAR, Chunk, chunked
from mlpipe.monitor.estimate.asked import Asked
from mlpipe.monitor.history.record import digest
from mlpipe.monitor.moved import PREDICTION, Moved, calibrated, chunk_row, moved, ranked
from mlpipe.monitor.multivariate import MOST_ROWS, multivariate, unlooked
from mlpipe.monitor.names import column_measure
from mlpipe.monitor.said import Said
from mlpipe.monitor.spec import Rows
from mlpipe.monitor.watched import unasked, watched
from mlpipe.monitor.window import CHUNK, Window
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import count
from mlpipe.table.sample import scattered
from mlpipe.table.tally import one_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mlpipe.monitor.model import Current, Model
    from mlpipe.monitor.spec import Monitor
    from mlpipe.table.session import Session

__all__ = ["observe", "unobserved"]


def observe(
    spec: Monitor,
    model: Model,
    current: Current,
    session: Session,
    *,
    asked: Asked | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Compare current data and predictions with the reference that the model carries.

    Parameters
    ----------
    spec : Monitor
    model : Model
    current : Current
    session : Session
    asked : Asked, optional
        What is looked at beside drift; by default, the watched metric.
    seed : int
        Of the bootstrap and of the domain classifier.

    Returns
    -------
    dict
        rows, every, profile (digest of the reference), limits, drift, quality, estimate,
        business, fairness, decay, multivariate, chunks and notes: what the window says by
        itself, for `judge`.

    Raises
    ------
    SpecError
        The model carries no reference profile, or the metric is not one of the task.
    """
    reference = model.reference
    window = Window.of(current.table, current.columns, session, spec.every, current.file_column)
    counted = window.counted(reference)
    chunks, notes = _chunks(spec, window, counted, current.as_of)
    every = spec.length if counted["every"] else None
    quiet, uncalibrated = calibrated(reference, every)
    found = moved(spec, quiet, chunks)
    said = Said(window.cut(current.predictions, chunks), chunks, model.classes)
    of_predictions = _predictions(spec, reference.get("predictions"), said, session)
    seen = watched(
        spec,
        asked or Asked((spec.quality.metric,) if spec.quality else ()),
        model.task,
        reference,
        window,
        said,
        seed=seed,
        known=model.rows,
    )
    together = _together(spec, model, window, seed)
    notes += [f"multivariate: {note}" for note in together["notes"]]
    notes += uncalibrated + _warnings(window, counted, reference)
    return {
        "rows": counted["rows"],
        "every": _every(spec) if every else None,
        "profile": digest(model.profile),
        "limits": _limits(spec),
        "drift": ranked([*of_predictions, *found], model.importance),
        "notes": notes,
        **seen,
        "multivariate": together,
        "chunks": [
            {**_chunk(chunk, found, at), "counts": _counts([*found, *of_predictions], at)}
            for at, chunk in enumerate(chunks)
        ],
    }


def unobserved(spec: Monitor) -> dict[str, Any]:
    """Return the report of no rows at all: there is nothing but the prediction log."""
    return {
        **unasked(),
        "rows": 0,
        "every": spec.length if spec.length in CALENDAR else None,
        "profile": digest(None),  # the log is of whatever model answered
        "limits": _limits(spec),
        "drift": [],
        "notes": ["there is no current data: latency and health alone are judged"],
        "multivariate": unlooked(),
        "chunks": [],
    }


def _chunks(
    spec: Monitor, window: Window, counted: Mapping[str, Any], as_of: datetime | None
) -> tuple[list[Chunk], list[str]]:
    rows = spec.every.rows if isinstance(spec.every, Rows) else None
    chunks, notes = chunked(counted, spec.length, spec.minimum_rows, window.spans(), as_of, rows)
    if spec.history and any(chunk.period is None for chunk in chunks):
        notes.append("without a time or `as_of` this window has no place in the history")
    return chunks, notes


def _every(spec: Monitor) -> str:
    return f"{spec.every.rows:,} rows" if isinstance(spec.every, Rows) else spec.every


def _chunk(chunk: Chunk, found: Sequence[Moved], at: int) -> dict[str, Any]:
    """Return what the report says of a chunk, and what its record is known by."""
    return {
        **chunk_row(chunk, found, at),
        "period": chunk.period,
        "until": chunk.until,
        "ordered_by": chunk.ordered_by,
        "content": digest(chunk.counts),
    }


def _counts(found: Sequence[Moved], at: int) -> dict[str, Any]:
    """Return what a chunk counted, by measure: history keeps it, to be added to that of others."""
    return {
        column_measure({"role": each.role, "column": each.column}): each.counted[at]
        for each in found
    }


def _limits(spec: Monitor) -> dict[str, Any]:
    return {"drift": spec.drift.alert, "warn": spec.drift.warn, "rows": spec.minimum_rows}


def _together(spec: Monitor, model: Model, window: Window, seed: int) -> dict[str, Any]:
    """Look for drift of all columns together, where the spec asks for it."""
    if not spec.multivariate:
        return unlooked()
    rows = model.rows
    if rows is None:
        return unlooked("the model carries no reference rows: train it again")
    # What looks back is no column of the table: the first rows of training have no past yet, so
    # that later ones would always be told from them.
    kinds = {name: each["kind"] for name, each in model.reference["bins"].items()}
    names = [name for name in rows if name in window.table.columns and name in kinds]
    chosen = str(window.session.con.compile(window.table.select(ROW, *names)))
    sample = f"SELECT * FROM ({chosen}) ORDER BY {scattered()}, {ROW} LIMIT {MOST_ROWS}"  # noqa: S608
    found = window.session.raw.execute(sample).df()
    return multivariate(rows, found, kinds, least=spec.minimum_rows, seed=seed)


def _predictions(
    spec: Monitor, reference: Mapping[str, Any] | None, said: Said, session: Session
) -> list[Moved]:
    """Test the predictions like columns, in the same chunks."""
    if not reference or not said.chunks:
        return []
    found = count(reference, said.table, Columns(), session, every="file", file_column=CHUNK)
    counted = found["chunks"]
    same = [chunk.of(counted[chunk.label]) for chunk in said.chunks if chunk.label in counted]
    return moved(spec, calibrated(reference, spec.length)[0], same, PREDICTION)


def _warnings(
    window: Window, counted: Mapping[str, Any], reference: Mapping[str, Any]
) -> list[str]:
    """Return what deserves a look, whatever the tests say."""
    if not counted["rows"]:
        return ["the window is empty"]
    before, now = reference["columns"], counted["columns"]
    notes = [f"{name} is not in the current data" for name in before if name not in now]
    notes += [
        f"{name} has a single value in the current data"
        for name, each in now.items()
        if counted["rows"] > 1
        and one_value(reference["bins"][name], each)
        and not one_value(reference["bins"][name], before[name])
    ]
    if counted["every"] is None and window.every != "all":
        what = "file_column" if window.every == "file" else "columns.time"
        notes.append(f"without {what}, all rows are one chunk")
    elif window.every in CALENDAR and not counted["chunks"]:
        notes.append("no row has a time: all rows are one chunk")
    return notes
