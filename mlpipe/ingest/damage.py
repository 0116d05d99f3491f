"""What the engine says of a damaged file, in the words of the data.

A Parquet file is only read where its values are needed, so that a page that cannot be unpacked
may show in any step of ingest.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["damage_told"]

_FILE = re.compile(r'(?:Failed to read|Parquet) file "(?P<name>[^"]*)":\s*(?P<what>[^\n]*)')
_CUT_OFF = "Out of buffer"
"""What the engine says, without a name, of a page that is shorter than its header says."""


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn the engine's errors about damaged files into errors of the data.

    Raises
    ------
    DataError
        If a page cannot be unpacked, or holds text that is not UTF-8.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        problem = _problem(str(error))
        if problem is None:
            raise
        raise DataError(problem) from error


def _problem(text: str) -> Problem | None:
    if _CUT_OFF in text:
        return Problem("a Parquet file is damaged: a page is cut off", hint="write it again")
    found = _FILE.search(text)
    if found is None:
        return None
    name = shown(Path(found["name"]))
    if "Invalid string encoding" in text:
        hint = "write its texts as UTF-8, or the column as numbers if it holds bytes"
        return Problem(f"{name} holds text that is not UTF-8", hint=hint)
    return Problem(f"{name} is damaged: {found['what']}", hint="write it again")
