"""Write the prediction log: each process its own files, one write a line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from mlpipe.monitor.log.entry import Entry

__all__ = ["Writer", "file_name"]


def file_name(day: date, process: str, part: int = 0) -> str:
    """Name a file of the log; a higher part is later, and nothing is ever renamed.

    >>> from datetime import date
    >>> file_name(date(2026, 11, 26), "3f9a"), file_name(date(2026, 11, 26), "3f9a", 2)
    ('2026-11-26.3f9a.jsonl', '2026-11-26.3f9a.jsonl.2')
    """
    return f"{day}.{process}.jsonl" + (f".{part}" if part else "")


class Writer:
    """Appends entries to the files of one process.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    process : str
        Names this start of the process; two that write at once have different ones.
    max_bytes : int
        A file that has reached this size is followed by the next part.
    sync : bool
        Whether each line is on the disk before `append` returns.

    Raises
    ------
    StoreError
        The folder cannot be written to, or the disk is full.

    Notes
    -----
    A line is handed over in one write to a file opened for appending, so that a process that is
    killed leaves whole lines and at most one torn one, at the end.
    """

    def __init__(
        self, folder: Path, process: str, *, max_bytes: int = 256 * 2**20, sync: bool = False
    ) -> None:
        if not process or set(process) & set("/\\\0"):
            raise ValueError(f"a process is named by a word, not {process!r}")
        self.folder, self.process = folder, process
        self.max_bytes, self.sync = max_bytes, sync
        self._day: date | None = None
        self._part = self._size = 0
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def append(self, entry: Entry) -> None:
        """Write one line; its day decides the file."""
        line = entry.line().encode() + b"\n"
        try:
            self._turn_to(entry.time.date())
            self._write(line)
        except OSError as error:
            message = f"the prediction log cannot be written: {error.strerror}"
            raise StoreError(Problem(message, str(self.folder))) from error

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _turn_to(self, day: date) -> None:
        """Open the file of the day, or the next part of a full one."""
        if self._day != day:
            self.close()
            self._day, self._part = day, 0
        while self._file is None or self._size >= self.max_bytes:
            if self._file is not None:
                self.close()
                self._part += 1
            self._open(self.folder / file_name(day, self.process, self._part))

    def _open(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size

    def _write(self, line: bytes) -> None:
        assert self._file is not None  # noqa: S101  (opened just before)
        rest = memoryview(line)
        while rest:  # a signal or a full disk may cut a write short
            written = os.write(self._file, rest)
            self._size += written
            rest = rest[written:]
        if self.sync:
            os.fsync(self._file)
