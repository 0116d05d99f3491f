"""Durable writing, and the file system's faults in plain words.

Everything here goes through ``os`` calls one by one, so that tests can make each of them fail.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlpipe.errors import Problem, StoreError

__all__ = [
    "READ_ONLY",
    "explained",
    "files_of",
    "make_folder",
    "remove",
    "replace_file",
    "seal",
    "sync",
    "write_file",
]

READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
"""What a store that may be read but not written answers."""

WORDS = {
    errno.ENOSPC: ("the disk is full", "free some space (`mlpipe runs gc` helps), then run again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, then run again"),
    errno.EROFS: ("the file system is read-only", "choose another place with {option}"),
    errno.EACCES: ("no permission", "check who owns it, or choose another place with {option}"),
    errno.EPERM: ("no permission", "check who owns it, or choose another place with {option}"),
    errno.EIO: ("the disk reports an error", "check the disk; what was stored before is untouched"),
    errno.ELOOP: ("a symbolic link stands where a file is expected", "remove the link"),
    errno.EMFILE: ("too many open files", "raise the limit with `ulimit -n`"),
    errno.EXDEV: ("the folder spans two file systems", "keep it on one; link it as a whole"),
}


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and have it on disk before returning."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes, staged: Path) -> None:
    """Put a file in place of another one: readers see the old content or the new, never a mix."""
    write_file(staged, data)
    os.rename(staged, path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have a file's content, or a folder's entries, on disk before returning."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder and have its name on disk; does nothing where it exists."""
    if path.is_dir():
        return
    make_folder(path.parent)
    try:
        os.mkdir(path)
    except FileExistsError:  # made by somebody else a moment ago
        return
    sync(path.parent)


def files_of(folder: Path) -> list[str]:
    """Paths of all files in a folder, relative, ``/`` between folders, sorted."""
    found = []
    for top, _, names in os.walk(folder):
        found += [Path(top, name).relative_to(folder).as_posix() for name in names]
    return sorted(found)


def seal(folder: Path) -> None:
    """Make all files of a folder read-only, then have files and folders on disk, inside out.

    A file with a second name elsewhere becomes a file of its own: who writes there must not
    write here. Symbolic links stay as they are.
    """
    for top, _, names in os.walk(folder, topdown=False):
        for file in (Path(top, name) for name in names):
            status = os.lstat(file)
            if not stat.S_ISREG(status.st_mode):
                continue
            if status.st_nlink > 1:
                _unlink_twin(file)
            os.chmod(file, status.st_mode & 0o555)
            sync(file)
        sync(Path(top))


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder; does nothing where there is none."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in (errno.EISDIR, errno.EPERM):  # the latter on macOS
            raise
        import shutil

        try:
            shutil.rmtree(path)
        except OSError as fault:  # it names no more than the last part of a path
            raise OSError(fault.errno, fault.strerror, str(path)) from fault


def _unlink_twin(file: Path) -> None:
    import shutil

    own = file.with_name(f".own-{os.urandom(4).hex()}")
    shutil.copyfile(file, own)
    os.rename(own, file)


@contextmanager
def explained(
    doing: str, root: Path, *, anywhere: bool = False, option: str = "--runs-dir"
) -> Iterator[None]:
    """Turn a fault of the file system under ``root`` into a StoreError.

    A fault that names a path elsewhere (a source that a step reads) is left as it is, unless
    ``anywhere`` is set. ``option`` is what chooses another place.
    """
    try:
        yield
    except OSError as error:
        named = [str(name) for name in (error.filename, error.filename2) if name is not None]
        if named and not anywhere and not any(_under(name, root) for name in named):
            raise
        words, hint = WORDS.get(error.errno or 0, (error.strerror or str(error), ""))
        place = named[-1] if named else str(root)
        told = Problem(f"{doing}: {words}", place, hint=hint.format(option=option))
        raise StoreError(told) from error


def _under(path: str, root: Path) -> bool:
    inside = os.path.abspath(path)
    return os.path.commonpath([inside, os.path.abspath(root)]) == os.path.abspath(root)
