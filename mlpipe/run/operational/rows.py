"""Held-out rows as `predict` would get them, to measure a model with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.pipeline import Pipeline
    from mlpipe.run.store import Artifact
    from mlpipe.table.session import Session

__all__ = ["write_rows"]


def write_rows(
    path: Path, artifacts: Mapping[str, "Artifact"], pipeline: "Pipeline", most: int
) -> None:
    """Write rows of the test part, or else of valid, spread over it, with what the model takes.

    Where the model looks at earlier rows, the time of all of them becomes a day after the last
    row: they are then new to it, as rows to predict are.

    Parameters
    ----------
    path : Path
        The Parquet file to write.
    artifacts : mapping of str to Artifact
        Those of ingest, split and bundle.
    pipeline : Pipeline
    most : int
        How many rows at most.
    """
    from mlpipe.table.session import Session

    bundle = artifacts["bundle"].path
    inputs = json.loads((bundle / "bundle.json").read_bytes())["inputs"]
    plan = json.loads((bundle / "plan.json").read_bytes())
    with Session(path.parent) as session:
        table = session.positioned(artifacts["ingest"].path / "table.parquet")
        parts = session.read(artifacts["split"].path / "parts.parquet")
        chosen = _spread(_held_out(parts, session), most)
        names = [column["name"] for column in inputs]
        rows = table.filter(table[ROW].isin(chosen)).order_by(ROW).select(*names)
        frame = session.pandas(rows)
        time = pipeline.columns.time
        if time is not None and time in names and (plan["look_back"] or plan.get("aggregates")):
            frame = frame.assign(**{time: _after(frame[time], table, time, session)})
    frame.to_parquet(path, index=False)


def _held_out(parts: "ir.Table", session: "Session") -> list[int]:
    for part in ("test", "valid"):
        rows = session.con.to_pyarrow(parts.filter(parts["part"] == part).select(ROW))
        if len(rows):
            return sorted(rows[ROW].to_pylist())
    return []


def _spread(rows: list[int], most: int) -> list[int]:
    """Return at most so many, at even distances."""
    count = min(len(rows), most)
    return [rows[place * len(rows) // count] for place in range(count)]


def _after(times: "pd.Series[Any]", table: "ir.Table", name: str, session: "Session") -> Any:
    """Return a time a day after the last row, of the type of the column."""
    import datetime as dt

    import pandas as pd

    last = session.con.to_pyarrow(table[name].max()).as_py()
    later = last + (dt.timedelta(days=1) if isinstance(last, dt.date) else 1)
    return pd.Series([later] * len(times), index=times.index, dtype=times.dtype)
