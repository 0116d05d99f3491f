"""How a run directory begins: FORMAT first, and never inside a folder of somebody else's."""

import os
from pathlib import Path

from mlpipe.disk import READ_ONLY, make_folder, replace_file, sync, write_file
from mlpipe.errors import Problem, StoreError

__all__ = ["FOLDERS", "FORMAT", "STRAY", "open_root"]

FORMAT = 1
HEAD = "mlpipe runs "
FOLDERS = ("artifacts", "tmp", "locks", "damaged")
STRAY = ".FORMAT-"
"""How the names of files begin that are on their way to their place at the top."""


def open_root(root: Path, *, create: bool) -> None:
    """Check that a folder is a run directory of this version, making it where there is none.

    Raises
    ------
    StoreError
        For a folder that is not ours, or that a newer mlpipe wrote; it is left as it is.
    OSError
        For a fault of the disk.
    """
    if not _is_ours(root) and create:
        _found(root)
    _complete(root)


def _is_ours(root: Path) -> bool:
    """Whether there is a store of this version; a folder of anybody else's is refused."""
    try:
        text = (root / "FORMAT").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        if not root.exists() or all(name.startswith(STRAY) for name in os.listdir(root)):
            return False
        # Somebody may have made it between the two looks; FORMAT is there before all else.
        if (root / "FORMAT").exists():
            return _is_ours(root)
        raise _foreign(root) from None
    except NotADirectoryError:
        raise _foreign(root) from None
    number = text.removeprefix(HEAD)
    if not text.startswith(HEAD) or not number.isdecimal():
        raise _foreign(root)
    if int(number) > FORMAT:
        message = f"written by a newer mlpipe (format {number}; this one knows {FORMAT})"
        hint = "upgrade mlpipe, or choose another place with --runs-dir"
        raise StoreError(Problem(message, str(root), hint=hint))
    return True


def _stray(root: Path) -> Path:
    return root / f"{STRAY}{os.urandom(8).hex()}"


def _foreign(root: Path) -> StoreError:
    message = "this is not a run directory of mlpipe; it was left as it is"
    hint = "choose an empty or new folder with --runs-dir"
    return StoreError(Problem(message, str(root.absolute()), hint=hint))


def _found(root: Path) -> None:
    """Make an empty store; several at once are fine."""
    make_folder(root)
    staged = _stray(root)
    write_file(staged, f"{HEAD}{FORMAT}\n".encode())
    try:
        os.rename(staged, root / "FORMAT")
    except FileNotFoundError:  # cleared away as a leftover by somebody who was faster
        if not (root / "FORMAT").exists():
            raise
    sync(root)


def _complete(root: Path) -> None:
    """Make the folders that are missing: copies and git drop empty ones."""
    if not root.is_dir():
        return
    try:
        for name in FOLDERS:
            make_folder(root / name)
        if not (root / ".gitignore").exists():
            replace_file(root / ".gitignore", b"*\n", _stray(root))
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise
