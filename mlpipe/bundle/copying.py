"""Copying a bundle out: verified on the way, in place as a whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.model import Model
from mlpipe.bundle.pickled import pickled
from mlpipe.bundle.sealed import MANIFEST, MODEL, PICKLED, as_json, opened, sealed, verified
from mlpipe.disk import explained, make_folder, remove, seal, sync, write_file
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["copy_out", "write_copy"]


def copy_out(
    source: Path,
    target: Path,
    *,
    joblib: bool = False,
    allow_code: bool = False,
    trust: Sequence[str] = (),
) -> dict[str, Any]:
    """Copy a bundle into a folder that is not there yet, or is empty.

    Parameters
    ----------
    source, target : Path
        The bundle, and where it goes.
    joblib : bool
        Whether the copy holds the model as a joblib file too, and says so.
    allow_code, trust
        As for `Bundle.load`; asked for only where the model has to be opened.

    Returns
    -------
    dict
        ``bundle.json`` of the copy.

    Raises
    ------
    StoreError
        If the source is damaged, the target is not empty, or it cannot be written.
    """
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        hint = "name a folder that is not there yet, or an empty one"
        raise StoreError(Problem("is there already and is not empty", str(target), hint=hint))
    files = _contents(source)
    if joblib:
        files = _with_pickle(files, opened(source), allow_code=allow_code, trust=trust)
    staged = target.parent / f".{target.name}-{os.urandom(4).hex()}"
    with explained("cannot write the bundle", target.parent, option="another DIR"):
        make_folder(target.parent)
        try:
            _write(staged, files)
            about = _checked(staged)
            os.rename(staged, target)
            sync(target.parent)
        finally:
            remove(staged)
    return about


def write_copy(source: Path, folder: Path) -> dict[str, Any]:
    """Copy a bundle into a new folder and return its ``bundle.json``.

    Raises
    ------
    StoreError
        If it is damaged.
    OSError
        For a fault of the disk.
    """
    _write(folder, _contents(source))
    return _checked(folder)


def _contents(source: Path) -> dict[str, bytes]:
    """Return the files of a bundle, those alone that it names."""
    about = opened(source)
    files = {name: verified(source, about, name).read_bytes() for name in about["files"]}
    return {**files, MANIFEST: as_json(about)}


def _with_pickle(
    files: dict[str, bytes], about: dict[str, Any], *, allow_code: bool, trust: Sequence[str]
) -> dict[str, bytes]:
    from importlib.metadata import version

    model = Model.loads(files[MODEL], allow_code=allow_code, trust=trust)
    held = {name: data for name, data in files.items() if name != MANIFEST}
    held[PICKLED] = pickled(model)
    libraries = {**about["libraries"], "joblib": version("joblib")}
    told = {**about, "libraries": libraries, "serialization": "joblib"}
    return {**held, MANIFEST: as_json(sealed(told, held))}


def _write(folder: Path, files: dict[str, bytes]) -> None:
    os.mkdir(folder)
    for name, data in files.items():
        write_file(folder / name, data)
    seal(folder)


def _checked(folder: Path) -> dict[str, Any]:
    """Read back what was written."""
    about = opened(folder)
    for name in about["files"]:
        verified(folder, about, name)
    return about
