"""The words of the table of bad inputs: a case, its inputs by format, and what each must get."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

FORMATS = ("csv", "parquet", "jsonl", "sqlite")
NAMES = {"csv": "data.csv", "parquet": "data.parquet", "jsonl": "data.jsonl", "sqlite": "data.db"}


@dataclass(frozen=True)
class Refused:
    """The command ends: exit code 2 for the spec (E), 3 for the data (D)."""

    code: int
    says: str


@dataclass(frozen=True)
class Quarantined:
    """The rows on these lines go to quarantine (Q), and end the command without `max_bad_rows`."""

    says: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Taken:
    """All rows are in the table, with these values in the columns that are named."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    warns: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """The case is run by another test."""

    node: str


@dataclass(frozen=True)
class NotHere:
    """The format cannot have the case, or its reader cannot tell."""

    why: str


@dataclass(frozen=True)
class Input:
    """One bad input in one format.

    Attributes
    ----------
    content : bytes, table, SQL script, or a function that makes the files in a folder
        What stands in the source.
    gets : Refused, Quarantined or Taken
        What it must get.
    source, columns : dict
        The options of the source, and the roles of its columns.
    name : str
        The file, where it is not the usual one of its format.
    dialect : dict
        How Python's own csv module reads the file.
    patches : dict
        Limits that are lowered for the test.
    """

    format: str
    content: bytes | pa.Table | str | Callable[[Path], None]
    gets: Refused | Quarantined | Taken
    source: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    dialect: dict[str, Any] = field(default_factory=dict)
    patches: dict[str, int] = field(default_factory=dict)
    sql: str = ""
    as_nobody: bool = False

    def write(self, folder: Path) -> None:
        """Make the source in a folder."""
        path = folder / (self.name or NAMES[self.format])
        if callable(self.content):
            self.content(folder)
        elif isinstance(self.content, bytes):
            path.write_bytes(self.content)
        elif isinstance(self.content, str):
            run_sqlite(path, self.content)
        else:
            import pyarrow.parquet as pq

            pq.write_table(self.content, path)


Entry = Input | Elsewhere | NotHere


@dataclass(frozen=True)
class Case:
    """A numbered case of the list, with its entries by format."""

    number: int
    title: str
    csv: tuple[Entry, ...]
    parquet: tuple[Entry, ...]
    jsonl: tuple[Entry, ...]
    sqlite: tuple[Entry, ...]

    def of(self, format_: str) -> tuple[Entry, ...]:
        """Return the entries of a format."""
        entries: tuple[Entry, ...] = getattr(self, format_)
        return entries

    def entries(self) -> list[Entry]:
        """Return all entries."""
        return [entry for format_ in FORMATS for entry in self.of(format_)]


def run_sqlite(path: Path, script: str) -> None:
    """Run a script on a SQLite file."""
    import sqlite3

    con = sqlite3.connect(path)
    con.executescript(script)
    con.close()


def csv(content: str | bytes, gets: Any, **options: Any) -> Input:
    """Make CSV from a text or its bytes."""
    return Input("csv", content.encode() if isinstance(content, str) else content, gets, **options)


def jsonl(content: str | bytes, gets: Any, **options: Any) -> Input:
    """Make JSON lines from a text or its bytes."""
    content = content.encode() if isinstance(content, str) else content
    return Input("jsonl", content, gets, **options)


def parquet(content: dict[str, Any] | pa.Table, gets: Any, **options: Any) -> Input:
    """Make Parquet from columns."""
    table = pa.table(content) if isinstance(content, dict) else content
    return Input("parquet", table, gets, **options)


def sqlite(rows: str, gets: Any, *, query: str = "SELECT * FROM t", **options: Any) -> Input:
    """Make a SQLite file from the SQL that fills it."""
    source = {"query": query, **options.pop("source", {})}
    return Input("sqlite", rows, gets, source=source, **options)


def made(format_: str, make: Callable[[Path], None], gets: Any, **options: Any) -> Input:
    """Make a source by a function of its own."""
    return Input(format_, make, gets, **options)


def elsewhere(number: int, title: str, *nodes: str) -> Case:
    """Return a case that other tests run, for no format or for all of them alike."""
    entries = tuple(Elsewhere(node) for node in nodes)
    return Case(number, title, entries, entries, entries, entries)


def text_only(why: str) -> tuple[Entry, ...]:
    """Return the entry of a format that has no text to be wrong in that way."""
    return (NotHere(why),)
