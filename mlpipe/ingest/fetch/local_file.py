"""Databases that are a file on this machine: where it is, by its URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.fetch.fetched import UnreachableError

if TYPE_CHECKING:
    from mlpipe.ingest.fetch.fetched import Wanted

__all__ = ["database_file"]


def database_file(wanted: Wanted) -> Path:
    """Return the file that a URL names: ``sqlite:///plans.db``, ``sqlite:////srv/plans.db``.

    Raises
    ------
    SpecError
        For a URL that names a host or no file.
    UnreachableError
        Where there is no such file.
    """
    scheme, _, rest = (wanted.source.database or "").partition("://")
    if not rest.startswith("/") or rest == "/" or "?" in rest:
        hint = f"{scheme}:///plans.db in this folder, or {scheme}:////srv/plans.db"
        what = f"{wanted.shown} does not name a file"
        raise SpecError(Problem(what, key=f"{wanted.key}.database", hint=hint))
    path = Path(unquote(rest[1:]))
    if not path.is_file():
        raise UnreachableError(f"there is no file {path} (tried {os.path.abspath(path)})")
    return path
