"""What a row is, so that it and its like stay on one side however the data grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.columns import RESERVED, Columns
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["identity", "salted"]


def identity(columns: Columns, names: Sequence[str], group: str | None = None) -> list[str]:
    """Return the columns whose values decide the side of a row.

    The group if one is asked for, else the entity, else the key. Without any of them a row
    is its content: equal rows share a side, so that no row is judged by its own copy.

    Parameters
    ----------
    names : sequence of str
        The columns of the table.
    group : str, optional
        The column of ``by: group``.
    """
    if group or columns.entity:
        return [group or str(columns.entity)]
    return list(columns.keys) or sorted(name for name in names if name not in RESERVED)


def salted(names: Sequence[str], salt: str) -> str:
    """Return SQL of a 64-bit number that the values and the salt decide, and nothing else.

    MD5 of the text of the values, each with its length before it, so that ``a, bc`` and
    ``ab, c`` differ; null is not the empty string, and −0 is 0. Stable across engines and versions.
    """
    texts = []
    for name in names:
        text = f"CAST({identifier(name)} AS VARCHAR)"
        text = f"CASE {text} WHEN '-0.0' THEN '0.0' ELSE {text} END"
        texts.append(f"coalesce(length({text}) || ':' || {text}, '-')")
    return f"md5_number_upper({literal(salt)} || {' || '.join(texts)})"
