"""How a registry begins: FORMAT first, and never inside a folder of somebody else's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlpipe.disk import make_folder, sync, write_file
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FORMAT", "found", "is_there"]

FORMAT = 1
HEAD = "mlpipe models "
STRAY = ".FORMAT-"
"""How the name of a FORMAT file begins that is on its way to its place."""


def is_there(root: Path) -> bool:
    """Whether a folder is a registry that this version reads.

    Raises
    ------
    StoreError
        For a registry that a newer mlpipe wrote.
    """
    try:
        text = (root / "FORMAT").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return False
    number = text.removeprefix(HEAD)
    if not text.startswith(HEAD) or not number.isdecimal():
        return False
    if int(number) > FORMAT:
        what = f"written by a newer mlpipe (format {number}; this one knows {FORMAT})"
        hint = "upgrade mlpipe, or choose another place with --registry"
        raise StoreError(Problem(what, str(root), hint=hint))
    return True


def found(root: Path) -> None:
    """Make a registry where there is none; several at once are fine.

    Raises
    ------
    StoreError
        For a folder that is not ours, or that a newer mlpipe wrote; it is left as it is.
    OSError
        For a fault of the disk.
    """
    if is_there(root):
        return
    if os.path.lexists(root) and not _is_free(root):
        if is_there(root):  # somebody made it between the two looks
            return
        what = "this is no registry of mlpipe; it was left as it is"
        hint = "choose an empty or new folder with --registry"
        raise StoreError(Problem(what, str(root.absolute()), hint=hint))
    make_folder(root)
    staged = root / f"{STRAY}{os.urandom(8).hex()}"
    write_file(staged, f"{HEAD}{FORMAT}\n".encode())
    os.rename(staged, root / "FORMAT")
    sync(root)


def _is_free(root: Path) -> bool:
    return root.is_dir() and all(name.startswith(STRAY) for name in os.listdir(root))
