"""The files of a prediction log, in their order, and their lines as Arrow batches."""

from __future__ import annotations

import gzip
import re
import zlib
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlpipe.errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb
    import pyarrow as pa

__all__ = ["Lines", "files", "pattern", "stream", "streamed"]

_NAME = re.compile(r"(?P<stem>.+\.jsonl)(?:\.(?P<part>\d+))?(?:\.gz)?")
_BLOCK = 4 * 2**20
_LONGEST = 64 * 2**20
"""A line is at most this long, in bytes: more is no log."""


class Lines(NamedTuple):
    """Consecutive lines of one file."""

    file: int
    first: int
    texts: list[bytes]
    torn: bool  # whether the last of them has no line feed


def pattern(path: str) -> str:
    """Return the pattern of the files that a path names: a folder is all the files in it.

    >>> pattern("log/2026-*.jsonl*")
    'log/2026-*.jsonl*'
    """
    if has_magic(path) or not Path(path).is_dir():
        return path
    return f"{path.rstrip('/')}/*.jsonl*"


def files(path: str) -> list[Path]:
    """Return the files of a log in the order in which they were written.

    By name, then by part: ``2026-11-26.jsonl``, ``2026-11-26.jsonl.1.gz``, ``2026-11-26.jsonl.2``.

    Raises
    ------
    DataError
        There is none.
    """
    found = [Path(each) for each in glob(pattern(path)) if _NAME.fullmatch(Path(each).name)]
    if not found:
        hint = "expected NAME.jsonl, with .N and .gz behind it where it was rotated"
        raise DataError(Problem(f"no prediction log at {path}", path, "monitor.log", hint))
    return sorted(found, key=_order)


@contextmanager
def streamed(raw: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> Iterator[None]:
    """Let a name of the engine stand for the lines of all files, as they are asked for.

    ``file`` (its place), ``line`` (from 1), ``text`` (null where it is not UTF-8), ``torn``.

    Raises
    ------
    DataError
        A file cannot be read: raised here, since the engine would make an error of its own of it.
    """
    failed: list[DataError] = []
    raw.register(name, stream(paths, failed))
    try:
        yield
    finally:
        raw.unregister(name)
    if failed:
        raise failed[0]


def _batches(paths: Sequence[Path], failed: list[DataError]) -> pa.RecordBatchReader:
    """Return the lines of all files; one that cannot be read ends them and is in ``failed``."""
    import pyarrow as pa

    schema = pa.schema(
        {"file": pa.int32(), "line": pa.int64(), "text": pa.string(), "torn": pa.bool_()}
    )

    def batch(lines: Lines) -> pa.RecordBatch:
        n = len(lines.texts)
        numbers = pa.array(range(lines.first, lines.first + n), pa.int64())
        torn = pa.array([False] * (n - 1) + [lines.torn], pa.bool_())
        place = pa.array([lines.file] * n, pa.int32())
        return pa.RecordBatch.from_arrays(
            [place, numbers, _texts(lines.texts), torn], schema=schema
        )

    def found() -> Iterator[pa.RecordBatch]:
        try:
            for at, path in enumerate(paths):
                yield from map(batch, _lines(at, path))
        except DataError as error:
            failed.append(error)

    return pa.RecordBatchReader.from_batches(schema, found())


def stream(paths: Sequence[Path], failed: list[DataError]) -> Any:
    """Return the lines of all files, once, as the engine takes them: when it is ready for more.

    A reader would be handed to Arrow's scanner, which reads as far ahead as it can.
    """
    return _batches(paths, failed).__arrow_c_stream__()


def _order(path: Path) -> tuple[str, str, int]:
    shape = _NAME.fullmatch(path.name)
    if shape is None:
        return str(path.parent), path.name, 0
    return str(path.parent), shape["stem"], int(shape["part"] or 0)


def _texts(lines: list[bytes]) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(lines, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([_text(line) for line in lines], pa.string())


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _lines(at: int, path: Path) -> Iterator[Lines]:
    """Yield the lines of a file in blocks; a packed file that ends early is torn there."""
    line, rest = 1, b""
    for block in _blocks(path):
        *whole, rest = (rest + block).split(b"\n")
        if whole:
            yield Lines(at, line, whole, torn=False)
            line += len(whole)
        if len(rest) > _LONGEST:
            message = f"the line has more than {_LONGEST >> 20} MiB"
            raise DataError(Problem(message, f"{path}:{line}", "monitor.log"))
    if rest:
        yield Lines(at, line, [rest], torn=True)


def _blocks(path: Path) -> Iterator[bytes]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            while block := file.read1(_BLOCK):
                yield block
    except EOFError:
        return
    except (OSError, zlib.error) as error:
        raise DataError(Problem(f"cannot be read: {error}", str(path), "monitor.log")) from error
