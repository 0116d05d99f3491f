"""A bundle's folder, opened with doubt: what is not as it was sealed is refused with the reason.

``bundle.json`` names every file with its size and digest, and carries a digest of itself. That
tells damage and edits; who rewrites the digests too is stopped by `mlpipe.bundle.trusted`, or by
the digest that a run, a registry or a person noted elsewhere.
"""

from __future__ import annotations

import json
import os
import stat
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FORMAT", "MANIFEST", "MODEL", "PICKLED", "as_json", "opened", "sealed", "verified"]

FORMAT = 1
"""Of bundle.json; a newer one is refused."""

MANIFEST = "bundle.json"
MODEL = "model.skops"
PICKLED = "model.joblib"
"""The same model as a pickle, in a bundle that was asked for it; reading it runs code."""

REQUIRED = (MODEL, "plan.json", "ingest.json")
SHAPE: Mapping[str, type] = {
    "name": str,
    "task": str,
    "classes": list,
    "decision": dict,
    "inputs": list,
    "libraries": dict,
    "files": dict,
}
"""What everything here reads of bundle.json, and as what."""

_HINT = "it was changed or damaged after it was made; make the bundle again"


def sealed(about: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what ``bundle.json`` says, with its files and a digest over all of it.

    Parameters
    ----------
    about : mapping
        What the bundle is.
    files : mapping
        Its files by name.
    """
    listed = {
        name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in sorted(files.items())
    }
    body = {key: value for key, value in about.items() if key != "digest"}
    body = {**body, "format": FORMAT, "files": listed}
    return {**body, "digest": _digest(body)}


def as_json(value: Any) -> bytes:
    """Return JSON in the one form that the files of a bundle have."""
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return f"{text}\n".encode()


def opened(folder: Path) -> dict[str, Any]:
    """Return what ``bundle.json`` says, checked against itself.

    Raises
    ------
    StoreError
        If there is none, a newer mlpipe wrote it, or it is not what mlpipe wrote.
    """
    path = folder / MANIFEST
    if not path.exists() and not path.is_symlink():
        hint = f"a bundle is a folder with {MANIFEST} and {MODEL}"
        raise StoreError(Problem("there is no bundle here", str(folder), hint=hint))
    _check_is_file(path)
    try:
        about = json.loads(path.read_bytes())
        newer = about["format"] > FORMAT
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused(path, f"{MANIFEST} is damaged") from error
    if newer:
        hint = "upgrade mlpipe"
        raise StoreError(Problem("a newer mlpipe wrote this bundle", str(folder), hint=hint))
    body = {key: value for key, value in about.items() if key != "digest"}
    if about.get("digest") != _digest(body):
        raise _refused(path, f"{MANIFEST} is damaged: it does not match its own digest")
    _check_shape(path, about)
    return dict(about)


def verified(folder: Path, about: Mapping[str, Any], name: str) -> Path:
    """Return the path of a file of the bundle, once it is what ``bundle.json`` says.

    Raises
    ------
    StoreError
        If it is missing, no file of the folder, or has another size or content.
    """
    path, entry = folder / name, about["files"][name]
    _check_is_file(path)
    try:
        with path.open("rb") as file:
            same = os.fstat(file.fileno()).st_size == entry["bytes"]
            same = same and file_digest(file, "sha256").hexdigest() == entry["sha256"]
    except OSError as error:
        raise StoreError(Problem(f"cannot be read: {error.strerror}", str(path))) from error
    if not same:
        raise _refused(path, "the file is not what the bundle says")
    return path


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _check_is_file(path: Path) -> None:
    """Refuse links, which may lead out of the folder, and what is no file."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError as error:
        raise StoreError(Problem("the bundle lacks a file", str(path))) from error
    except OSError as error:
        raise StoreError(Problem(f"cannot be read: {error.strerror}", str(path))) from error
    if stat.S_ISLNK(mode):
        raise _refused(path, "a symbolic link stands where a file of the bundle is expected")
    if not stat.S_ISREG(mode):
        raise _refused(path, "this is no file")


def _check_shape(path: Path, about: Mapping[str, Any]) -> None:
    wrong = [key for key, kind in SHAPE.items() if not isinstance(about.get(key), kind)]
    if wrong:
        raise _refused(path, f"{MANIFEST} does not say what its {wrong[0]} is")
    for name, entry in about["files"].items():
        if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
            raise _refused(path, f"{name!r} is not the name of a file in the bundle")
        if not isinstance(entry, dict) or not {"sha256", "bytes"} <= entry.keys():
            raise _refused(path, f"{MANIFEST} does not say what {name} is")
    lacking = [name for name in REQUIRED if name not in about["files"]]
    if lacking:
        raise _refused(path, f"{MANIFEST} names no {lacking[0]}")


def _refused(path: Path, what: str) -> StoreError:
    return StoreError(Problem(what, str(path), hint=_HINT))
