"""What a running command holds in the store: its pins, and its place in ``tmp/``.

A session is a file ``tmp/NAME.lock``, locked for as long as the command lives, that lists the
artifacts which the command has looked up (its pins), and a folder ``tmp/NAME/`` for what it is
writing. The file is there before the folder and goes after it, so a folder whose file is not
locked belongs to a dead command.

``gc`` decides and moves under an exclusive lock, pins are added under the same lock shared, and
an artifact is pinned before it is looked up: either ``gc`` sees the pin, or the look-up finds the
artifact gone and it is computed again.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from mlpipe.disk import READ_ONLY, remove
from mlpipe.run.layout import STRAY
from mlpipe.run.lock import open_lock, shared, take

__all__ = ["Session", "pinned", "recover"]

REPLACED = "replaced"


class Session:
    """One running command; made by ``Store.session``.

    Parameters
    ----------
    root : Path
        The run directory. Where it cannot be written the session holds nothing: nobody with
        these rights could collect garbage either.
    """

    def __init__(self, root: Path) -> None:
        self._tmp = root / "tmp"
        self._pins: set[tuple[str, str]] = set()
        self._gate = self._descriptor = -1
        self._refusal: OSError | None = None
        self.name = ""
        try:
            self._gate = open_lock(root / "locks" / "gc.lock")
            self.name, self._descriptor = self._announce()
        except OSError as error:
            self.close()
            if error.errno not in (*READ_ONLY, errno.ENOENT):
                raise
            self._refusal = error

    @property
    def writable(self) -> bool:
        """Whether this session can pin and stage."""
        return self._descriptor >= 0

    def pin(self, step: str, key: str) -> None:
        """Keep ``gc`` away from an artifact until the session ends."""
        if not self.writable or (step, key) in self._pins:
            return
        with shared(self._gate):
            os.write(self._descriptor, f"{step}/{key}\n".encode())
        self._pins.add((step, key))

    def staging(self) -> Path:
        """Return a new empty folder on the file system of the store.

        Raises
        ------
        OSError
            Where the store cannot be written.
        """
        if self._refusal is not None:
            raise self._refusal
        folder = self._tmp / self.name / os.urandom(4).hex()
        os.makedirs(folder)
        return folder

    def set_aside(self, path: Path, step: str, key: str) -> Path:
        """Move an artifact that is about to be replaced to where ``recover`` finds it again."""
        aside = self._tmp / self.name / REPLACED / step / key
        os.makedirs(aside.parent, exist_ok=True)
        os.rename(path, aside)
        return aside

    def close(self) -> None:
        """Remove what was staged, then the session itself."""
        try:
            if self.writable:
                remove(self._tmp / self.name)
                remove(self._tmp / f"{self.name}.lock")
        finally:
            for descriptor in (self._gate, self._descriptor):
                if descriptor >= 0:
                    os.close(descriptor)
            self._gate = self._descriptor = -1

    def _announce(self) -> tuple[str, int]:
        while True:
            name = os.urandom(8).hex()
            path = self._tmp / f"{name}.lock"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
            # Another command's `recover` may have found the file before it was locked.
            if take(descriptor) and os.fstat(descriptor).st_nlink:
                return name, descriptor
            os.close(descriptor)


def pinned(root: Path, but: str = "") -> set[tuple[str, str]]:
    """Artifacts that living commands, ``but`` one session, hold on to, as (step, key)."""
    found: set[tuple[str, str]] = set()
    for lock in (root / "tmp").glob("*.lock"):
        descriptor = _open(lock) if lock.stem != but else None
        if descriptor is None:
            continue
        try:
            if not take(descriptor):
                found.update(_pins(descriptor))
        finally:
            os.close(descriptor)
    return found


def recover(root: Path) -> list[str]:
    """Clear away what dead commands left in ``tmp/``; return the names of their sessions.

    An artifact that a dead command had moved away to replace it, and did not replace, goes back
    to its place.
    """
    tmp = root / "tmp"
    if not tmp.is_dir():
        return []
    for stray in (*root.glob(f"{STRAY}*"), *root.glob(".stat.json-*")):
        remove(stray)
    cleared = []
    for name in sorted({entry.name.removesuffix(".lock") for entry in tmp.iterdir()}):
        lock = tmp / f"{name}.lock"
        descriptor = _open(lock)
        try:
            if descriptor is not None and not take(descriptor):
                continue
            _restore(root, tmp / name)
            remove(tmp / name)
            remove(lock)
            cleared.append(name)
        finally:
            if descriptor is not None:
                os.close(descriptor)
    return cleared


def _restore(root: Path, folder: Path) -> None:
    for aside in (folder / REPLACED).glob("*/*"):
        place = root / "artifacts" / aside.parent.name / aside.name
        if not place.exists():
            os.rename(aside, place)


def _open(lock: Path) -> int | None:
    try:
        return open_lock(lock, create=False)
    except FileNotFoundError:
        return None


def _pins(descriptor: int) -> Iterator[tuple[str, str]]:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, encoding="utf-8", closefd=False) as file:
        for line in file:
            step, _, key = line.strip().partition("/")
            yield step, key
