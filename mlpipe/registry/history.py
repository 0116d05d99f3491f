"""What monitor remembers of a model: one sealed file a chunk, beside its versions.

::

    models/churn/monitor/
      3f9a0c41d2e7/                     a reference profile: records of two are never compared
        2026-06-01-8c1f0a27b9d3.json    a chunk, by its start; replaced whole, never changed
        damaged/                        what was not as it was written
      .lock

There is no index: the files are the truth, and a folder that was copied from another machine
counts as it is.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlpipe.disk import explained, make_folder, remove, replace_file, sync
from mlpipe.errors import Problem, StoreError
from mlpipe.registry.layout import found, is_there

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

__all__ = ["History", "Kept"]

FOLDER, DAMAGED, STAGED = "monitor", "damaged", ".staged-"
FORMAT = 1
LARGEST = 64 * 2**20
"""Bytes of a file that is read: a record of 100,000 numbers has two thirds of it."""
_SHOWN = 12
"""Characters of a digest that name a folder or a file."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """What the history of a profile holds.

    Attributes
    ----------
    records : mapping of str to dict
        By the name of the file.
    damaged : tuple of str
        Files that are not as they were written; they are never used.
    """

    records: Mapping[str, Record]
    damaged: tuple[str, ...] = ()


class History:
    """The history of a model under one reference profile.

    Parameters
    ----------
    root : Path
        The folder of the registry; there may be none yet.
    name : str
        The pipeline.
    profile : str
        The digest of the reference profile.
    check : callable
        Raises ValueError for what is no record, and StoreError for one of a newer format; told
        the record and its path.
    """

    def __init__(
        self, root: Path, name: str, profile: str, check: Callable[[Any, str], None]
    ) -> None:
        self.root = root
        self.folder = root / name / FOLDER / profile[:_SHOWN]
        self._profile = profile
        self._check = check

    def read(self) -> Kept:
        """Return every record; while somebody writes, each is the old one or the new.

        Raises
        ------
        StoreError
            For a history, or a registry, that a newer mlpipe wrote.
        """
        records, damaged = {}, []
        with explained("cannot read the history", self.root, option="--registry"):
            if not is_there(self.root) or not self.folder.is_dir():
                return Kept({})
            for path in self.files():
                try:
                    records[path.name] = self._opened(path)
                except FileNotFoundError:  # replaced by another name a moment ago, or a loose link
                    damaged += [path.name] if path.is_symlink() else []
                except (ValueError, RecursionError):  # the latter of brackets in brackets
                    damaged.append(path.name)
        return Kept(records, tuple(damaged))

    def files(self) -> list[Path]:
        """Return the files of all records, the damaged ones among them."""
        return sorted(self.folder.glob("*.json"))

    def write(
        self,
        records: Sequence[Mapping[str, Any]],
        replaced: Collection[str] = (),
        damaged: Collection[str] = (),
    ) -> None:
        """Put records in place, then take away what they replace and set damaged files aside.

        Whenever the process dies, each file is there as it was or as it will be.

        Parameters
        ----------
        records : sequence of mapping
        replaced : collection of str
            Names of files that stand for the same chunks.
        damaged : collection of str
            Names of files that are not as they were written.

        Raises
        ------
        StoreError
            For a folder that is no registry.
        OSError
            For a fault of the disk.
        """
        with self._writing():
            for name in damaged:
                self._set_aside(name)
            names = {file_name(record) for record in records}
            for record in records:
                staged = self.folder / f"{STAGED}{os.urandom(8).hex()}"
                replace_file(self.folder / file_name(record), sealed(record), staged)
            for name in sorted(set(replaced) - names):
                remove(self.folder / name)
            sync(self.folder)

    def _opened(self, path: Path) -> Record:
        document = json.loads(_whole(path))
        number = document.get("format") if isinstance(document, dict) else None
        if isinstance(number, int) and number > FORMAT:
            what = f"written by a newer mlpipe (format {number}; this one knows {FORMAT})"
            hint = "upgrade mlpipe, or leave its history out: -S monitor.history=false"
            raise StoreError(Problem(what, str(path), hint=hint))
        record = document.get("record") if number == FORMAT else None
        if not isinstance(record, dict) or document.get("digest") != _digest(record):
            raise ValueError("not as it was written")
        self._check(record, str(path))
        if record.get("profile") != self._profile or file_name(record) != path.name:
            raise ValueError("of another place")
        return record

    def _set_aside(self, name: str) -> None:
        make_folder(self.folder / DAMAGED)
        aside = self.folder / DAMAGED / f"{name}.{os.urandom(4).hex()}"
        try:
            os.rename(self.folder / name, aside)
        except FileNotFoundError:  # somebody else was quicker
            return
        sync(aside.parent)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the right to write, and clear away what a dead writer left.

        The lock spares two writers each other's litter; what is there is decided by the renames.
        """
        from filelock import FileLock

        found(self.root)
        make_folder(self.folder)
        with FileLock(self.folder.parent / ".lock").acquire(poll_interval=0.02):
            for path in self.folder.glob(f"{STAGED}*"):
                remove(path)
            yield


def _whole(path: Path) -> bytes:
    """Return what a file holds; anything that is no file of ours raises, before it is read."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise ValueError("no record of a chunk")
    return path.read_bytes()


def file_name(record: Mapping[str, Any]) -> str:
    """Return the name of the file of a chunk: its start, to be read, and a digest of its place."""
    place = [record["every"], record["ordered_by"], record["period"]]
    readable = re.sub(r"[^0-9A-Za-z]+", "-", record["period"])[:40].strip("-")
    return f"{readable}-{_digest(place)[:_SHOWN]}.json"


def sealed(record: Mapping[str, Any]) -> bytes:
    """Return the bytes of a record's file: the same record, the same bytes."""
    document = {"format": FORMAT, "digest": _digest(record), "record": record}
    return (json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def _digest(value: Any) -> str:
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return sha256(text.encode()).hexdigest()
