"""Monitor current data: drift of every column and realised quality, against the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.monitor.chunks import LEVELS, Chunk, chunked, decide
from mlpipe.monitor.estimate.stage import Asked
from mlpipe.monitor.moved import PREDICTION, Moved, calibrated, chunk_row, moved, ranked
from mlpipe.monitor.multivariate import multivariate, unlooked
from mlpipe.monitor.said import Said
from mlpipe.monitor.watched import watched
from mlpipe.monitor.window import Window
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import count
from mlpipe.table.tally import one_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.monitor.spec import Monitor
    from mlpipe.table.session import Session

__all__ = ["monitor"]


def monitor(
    spec: Monitor,
    task: str,
    columns: Columns,
    reference: Mapping[str, Any],
    current: ir.Table,
    predictions: pd.DataFrame,
    importance: Mapping[str, float],
    quality_reference: Mapping[str, Any],
    session: Session,
    *,
    labels: ir.Table | None = None,
    classes: Sequence[Any] = (),
    file_column: str | None = None,
    as_of: datetime | None = None,
    seed: int = 0,
    asked: Asked | None = None,
    reference_rows: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Compare current data and predictions with the reference that the model carries.

    Parameters
    ----------
    spec : Monitor
    task : {"binary", "multiclass", "regression"}
    columns : Columns
    reference : mapping
        The reference profile of the table; under ``predictions``, that of the predictions.
    current : ibis table
        The current rows, with ``_row``.
    predictions : DataFrame
        ``_row``, ``prediction``, and ``score`` or ``score_CLASS``, of the same rows.
    importance : mapping
        Importance of the columns to the model; may be empty.
    quality_reference : mapping
        metric -> ``value``, ``low``, ``high`` when the model was evaluated; may be empty.
    session : Session
    labels : ibis table, optional
        Key columns and target; without it, the target column of `current`, where it is there.
    classes : sequence, optional
        The classes in the order of their codes (of two, the positive one is last).
    file_column : str, optional
        The column that names the file of a row, for ``every: file``.
    as_of : datetime, optional
        When the data was taken, naive and in UTC.
    seed : int
        Of the bootstrap.
    asked : Asked, optional
        What is estimated; by default, the watched metric.
    reference_rows : DataFrame, optional
        Rows of train, for ``multivariate: true``.

    Returns
    -------
    dict
        ``report``: status (ok, warn, alert, insufficient), rows, every, drift, quality, estimate,
        decay, multivariate, chunks, notes.

    Raises
    ------
    SpecError
        The model carries no reference profile, or the metric is not one of the task.
    DataError
        The labels lack the target or a key column.
    """
    if not reference or "bins" not in reference:
        hint = "train the model again: its bundle then holds profile.json"
        raise SpecError(Problem("the model carries no reference profile", "", "monitor", hint))
    window = Window(current, columns, session, spec.every, file_column)
    counted = window.counted(reference)
    chunks, notes = chunked(counted, spec.every, spec.minimum_rows, window.spans(), as_of)
    quiet, uncalibrated = calibrated(reference, counted["every"])
    found = moved(spec, quiet, chunks)
    of_predictions = _predictions(spec, reference.get("predictions"), predictions, window, chunks)
    seen = watched(
        spec,
        asked or Asked((spec.quality.metric,) if spec.quality else ()),
        task,
        {**reference, "quality": quality_reference},
        window,
        Said(predictions, chunks, labels, classes),
        seed=seed,
    )
    notes += uncalibrated + _warnings(window, counted, reference, as_of) + seen.pop("notes")
    seen["multivariate"] = _together(spec, reference, reference_rows, window, seed)
    rows = ranked([*of_predictions, *found], importance)
    enough = any(chunk.rows >= spec.minimum_rows for chunk in chunks)
    statuses = [each["status"] for each in (*rows, *seen.values())]
    report = {
        "status": _worst(statuses) if enough else "insufficient",
        "rows": counted["rows"],
        "every": counted["every"],
        "drift": rows,
        **seen,
        "chunks": [chunk_row(chunk, found, at) for at, chunk in enumerate(chunks)],
        "notes": notes + _persistence(chunks),
    }
    return {"report": report}


def _together(
    spec: Monitor,
    reference: Mapping[str, Any],
    rows: pd.DataFrame | None,
    window: Window,
    seed: int,
) -> dict[str, Any]:
    """Look for drift of all columns together, where the spec asks for it."""
    if not spec.multivariate:
        return unlooked()
    if rows is None:
        return unlooked("the model carries no reference rows: train it again")
    kinds = {name: each["kind"] for name, each in reference["bins"].items()}
    names = [name for name in rows if name in window.table.columns]
    current = window.session.pandas(window.table.select(ROW, *names).order_by(ROW))
    return multivariate(rows, current, kinds, least=spec.minimum_rows, seed=seed)


def _predictions(
    spec: Monitor,
    reference: Mapping[str, Any] | None,
    predictions: pd.DataFrame,
    window: Window,
    chunks: Sequence[Chunk],
) -> list[Moved]:
    """Test the predictions like columns, in the same chunks."""
    if not reference or not chunks:
        return []
    frame = predictions.assign(_chunk=predictions[ROW].map(window.chunk_of_rows(chunks)))
    table = window.session.frame(frame.dropna(subset=["_chunk"]))
    counted = count(
        reference, table, Columns(), window.session, every="file", file_column="_chunk"
    )["chunks"]
    same = [chunk.of(counted[chunk.label]) for chunk in chunks if chunk.label in counted]
    return moved(spec, calibrated(reference, spec.every)[0], same, PREDICTION)


def _warnings(
    window: Window,
    counted: Mapping[str, Any],
    reference: Mapping[str, Any],
    as_of: datetime | None,
) -> list[str]:
    """Return what deserves a look, whatever the tests say."""
    if not counted["rows"]:
        return ["the window is empty"]
    before, now = reference["columns"], counted["columns"]
    notes = [f"{name} is not in the current data" for name in before if name not in now]
    notes += [
        f"{name} has a single value in the current data"
        for name, each in now.items()
        if one_value(reference["bins"][name], each)
        and not one_value(reference["bins"][name], before[name])
    ]
    if counted["every"] is None:
        what = "file_column" if window.every == "file" else "columns.time"
        notes.append(f"without {what}, all rows are one chunk")
    late = window.after(as_of) if as_of else 0
    return [*notes, f"{late:,} rows lie in the future"] if late else notes


def _worst(statuses: Sequence[str]) -> str:
    levels = [LEVELS.index(status) for status in statuses if status in LEVELS]
    return LEVELS[max(levels)] if levels else "insufficient"


def _persistence(chunks: Sequence[Chunk]) -> list[str]:
    _, note = decide(["ok"] * len(chunks))
    return [note] if note else []
