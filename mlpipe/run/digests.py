"""Digests of files and values, and a cache that spares reading a file twice.

The key of every artifact rests on these digests, so a wrong one is worse than a slow one: when
in doubt, a file is read again.
"""

import errno
import hashlib
import json
import os
import stat
import time
from pathlib import Path
from typing import Any, NamedTuple

from mlpipe.errors import DataError, MlpipeError, Problem, SpecError

__all__ = [
    "ChangedError",
    "Stamp",
    "StatCache",
    "canonical_json",
    "check_unchanged",
    "digest_json",
    "sha256_file",
]

DISTRUST_NS = 2_000_000_000
"""How long after its last change a file is read again each time: coarse file systems stamp in
steps of up to two seconds, and a change inside one step leaves the stamp as it was."""

OWN_NS = 10_000_000
"""The same for a file that this process wrote and sealed itself: one tick of the kernel's clock."""

LIMIT = 20_000
"""Files the cache remembers at most."""


class ChangedError(Exception):
    """A file changed while it was being read."""


class NotAFileError(Exception):
    """A path is a directory, a FIFO or a device."""


class Stamp(NamedTuple):
    """What the file system says of a file; a change of content changes it.

    ``ctime_ns`` is set by the kernel and by nobody else: putting back the modification time hides
    nothing.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        """Take the stamp out of a stat result."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


def canonical_json(value: Any) -> str:
    """Write a value as JSON in the one way its digest is defined on.

    Raises
    ------
    ValueError
        For NaN and the infinities, which JSON does not know.
    TypeError
        For values that JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_json(value: Any) -> str:
    """SHA-256 of a value's canonical JSON, in hex: the order of keys does not matter."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content, in hex.

    Raises
    ------
    SpecError
        For a path that is missing or no regular file.
    DataError
        For a file that may not be read, or that changed while it was read.
    """
    try:
        return _hash(path)[0]
    except (OSError, ChangedError, NotAFileError) as error:
        raise _input_error(path, error) from error


def check_unchanged(path: Path, stamp: Stamp) -> None:
    """Refuse a source that changed since its stamp was taken.

    A step reads its sources after their digests were taken; called when the step is done, this
    makes sure that the digests speak of what was read.

    Raises
    ------
    DataError
        For a file that changed in between.
    """
    try:
        now = Stamp.of(os.stat(path))
    except OSError as error:
        raise _input_error(path, error) from error
    if now != stamp:
        raise _input_error(path, ChangedError())


class StatCache:
    """Digests of files by device, inode, size and times, kept in one JSON file.

    Concurrent runs merge what they learnt; a damaged cache is forgotten, and a digest is then
    computed again. It holds no truth of its own.

    Parameters
    ----------
    path : Path
        The cache file; its folder need not exist, and a cache that cannot be written is not kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _load(path)
        self._learnt: dict[str, list[Any]] = {}

    def digest(self, path: Path) -> str:
        """Digest of a source, from the cache where its stamp is the known one.

        Raises
        ------
        SpecError
            For a path that is missing or no regular file.
        DataError
            For a file that may not be read, or that changed while it was read.
        """
        return self.stamped(path)[0]

    def stamped(self, path: Path) -> tuple[str, Stamp]:
        """Digest and stamp of a source; the stamp is for ``check_unchanged`` afterwards."""
        try:
            return self.content(path)
        except (OSError, ChangedError, NotAFileError) as error:
            raise _input_error(path, error) from error

    def content(self, path: Path, *, afresh: bool = False) -> tuple[str, Stamp]:
        """Digest and stamp of any file, faults left as they come.

        Parameters
        ----------
        path : Path
            The file.
        afresh : bool
            Read the file whatever the cache says.
        """
        stamp = Stamp.of(os.stat(path))
        known = None if afresh else self._known.get(f"{stamp.device}:{stamp.inode}")
        if known and known[:3] == list(stamp[2:]) and time.time_ns() - stamp.ctime_ns > DISTRUST_NS:
            return str(known[3]), stamp
        started = time.time_ns()
        digest, stamp = _hash(path)
        self._remember(stamp, digest, started, DISTRUST_NS)
        return digest, stamp

    def own(self, path: Path) -> str:
        """Digest of a file that this process has just written and sealed, always read."""
        started = time.time_ns()
        digest, stamp = _hash(path)
        self._remember(stamp, digest, started, OWN_NS)
        return digest

    def save(self) -> None:
        """Merge what was learnt into the cache file; does nothing where nothing was learnt."""
        if not self._learnt:
            return
        files = {**_load(self.path), **self._learnt}
        newest = sorted(files, key=lambda name: files[name][2])[-LIMIT:]
        files = {name: files[name] for name in newest}
        text = json.dumps({"format": 1, "digest": digest_json(files), "files": files})
        staged = self.path.with_name(f".{self.path.name}-{os.urandom(8).hex()}")
        try:
            staged.write_text(text, encoding="utf-8")
            staged.replace(self.path)
        except OSError:  # a cache: a full disk or a read-only store only costs time
            _discard(staged)
        self._learnt = {}

    def _remember(self, stamp: Stamp, digest: str, started: int, settled: int) -> None:
        """Keep a digest whose file had been at rest for long enough when its reading began."""
        if started - stamp.ctime_ns > settled:
            entry = [*stamp[2:], digest]
            name = f"{stamp.device}:{stamp.inode}"
            self._known[name] = self._learnt[name] = entry


def _hash(path: Path) -> tuple[str, Stamp]:
    """Digest and stamp of a file that stands still while it is read."""
    # O_NONBLOCK: opening a FIFO would otherwise wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFileError(path)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        after, named = Stamp.of(os.fstat(descriptor)), Stamp.of(os.stat(path))
    if not Stamp.of(status) == after == named:
        raise ChangedError(path)
    return digest, after


def _load(path: Path) -> dict[str, list[Any]]:
    """Entries of a cache file; none where it is missing or damaged."""
    try:
        document = json.loads(path.read_bytes())
        files = document["files"]
        sound = document["format"] == 1 and document["digest"] == digest_json(files)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return files if sound and isinstance(files, dict) else {}


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _input_error(path: Path, error: Exception) -> MlpipeError:
    """Say in plain words why a source cannot be digested."""
    place = str(path)
    if isinstance(error, ChangedError):
        hint = "wait until its writer is done, then run again"
        return DataError(Problem("the file changed while it was being read", place, hint=hint))
    if isinstance(error, NotAFileError) or getattr(error, "errno", None) == errno.EISDIR:
        hint = "name a file, or a pattern that matches files"
        return SpecError(Problem("expected a file; this is a folder or device", place, hint=hint))
    code = getattr(error, "errno", None)
    if code in (errno.ENOENT, errno.ENOTDIR):
        return SpecError(Problem("no such file", str(Path(path).absolute())))
    if code in (errno.EACCES, errno.EPERM):
        hint = "give the user that runs mlpipe the right to read it"
        return DataError(Problem("no permission to read this file", place, hint=hint))
    if code == errno.ELOOP:
        return DataError(Problem("the symbolic links of this path lead in a circle", place))
    return DataError(Problem(f"cannot read this file: {os.strerror(code or errno.EIO)}", place))
