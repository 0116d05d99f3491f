"""Types of columns that the spec does not declare, from what all their cells say they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.cells import KINDS, Day, Moment, Real, Whole
from mlpipe.ingest.files import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.cell_texts import Staged
    from mlpipe.ingest.source import Source

__all__ = ["cell_types"]

_TYPES: tuple[tuple[frozenset[type], str], ...] = (
    (frozenset(), "string"),
    (frozenset({str}), "string"),
    (frozenset({Whole}), "integer"),
    (frozenset({Whole, Real}), "number"),
    (frozenset({bool}), "boolean"),
    (frozenset({Day}), "date"),
    (frozenset({Day, Moment}), "timestamp"),
)


def cell_types(
    name: str, names: Sequence[str], source: Source, files: Sequence[Staged]
) -> dict[str, str]:
    """Return the type of each column: declared, or of the cells in all files.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    names : sequence of str
        The columns.
    files : sequence of Staged
        The files with the kinds of values in each column.

    Raises
    ------
    DataError
        If a column mixes kinds of values; all such columns at once.
    """
    types, problems = dict(source.types), []
    for at, column in enumerate(names):
        if column in types:
            continue
        places = _places(at, files)
        word = next((word for kinds, word in _TYPES if places.keys() <= kinds), None)
        if word is None:
            problems.append(_mixed(name, column, places))
        else:
            types[column] = word
    if problems:
        raise DataError(*problems)
    return types


def _places(at: int, files: Sequence[Staged]) -> dict[type, str]:
    """Return where the first value of each kind stands in a column."""
    places: dict[type, str] = {}
    for file in files:
        # Ordered, so that the message is the same each time: a set of classes is not.
        for kind, line in sorted(file.kinds[at].items(), key=lambda one: (one[1], KINDS[one[0]])):
            places.setdefault(kind, f"{shown(file.path)}:{line}")
    return places


def _mixed(name: str, column: str, places: dict[type, str]) -> Problem:
    kinds = " and ".join(f"{KINDS[kind]} ({place})" for kind, place in places.items())
    return Problem(
        f"mixes {kinds}",
        place=name,
        key=column,
        hint=f"declare `ingest.sources.{name}.types: {{{column}: string}}`, or another type",
    )
