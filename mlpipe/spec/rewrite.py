"""Put an edited spec in place of the old one: the whole new file, or the old one untouched."""

import os
import stat
from pathlib import Path

from mlpipe.errors import Problem, SpecError, StoreError

__all__ = ["rewrite"]


def rewrite(file: str, before: bytes, after: bytes) -> None:
    """Replace a file that still is as it was read; a link stays a link, permissions stay.

    Parameters
    ----------
    file : str
        The file, or a symbolic link to it.
    before : bytes
        What was read and edited.
    after : bytes
        What it is to hold.

    Raises
    ------
    SpecError
        Where somebody changed it in the meantime.
    StoreError
        Where it cannot be written; it is then as it was.
    """
    path = Path(os.path.realpath(file))
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write(staged, after, stat.S_IMODE(path.stat().st_mode))
        if path.read_bytes() != before:
            hint = "it is left as it is now; run the command again"
            raise SpecError(Problem("the file changed while it was being edited", file, hint=hint))
        staged.replace(path)
    except OSError as error:
        hint = "is the folder writable?"
        raise StoreError(
            Problem(f"cannot be written: {error.strerror}", file, hint=hint)
        ) from error
    finally:
        staged.unlink(missing_ok=True)


def _write(staged: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)
        stream.write(data)
        stream.flush()
        os.fsync(descriptor)
