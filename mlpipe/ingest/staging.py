"""From the bytes of a file to plain UTF-8 text that a reader can be trusted with."""

from __future__ import annotations

import codecs
import mmap
import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown
from mlpipe.ingest.foreign import refuse_foreign, refuse_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["TextFacts", "blank_lines", "staged", "text_facts"]

CHUNK = 1 << 20
MOST_RATIO = 500
"""How many times larger than itself a compressed file may become, beyond FREE_BYTES."""
FREE_BYTES = 256 << 20
MOST_BYTES = 64 << 30

_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_BOM = codecs.BOM_UTF8
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def staged(path: Path, source: Source, session: Session) -> Path:
    """Return a plain UTF-8 file with the text of ``path``: itself where it is one already.

    Compressed files are unpacked, other encodings decoded, into the session's scratch.

    Raises
    ------
    DataError
        If the file is empty, truncated, of another format, a decompression bomb, UTF-16
        that is not declared, or not of the declared encoding.
    """
    with path.open("rb") as file:
        head = file.read(64)
    packed = next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)
    plain = _unpacked(path, packed, session) if packed else path
    with plain.open("rb") as file:
        head = file.read(4096)
    word = source.format_of(path.name)
    refuse_foreign(path, head, word)
    _refuse_utf16(path, head, source.encoding)
    if source.encoding not in {"utf-8", "ascii", "utf-8-sig"}:
        plain = _decoded(path, plain, source.encoding, session)
    if word == "csv":
        refuse_json(path, plain)
    if any(mark in plain.name for mark in "*?[]{}"):
        link = session.path("source", ".csv")
        link.symlink_to(plain.absolute())
        return link
    return plain


@dataclass(frozen=True)
class TextFacts:
    """What a scan of the bytes tells of a text file.

    Attributes
    ----------
    lines : int
        Physical lines, the last one with or without its line end.
    found : frozenset of bytes
        Which of the marks looked for stand in the file, or after its first line. The end of the
        file counts as the end of a line.
    """

    lines: int
    found: frozenset[bytes]


def text_facts(path: Path, wanted: frozenset[bytes], *, header: bool) -> TextFacts:
    """Count the lines of a file and look for marks of a few bytes, a piece at a time.

    Parameters
    ----------
    wanted : frozenset of bytes
        The marks.
    header : bool
        Whether the first line does not count for them.
    """
    from concurrent.futures import ThreadPoolExecutor

    reach = max((len(mark) for mark in wanted), default=1)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        search = _Search(file.fileno(), size, reach, wanted, header)
        with ThreadPoolExecutor(2) as pool:
            pieces = list(pool.map(search.piece, range(0, size, CHUNK)))
        ended = os.pread(file.fileno(), 1, size - 1) in {b"\n", b"\r"}
    lines = sum(count for count, _ in pieces) + (not ended)
    return TextFacts(lines, frozenset(mark for _, found in pieces for mark in found))


@dataclass(frozen=True)
class _Search:
    """A search through a file by pieces, each on its own."""

    file: int
    size: int
    reach: int
    wanted: frozenset[bytes]
    header: bool

    def piece(self, start: int) -> tuple[int, set[bytes]]:
        """Return how many lines end in a piece, and the marks that begin in it."""
        import numpy as np

        ahead = os.pread(self.file, CHUNK + self.reach, start)
        piece = ahead[:CHUNK]
        newlines = np.frombuffer(ahead, np.uint8) == ord("\n")
        lines = int(np.count_nonzero(newlines[: len(piece)]))
        if b"\r" in piece:
            lines += piece.count(b"\r") - ahead[: len(piece) + 1].count(b"\r\n")
        skipped = _first_line(piece) if self.header and start == 0 else 0
        body = ahead[skipped:]
        if start + len(ahead) >= self.size:  # the end of the file ends a line too
            body += b"\n"
        found = {mark for mark in self.wanted if _stands(mark, body, newlines[skipped:])}
        return lines, found


