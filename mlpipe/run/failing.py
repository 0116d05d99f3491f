"""All rows that fail, one Parquet file a check: written for the user, and no part of a run."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError
from mlpipe.run.execute import load_dated
from mlpipe.run.formats import read_json
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from mlpipe.run.store import Store
from mlpipe.run.wiring.data import places, referred

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.checks.check import Check
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["write_rows"]


def write_rows(request: Request, result: Result, folder: Path) -> list[tuple[Path, int]]:
    """Write the rows of each check that failed or warned; return the files and their rows.

    Every column of the table is there, `_row`, and `file` and `line` where ingest tells them;
    values of sensitive columns are null. Checks that no single row fails, and those of sources,
    have no file.

    Raises
    ------
    StoreError
        Where the folder cannot be written.
    """
    keys = {done.step: done.key for done in result.steps if done.key}
    if "validate" not in keys:
        return []
    pipeline = load_dated(request).pipeline
    store = Store(Path(request.runs_dir))
    with store.session(), tempfile.TemporaryDirectory() as scratch:
        ingested, validated = (store.find(step, keys[step]) for step in ("ingest", "validate"))
        if ingested is None or validated is None:
            return []
        from mlpipe.table.session import Session
        from mlpipe.validate.stage import bound

        with Session(Path(scratch)) as session:
            table = session.positioned(ingested.path / "table.parquet")
            references = referred(pipeline.validate_.references, ingested.path)
            checks = bound(pipeline.validate_, pipeline.columns, table, session, references)
            entries = read_json(validated, "report")["checks"]
            where = places(ingested.path)
            return [
                (path, _write(session, table, check, pipeline.columns, where, path))
                for check, path in _failed(checks, entries, _made(folder))
            ]


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot be made: {error.strerror or error}"
        raise StoreError(Problem(message, str(folder))) from error
    return folder


def _failed(
    checks: "list[Check]", entries: list[Mapping[str, Any]], folder: Path
) -> "Iterator[tuple[Check, Path]]":
    """Yield the checks that failed with rows to show, and a file name for each."""
    for at, (check, entry) in enumerate(zip(checks, entries, strict=False)):
        if entry["status"] != "passed" and check.condition:
            stem = re.sub(r"[^A-Za-z0-9]+", "-", f"{check.column or 'table'}-{check.check}")
            yield check, folder / f"{at:02d}-{stem.strip('-')[:60]}.parquet"


def _write(
    session: "Session",
    table: "ir.Table",
    check: "Check",
    columns: "Columns",
    where: str,
    path: Path,
) -> int:
    """Write the rows of one check in their order: first under another name, then in its place."""
    from mlpipe.checks.failing import failing_rows
    from mlpipe.checks.places import with_places
    from mlpipe.table.columns import ROW

    hidden = {name.lower() for name in columns.sensitive}
    shown = [_shown(name, hidden) for name in table.columns]
    rows = failing_rows(str(session.con.compile(table)), check)
    rows = f"SELECT {', '.join(shown)} FROM ({rows}) AS t"  # noqa: S608
    taken = {name.lower() for name in table.columns}
    if where:
        names = [f"_{name}" if name in taken else name for name in ("file", "line")]
        rows = with_places(rows, where, names[0], names[1])
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        count = session.copy(f"SELECT * FROM ({rows}) ORDER BY {ROW}", staged)  # noqa: S608
        staged.replace(path)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise StoreError(Problem(message, str(path))) from error
    finally:
        staged.unlink(missing_ok=True)
    return count


def _shown(name: str, hidden: set[str]) -> str:
    """Return SQL of a column; of a sensitive one, nothing of its type."""
    from mlpipe.table.session import identifier

    quoted = identifier(name)
    return f"CASE WHEN false THEN {quoted} END AS {quoted}" if name.lower() in hidden else quoted
