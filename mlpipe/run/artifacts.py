"""Reading an artifact with doubt, and sealing a new one.

An artifact is believed only as far as its manifest's digests reach, at every look.
"""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlpipe.disk import READ_ONLY, files_of, seal, sync, write_file
from mlpipe.errors import MlpipeError
from mlpipe.run.digests import ChangedError, NotAFileError, StatCache, canonical_json
from mlpipe.run.folders import plain
from mlpipe.run.lock import exclusive
from mlpipe.run.manifest import NAME, Artifact, FileEntry, Manifest, ManifestError

__all__ = ["DamageError", "place", "plain_json", "read", "seal_artifact", "set_aside"]


class DamageError(Exception):
    """An artifact is not what its manifest says."""


def place(root: Path, step: str, key: str) -> Path:
    """Return the folder of an artifact, whether or not it is there."""
    return root / "artifacts" / plain(step) / plain(key)


def read(
    root: Path, step: str, key: str, digests: StatCache, *, afresh: bool = False
) -> Artifact | None:
    """Return an artifact if it is there and intact, None if it is not there.

    Parameters
    ----------
    root : Path
        The run directory.
    step, key : str
        The name of the step and the digest of everything that went in.
    digests : StatCache
        Where the digests of its files come from.
    afresh : bool
        Read every byte, whatever the cache says.

    Raises
    ------
    DamageError
        For an artifact that is not what was written.
    OSError
        For a fault of the disk.
    """
    path = place(root, step, key)
    try:
        if not stat.S_ISREG(os.lstat(path / NAME).st_mode):
            raise DamageError(f"{NAME} is not a file")
        manifest = Manifest.from_json((path / NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        if not os.path.lexists(path):
            return None
        raise DamageError(f"{NAME} is missing") from None
    except ManifestError as error:
        raise DamageError(f"{NAME}: {error}") from error
    if (manifest.step, manifest.key) != (step, key):
        raise DamageError(f"it belongs to {manifest.step} {manifest.key}")
    for name, entry in manifest.files.items():
        _verify(path / name, name, entry, digests, afresh=afresh)
    return Artifact(path, manifest)


def set_aside(root: Path, step: str, key: str, digests: StatCache) -> Artifact | None:
    """Move a damaged artifact to ``damaged/``, or leave it there if the store is read-only.

    Returns
    -------
    Artifact or None
        The good one that somebody has put in its place meanwhile, if so.
    """
    try:
        with exclusive(root / "locks" / "damaged.lock"):
            try:
                return read(root, step, key, digests, afresh=True)
            except DamageError:
                aside = root / "damaged" / f"{step}-{key}-{os.urandom(4).hex()}"
                os.rename(place(root, step, key), aside)
    except OSError as error:
        if error.errno not in READ_ONLY:
            raise
    return None


def seal_artifact(folder: Path, manifest: Manifest, digests: StatCache) -> Manifest:
    """Make the files of a folder final and durable, and write its manifest last.

    Parameters
    ----------
    folder : Path
        What a step wrote.
    manifest : Manifest
        What it is, without its files.
    digests : StatCache
        Remembers the digests.

    Returns
    -------
    Manifest
        With the files.
    """
    seal(folder)
    files = {}
    for name in files_of(folder):
        digest = digests.own(folder / name)
        files[name] = FileEntry((folder / name).stat().st_size, digest)
    full = replace(
        manifest,
        files=files,
        made_from=plain_json(manifest.made_from, f"ingredients of {manifest.step}"),
        summary=plain_json(manifest.summary, f"summary of {manifest.step}"),
    )
    write_file(folder / NAME, full.to_json().encode())
    os.chmod(folder / NAME, 0o444)
    sync(folder)
    return full


def plain_json(value: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return a mapping as JSON will give it back.

    Raises
    ------
    MlpipeError
        For what JSON cannot say.
    """
    try:
        return dict(json.loads(canonical_json(dict(value))))
    except (TypeError, ValueError) as error:
        raise MlpipeError(f"the {what} cannot be written as JSON: {error}") from error


def _verify(path: Path, name: str, entry: FileEntry, digests: StatCache, *, afresh: bool) -> None:
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size != entry.size:
            raise DamageError(f"{name} is not the {entry.size:,} bytes that were written")
        digest, _ = digests.content(path, afresh=afresh)
    except (FileNotFoundError, NotADirectoryError):
        raise DamageError(f"{name} is missing") from None
    except (ChangedError, NotAFileError):
        raise DamageError(f"{name} is being changed") from None
    if digest != entry.sha256:
        raise DamageError(f"{name} is not what was written")