def _stands(mark: bytes, body: bytes, newlines: Any) -> bool:
    """Search for a mark, by its rarest means: a byte before a line end among the line ends."""
    import numpy as np

    if not all(mark[at : at + 1] in body for at in range(len(mark))):
        return False
    if len(mark) != 2 or mark[1:] != b"\n":
        return mark in body
    before = np.frombuffer(body, np.uint8)[: len(newlines)] == mark[0]
    return body.endswith(mark) or bool((newlines[1:] & before[:-1]).any())


def _first_line(piece: bytes) -> int:
    ends = [at for at in (piece.find(b"\n"), piece.find(b"\r")) if at >= 0]
    return min(ends, default=0)


def blank_lines(path: Path, quote: str) -> int:
    """Count the empty lines of a file that stand outside quotes."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
    end = b"\r\n" if b"\r\n" in head else b"\n"
    first = head.removeprefix(_BOM).startswith(end)
    if not first and not _holds(path, end + end):
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return first + sum(1 for _ in _blank_offsets(data, end, quote.encode()))


def _holds(path: Path, mark: bytes) -> bool:
    """Search a file for a few bytes, a piece at a time."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            if mark in piece or mark in tail + piece[: len(mark)]:
                return True
            tail = piece[-len(mark) :]
    return False


def _blank_offsets(data: mmap.mmap, end: bytes, quote: bytes) -> Iterator[int]:
    start, quotes = 0, 0
    while (found := data.find(end + end, start)) >= 0:
        quotes += _count(data, quote, start, found)
        if quotes % 2 == 0:
            yield found
        start = found + len(end)


def _count(data: mmap.mmap, mark: bytes, start: int, end: int) -> int:
    """Count a byte between two offsets, a piece at a time: the file may not fit in memory."""
    if not mark:
        return 0
    pieces = range(start, end, CHUNK)
    return sum(data[piece : min(piece + CHUNK, end)].count(mark) for piece in pieces)


def _refuse_utf16(path: Path, head: bytes, encoding: str) -> None:
    if encoding.startswith("utf-16"):
        return
    if head.startswith(_UTF16) or head.count(b"\0") * 4 > len(head):
        raise DataError(
            Problem(f"{shown(path)} is UTF-16, not {encoding}", hint="declare `encoding: utf-16`")
        )


def _unpacked(path: Path, packed: str, session: Session) -> Path:
    import lzma
    import zlib

    target = session.path("unpacked", ".csv")
    try:
        with _opened(path, packed) as source, target.open("wb") as out:
            _copy_within_bounds(source, out, path)
    except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise DataError(
            Problem(
                f"{shown(path)} is truncated or damaged: {str(error) or packed}",
                hint="fetch the file again",
            )
        ) from error
    return target


def _opened(path: Path, packed: str) -> IO[bytes]:
    import bz2
    import gzip
    import lzma

    import pyarrow as pa

    openers: dict[str, Any] = {
        "gzip": gzip.open,
        "bz2": bz2.open,
        "xz": lzma.open,
        "zstd": lambda name: pa.CompressedInputStream(pa.OSFile(str(name)), "zstd"),
    }
    opened: IO[bytes] = openers[packed](path)
    return opened


def _copy_within_bounds(source: IO[bytes], out: IO[bytes], path: Path) -> None:
    most = min(max(path.stat().st_size * MOST_RATIO, FREE_BYTES), MOST_BYTES)
    written = 0
    while chunk := source.read(CHUNK):
        written += len(chunk)
        if written > most:
            raise DataError(
                Problem(
                    f"{shown(path)} unpacks to more than {most >> 20} MiB: "
                    "a decompression bomb, or data that should be Parquet",
                    hint="unpack it yourself if you trust it",
                )
            )
        out.write(chunk)


def _decoded(path: Path, plain: Path, encoding: str, session: Session) -> Path:
    target = session.path("decoded", ".csv")
    try:
        with (
            plain.open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            while text := source.read(CHUNK):
                out.write(text)
    except UnicodeError as error:
        raise DataError(
            Problem(f"{shown(path)} is not {encoding}: {error}", hint="declare its `encoding`")
        ) from error
    return target
