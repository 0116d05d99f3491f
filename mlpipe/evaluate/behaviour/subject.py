"""The model that is tested: how it is asked, and what its rows are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Rewrite", "Subject"]

Rewrite: TypeAlias = "Callable[[pd.DataFrame], pd.DataFrame]"
"""From a frame to one with the same index."""


@dataclass(frozen=True)
class Subject:
    """A model and its rows, as far as behaviour tests need them.

    Attributes
    ----------
    task : str
    classes : tuple
        By code; of a binary task the positive one is last; empty for regression.
    predict : callable
        From rows to ``prediction`` and the score columns, with the index of the rows. A row has
        its position in the table in ``_row``: what looks back sees the rows before that one. It
        is null for a row that is not of the table, which has no past.
    types : mapping of str to str
        The columns of the table and their types, as ingest reports them.
    reads : frozenset of str
        The columns that the model makes anything of.
    needs : tuple of str
        Those that no row may come without.
    fixed : frozenset of str
        Those that say which rows a row looks back at: they may not be changed.
    part : str
        Of the held-out rows.
    keys : tuple of str
        The columns that tell a row.
    withheld : frozenset of str
        The columns whose values are not shown: sensitive and ignored ones.
    functions : mapping of str to callable
        The user's changes by ``file.py:function``: frame in, frame with the same index out.
    locate : callable
        From positions to file and line, where they are known.
    """

    task: str
    classes: tuple[Any, ...]
    predict: Rewrite
    types: Mapping[str, str]
    reads: frozenset[str]
    needs: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    part: str = "test"
    keys: tuple[str, ...] = ()
    withheld: frozenset[str] = frozenset()
    functions: Mapping[str, Rewrite] = field(default_factory=dict)
    locate: Callable[[Sequence[int]], Mapping[int, tuple[str, int]]] = lambda _: {}
