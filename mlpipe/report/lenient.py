"""Parts of a document that may be missing or of another shape: a page is drawn all the same."""

from __future__ import annotations

from typing import Any

__all__ = ["mapping_of", "rows_of"]


def mapping_of(value: Any) -> dict[str, Any]:
    """Return a mapping as a dict; empty where it is none."""
    return dict(value) if isinstance(value, dict) else {}


def rows_of(value: Any) -> list[dict[str, Any]]:
    """Return the mappings of a list; empty where it is none.

    >>> rows_of([{"name": "f1"}, None]), rows_of(None)
    ([{'name': 'f1'}], [])
    """
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
