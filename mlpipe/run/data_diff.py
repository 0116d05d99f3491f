"""``data diff``: two data sets in, how they differ out."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError, StoreError
from mlpipe.run.datasets import Dataset, open_dataset
from mlpipe.table.diff.compare import Asked, compare
from mlpipe.table.diff.schema import Side, require, side

if TYPE_CHECKING:
    from mlpipe.table.session import Session

__all__ = ["DiffRequest", "check_output", "data_diff"]

MEMORY = "1GiB"
"""What the engine may hold in memory; the rest goes to a temporary directory."""


@dataclass(frozen=True)
class DiffRequest:
    """What was asked for on the command line.

    Attributes
    ----------
    a, b : str
        Two data sets, as `open_dataset` takes them.
    runs_dir : Path
    key : tuple of str or None
        Names of columns, or several parted by commas; None: what a run declares; empty: none.
    ignore : tuple of str
        Columns that are not compared.
    tolerance : float
        How far floats may be apart, absolutely or as a share of the larger.
    rows : Path or None
        The Parquet file that takes every differing row.
    """

    a: str
    b: str
    runs_dir: Path
    key: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    tolerance: float = 0.0
    rows: Path | None = None


def data_diff(request: DiffRequest) -> dict[str, Any]:
    """Return how two data sets differ, as `mlpipe.table.diff.compare.compare` does.

    Raises
    ------
    SpecError
        For data sets and columns that are not there, and options that do not fit.
    DataError
        For data that cannot be read exactly, and a key that is not unique.
    StoreError
        For a damaged artifact, a full disk, or a file that cannot be written.
    """
    if request.rows is not None:
        check_output("--rows", request.rows, (request.a, request.b), suffix=".parquet")
    with tempfile.TemporaryDirectory(prefix="mlpipe-diff-") as scratch:
        from mlpipe.table.session import Session

        with Session(Path(scratch)) as session, _readable():
            session.raw.execute(f"SET memory_limit = '{MEMORY}'")
            return _compared(request, session)


def check_output(option: str, path: Path, inputs: Sequence[str], suffix: str = "") -> None:
    """Refuse a file to write that has no folder, another ending, or is one of the inputs.

    Raises
    ------
    SpecError
    """
    if suffix and path.suffix != suffix:
        raise SpecError(Problem(f"expected a name that ends in {suffix}", f"{option} {path}"))
    if not path.parent.is_dir():
        raise SpecError(Problem("there is no such folder", f"{option} {path}"))
    if path.is_dir():
        raise SpecError(Problem("is a folder", f"{option} {path}"))
    if path.exists() and any(os.path.exists(x) and path.samefile(x) for x in inputs):
        raise SpecError(Problem("is one of the two data sets", f"{option} {path}"))


def _compared(request: DiffRequest, session: "Session") -> dict[str, Any]:
    from mlpipe.monitor.drift import effect

    sets = [
        open_dataset(wanted, request.runs_dir, session, label)
        for label, wanted in (("a", request.a), ("b", request.b))
    ]
    # From here on every result that is shown is ordered by what it shows.
    session.raw.execute("SET preserve_insertion_order = false")
    whole = [side(session, each.name, each.sql) for each in sets]
    ignore = _names(request.ignore, whole)
    for name in ignore:
        if not any(name in each.types for each in whole):
            require([name], whole[:1], "--ignore")
    a, b = (side(session, each.name, each.sql, ignore) for each in sets)
    keys = _key(request, sets, (a, b))
    both = [name for name in keys if name in ignore]
    if both:
        raise SpecError(Problem("is the key, and cannot be ignored", f"--ignore {both[0]}"))
    hidden = frozenset(name for each in sets for name in each.sensitive)
    with _staged(request.rows) as rows:
        return compare(session, a, b, Asked(keys, request.tolerance, hidden, rows), effect)


def _key(request: DiffRequest, sets: Sequence[Dataset], sides: Sequence[Side]) -> tuple[str, ...]:
    """Return the columns of the key: those asked for, else those that a run declares."""
    if request.key is not None:
        return _names(request.key, sides)
    declared = list(dict.fromkeys(each.key for each in sets if each.key))
    if len(declared) > 1:
        words = " and ".join(", ".join(each) for each in declared)
        hint = "name the key with --key, or compare whole rows with --no-key"
        raise SpecError(Problem(f"the two runs declare different keys: {words}", hint=hint))
    return declared[0] if declared else ()


def _names(texts: Sequence[str], sides: Sequence[Side]) -> tuple[str, ...]:
    """Split names at commas, but for a column that has one in its name."""
    names: list[str] = []
    for text in texts:
        whole = any(text in each.types for each in sides)
        names += [text] if whole else [part.strip() for part in text.split(",")]
    return tuple(dict.fromkeys(names))


@contextmanager
def _staged(path: Path | None) -> Iterator[Path | None]:
    """Write beside the file and rename: a reader sees the old file or the new one."""
    if path is None:
        yield None
        return
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield staged
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


@contextmanager
def _readable() -> Iterator[None]:
    """Say what the engine stumbles over in words of ours."""
    import duckdb

    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException):
        raise  # SQL of ours that is wrong is no fault of the data
    except duckdb.OutOfMemoryException as error:
        hint = "free space in the temporary directory, or set TMPDIR to a larger disk"
        raise StoreError(Problem(f"out of space: {_first(error)}", hint=hint)) from error
    except duckdb.IOException as error:
        raise StoreError(Problem(f"cannot be read or written: {_first(error)}")) from error
    except duckdb.Error as error:
        hint = "is a file damaged? write it again"
        raise DataError(Problem(f"cannot be compared: {_first(error)}", hint=hint)) from error


def _first(error: Exception) -> str:
    return str(error).splitlines()[0]
