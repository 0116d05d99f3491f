"""From a path pattern to the files behind it, and how they are shown."""

from __future__ import annotations

import glob
import os
import stat
from pathlib import Path

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.source import BELOW, known_format

__all__ = ["expand", "labels", "refuse_changed", "shown", "signature"]


def expand(pattern: str, key: str = "") -> list[Path]:
    """Return the files that a path or glob pattern names, sorted by path.

    Parameters
    ----------
    pattern : str
        Relative to the working directory; ``**`` reaches into folders. Ending in ``BELOW``
        it is a folder, whose data files are those with a known extension.
    key : str
        The dotted key of the spec to name in an error.

    Raises
    ------
    SpecError
        If nothing matches, or it is a folder, a FIFO or a device.
    DataError
        If a file may not be read, or its links run in a circle.
    """
    if os.path.lexists(pattern):
        paths = [Path(pattern)]
    else:
        found = (Path(match) for match in glob.glob(pattern, recursive=True))
        paths = sorted(path for path in found if not path.is_dir())
        if pattern.endswith(BELOW):
            paths = _data_below(pattern.removesuffix(BELOW), paths)
    if not paths:
        raise SpecError(_nothing(pattern, key))
    for path in paths:
        _check_readable(path, key)
    return paths


def _data_below(folder: str, paths: list[Path]) -> list[Path]:
    """Leave out files in hidden folders, and those that no reader knows: README, _SUCCESS."""
    return [
        path
        for path in paths
        if known_format(path.name)
        and not any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
    ]


def shown(path: Path) -> str:
    """Return a path as reports show it: as it was written, never absolute."""
    return path.name if path.is_absolute() else path.as_posix()


def labels(paths: list[Path]) -> list[str]:
    """Return a short name for each file: its name, with the folders in which they differ."""
    if len({path.name for path in paths}) == len(paths):
        return [path.name for path in paths]
    shared = Path(os.path.commonpath([path.parent for path in paths]))
    return [path.relative_to(shared).as_posix() for path in paths]


def signature(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is written to: inode, size, time of change."""
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def refuse_changed(paths: list[Path], before: list[tuple[int, int, int]]) -> None:
    """Raise where a file was written to since its signature was taken.

    Raises
    ------
    DataError
        If it was.
    """
    for path, seen in zip(paths, before, strict=True):
        if signature(path) != seen:
            hint = "run again when it is whole"
            raise DataError(Problem(f"{shown(path)} changed while it was read", hint=hint))


def _nothing(pattern: str, key: str) -> Problem:
    if pattern.endswith(BELOW):
        folder = pattern.removesuffix(BELOW)
        hint = f"tried {os.path.abspath(folder)}"
        return Problem(f"there are no data files under {folder}/", key=key, hint=hint)
    tried = os.path.abspath(pattern)
    if glob.has_magic(pattern):
        return Problem(f"no file matches {pattern}", key=key, hint=f"tried {tried}")
    return Problem(f"there is no file {pattern}", key=key, hint=f"tried {tried}")


def _check_readable(path: Path, key: str) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise DataError(
            Problem(f"{shown(path)} cannot be read: {_reason(error)}", key=key)
        ) from error
    if stat.S_ISDIR(mode):
        hint = f'name its files: "{path}/*.csv", or give `path: {path}/` with `hive: true`'
        raise SpecError(Problem(f"{path} is a folder", key=key, hint=hint))
    if not stat.S_ISREG(mode):
        raise SpecError(Problem(f"{path} is not a regular file", key=key))
    try:
        path.open("rb").close()
    except OSError as error:
        raise DataError(
            Problem(f"{shown(path)} cannot be read: {_reason(error)}", key=key)
        ) from error


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
