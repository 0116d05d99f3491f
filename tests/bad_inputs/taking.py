"""Take one bad input through fetch and ingest, as the engine does, and look at what came."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.fetch import UnreachableError, Wanted, fetch
from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.run.fetched import localized
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.session import Session
from tests.bad_inputs.words import NAMES, Input

KEY = "ingest.sources.data"


@dataclass(frozen=True)
class Table:
    """What ingest gave."""

    names: list[str]
    rows: list[tuple[Any, ...]]
    bad: list[dict[str, Any]]
    warnings: list[str]
    report: dict[str, Any]

    def column(self, name: str) -> list[Any]:
        at = self.names.index(name)
        return [row[at] for row in self.rows]


def section_of(entry: Input, most: int) -> dict[str, Any]:
    """Return the ``ingest`` section of an input."""
    name = entry.name or NAMES[entry.format]
    origin = {"database": f"sqlite:///{name}"} if entry.format == "sqlite" else {"path": name}
    source = {**origin, **entry.source}
    section: dict[str, Any] = {"sources": {"data": source}, "max_bad_rows": most}
    if entry.sql:
        section["sql"] = entry.sql
    return section


def outputs_of(entry: Input, folder: Path, session: Session, most: int = 0) -> dict[str, Any]:
    """Fetch a database and ingest; in the folder of the input."""
    spec = Ingest.read(section_of(entry, most))
    if entry.format == "sqlite":
        target = folder / f"fetched-{len(list(folder.glob('fetched-*')))}"
        target.mkdir()
        try:
            fetch(Wanted(spec.sources["data"], KEY, target))
        except UnreachableError as error:  # as the engine says it
            raise DataError(Problem(f"cannot be fetched: {error}", key=KEY)) from None
        spec = localized(spec, {"data": str(target / "rows.parquet")})
    return ingest(spec, Columns.read(entry.columns), {}, session)


def taken(entry: Input, folder: Path, session: Session, most: int = 0) -> Table:
    """Return the table and the quarantine of an input."""
    outputs = outputs_of(entry, folder, session, most)
    path = session.path("taken")
    session.write(outputs["table"], path)
    table = pq.read_table(path)
    table = table.drop_columns([name for name in table.column_names if name == ROW])
    bad = session.pandas(outputs["quarantine"]).to_dict("records")
    rows = [tuple(row.values()) for row in table.to_pylist()]
    report = outputs["report"]
    return Table(table.column_names, rows, bad, report["warnings"], report)
