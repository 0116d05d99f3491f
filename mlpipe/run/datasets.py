# ruff: noqa: S608 — the path in the query is quoted by `literal`.
"""What a person means by a data set: files, a run, or a file of an artifact."""

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError, StoreError
from mlpipe.ingest.spec import Ingest
from mlpipe.run.folders import RECORD, RunEntry
from mlpipe.run.history import find_run, read_run
from mlpipe.run.manifest import NAME as MANIFEST
from mlpipe.run.manifest import Artifact
from mlpipe.run.store import Store
from mlpipe.table.columns import RESERVED, Columns
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mlpipe.table.session import Session

__all__ = ["Dataset", "open_dataset"]

TABLE = "table.parquet"
INGESTED = ("ingest", "current")


@dataclass(frozen=True)
class Dataset:
    """Rows in a session, and what the spec they were made with says of them.

    Attributes
    ----------
    name : str
        As a person knows it: the path as written, or ``churn/0007-3f9a``.
    sql : str
        Trusted SQL of the rows.
    key, sensitive : tuple of str
        Of the spec; empty for files.
    """

    name: str
    sql: str
    key: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()


def open_dataset(wanted: str, runs_dir: Path, session: "Session", label: str) -> Dataset:
    """Return the data set that a person means.

    Parameters
    ----------
    wanted : str
        A file, a pattern or a URL, read as ingest reads a source; the folder of an artifact of
        ingest, or a Parquet file in any artifact; a run as `find_run` takes it, or its folder.
    runs_dir : Path
        Where runs are kept.
    session : Session
        Where files are read to.
    label : str
        What a message calls the source: a word of letters.

    Raises
    ------
    SpecError
        Where there is no such thing.
    DataError
        For a file that cannot be read exactly.
    StoreError
        For an artifact that is not what was written.
    """
    path = Path(wanted)
    inside = path.resolve() if path.is_dir() else path.resolve().parent
    if (inside / MANIFEST).is_file() and path.exists():
        return _from_artifact(wanted, inside, path.resolve())
    if (path / RECORD).is_file():
        return _from_run(path.resolve().parents[1], str(path.resolve()), wanted)
    if path.is_file() or "://" in wanted or (glob.has_magic(wanted) and glob.glob(wanted)):
        return Dataset(wanted, _read(wanted, session, label))
    return _from_run(runs_dir, wanted, wanted)


def _from_artifact(wanted: str, folder: Path, path: Path) -> Dataset:
    root, step = folder.parents[2], folder.parent.name
    artifact = Store(root, create=False).find(step, folder.name)
    if artifact is None:
        raise StoreError(Problem("the artifact is not what was written", wanted))
    name = TABLE if path == folder else path.name
    if name not in artifact.manifest.files or not name.endswith(".parquet"):
        held = ", ".join(each for each in artifact.manifest.files if each.endswith(".parquet"))
        raise SpecError(
            Problem("names no table", wanted, hint=f"tables in there: {held or 'none'}")
        )
    return _dataset(wanted, artifact, name)


def _from_run(root: Path, run: str, wanted: str) -> Dataset:
    entry = _entry(root, run, wanted)
    store = Store(entry.path.parent.parent, create=False)
    name = f"{entry.name}/{entry.run}"
    link = read_run(entry)["artifacts"].get("ingest")
    if link is None:
        raise SpecError(Problem(f"the run {name} has no table", hint="it failed before ingest did"))
    artifact = store.find(link["step"], link["key"])
    if artifact is None:
        hint = "run its spec again: mlpipe ingest SPEC"
        raise StoreError(Problem(f"the table of the run {name} is gone", str(root), hint=hint))
    return _dataset(name, artifact, TABLE)


def _entry(root: Path, run: str, wanted: str) -> RunEntry:
    try:
        return find_run(root, run)
    except SpecError as error:
        (problem,) = error.problems
        if "there is no run" not in problem.message:
            raise
        tried = os.path.abspath(wanted)
        hint = f"tried {tried}; {problem.hint}"
        if Path(wanted).is_dir():
            hint = f'it is a folder: name its files, as "{wanted}/*.csv"'
        raise SpecError(Problem(f"there is no file or run '{wanted}'", hint=hint)) from error


def _dataset(name: str, artifact: Artifact, file: str) -> Dataset:
    made_from = artifact.manifest.made_from
    rows_of_ingest = artifact.manifest.step in INGESTED and file == TABLE
    return Dataset(
        name,
        _parquet(artifact.path / file),
        _listed(made_from, "spec columns.key") if rows_of_ingest else (),
        _listed(made_from, "spec columns.sensitive"),
    )


def _listed(made_from: "Mapping[str, Any]", name: str) -> tuple[str, ...]:
    """Return a word, or the items of a list, out of flat ingredients."""
    whole = made_from.get(name)
    if isinstance(whole, str):
        return (whole,)
    places = sorted(
        (each for each in made_from if each.startswith(f"{name}.")),
        key=lambda each: int(each.rpartition(".")[2]),
    )
    return tuple(str(made_from[each]) for each in places)


def _read(wanted: str, session: "Session", label: str) -> str:
    """Read files as the only source of an ingest: strictly, nothing bent; return SQL."""
    from mlpipe.ingest.columnar import load_parquet
    from mlpipe.ingest.files import expand
    from mlpipe.ingest.stage import ingest

    section = Ingest.read({"sources": {label: {"path": wanted}}})
    source = section.sources[label]
    if source.format_of(wanted) == "parquet" and not source.is_remote:
        paths = expand(wanted)
        if _ours(paths, session):
            return _parquet(*paths)
        return load_parquet(label, source, paths, session, 0).relation()
    read = ingest(section, Columns(), {}, session, labels=False)
    return str(session.con.compile(read["table"]))


def _ours(paths: Sequence[Path], session: "Session") -> bool:
    """Whether mlpipe wrote the files: tables and predictions carry the position of a row."""
    import duckdb

    try:
        columns = session.raw.execute(f"DESCRIBE {_parquet(*paths[:1])}").fetchall()
    except duckdb.Error:
        return False  # the strict reader says what is wrong
    return any(row[0] in RESERVED for row in columns)


def _parquet(*paths: Path) -> str:
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"
