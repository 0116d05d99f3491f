"""Advisory locks: they save work and keep the living apart from the dead.

Correctness of the store rests on renames, not on locks. All locks are held by the kernel for an
open file, so the death of a holder, however sudden, lets go of them; no process id and no clock
is ever asked who is alive.

Waiting for another run that computes the same step is done through the filelock package. The
short internal locks use ``fcntl`` directly: every command takes one, and it must cost nothing.
"""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.disk import explained
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["exclusive", "open_lock", "shared", "take", "waiting_lock"]


def open_lock(path: Path, *, create: bool = True) -> int:
    """Open a lock file and return its descriptor; never through a symbolic link.

    Raises
    ------
    StoreError
        Where a symbolic link stands at the path.
    OSError
        For any other fault.
    """
    flags = os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    try:
        return os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _link_refused(path) from error
        raise


def take(descriptor: int) -> bool:
    """Try to lock an open file exclusively without waiting; say whether it worked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def shared(descriptor: int) -> Iterator[None]:
    """Hold an open lock file together with other sharers, waiting for an exclusive holder."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file alone, waiting for whoever holds it; for moments only."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def waiting_lock(path: Path, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a lock file for as long as a step takes.

    Parameters
    ----------
    path : Path
        The lock file; it stays behind, since removing it would let two holders in.
    on_wait : callable, optional
        Called once with words for the holder (``process 4711 on ada``) before waiting for it.

    Raises
    ------
    StoreError
        Where a symbolic link stands at the path.
    """
    with explained("cannot lock the run directory", path.parent):
        lock = _acquired(path, on_wait)
    try:
        yield
    finally:
        with explained("cannot unlock the run directory", path.parent):
            lock.release()


def _acquired(path: Path, on_wait: Callable[[str], None] | None) -> "BaseFileLock":
    from filelock import FileLock, Timeout

    if path.is_symlink():
        raise _link_refused(path)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if on_wait is not None:
            on_wait(_holder(path))
        lock.acquire()
    _sign(path)
    return lock


def _sign(path: Path) -> None:
    """Leave word of who holds the lock: for people only, nothing is decided by it."""
    text = json.dumps({"process": os.getpid(), "host": os.uname().nodename})
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_TRUNC)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_bytes())
        return f"process {holder['process']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _link_refused(path: Path) -> StoreError:
    message = "a symbolic link stands where a lock file is expected"
    return StoreError(Problem(message, str(path), hint="remove the link, then run again"))
