"""Both sides of a comparison: what the reference counted of a column, and what a chunk did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.table.aspects import AGE, SINCE, VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

__all__ = ["APART", "BOUNDS", "FRESHNESS", "INFINITE", "MISSING", "UNSEEN_VALUES", "Sides"]

MISSING, INFINITE, UNSEEN_VALUES = "missing", "infinite", "unseen"
BOUNDS, FRESHNESS = "bounds", "freshness"
APART = (MISSING, INFINITE, UNSEEN_VALUES, BOUNDS, FRESHNESS)
"""What is tested apart from the distribution of a column: each is one share."""

_FRESH = 3
"""So many counts of the age are of the newest dates: -inf, newer than all, the newest tenth."""


@dataclass(frozen=True)
class Sides:
    """A column of the reference, of a chunk, and of the quiet reference chunks.

    Attributes
    ----------
    column : str
    bins : mapping
        Frozen bins.
    reference, current : mapping
        ``rows``, ``nulls``, ``counts`` and ``moments``.
    quiet : tuple of mapping
        The reference chunks, without moments.
    folds : tuple of mapping
        Of predictions, what the model of each fold said.
    neighbours : tuple of mapping or None
        Of what several chunks counted together: as many neighbouring reference chunks, together.
    """

    column: str
    bins: Mapping[str, Any]
    reference: Mapping[str, Any]
    current: Mapping[str, Any]
    quiet: tuple[Mapping[str, Any], ...]
    folds: tuple[Mapping[str, Any], ...] = ()
    neighbours: tuple[Mapping[str, Any], ...] | None = None

    @classmethod
    def of(cls, reference: Mapping[str, Any], current: Mapping[str, Any], column: str) -> Self:
        """Take one column out of a profile and of a chunk counted on its bins."""

        def counted(parts: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
            return tuple({"rows": each["rows"], **each["columns"][column]} for each in parts)

        ref, cur = counted((reference, current))
        folds = tuple(each["columns"][column] for each in reference.get("folds", {}).values())
        near = reference.get("neighbours")
        return cls(
            column,
            reference["bins"][column],
            ref,
            cur,
            counted(reference["chunks"].values()),
            folds,
            None if near is None else counted(near),
        )

    @property
    def all(self) -> tuple[Mapping[str, Any], ...]:
        """The reference, the chunk, the quiet chunks and the neighbours, in this order."""
        return self.reference, self.current, *self.quiet, *(self.neighbours or ())

    @property
    def by_value(self) -> bool:
        """Whether values are counted, not ranges of numbers."""
        return "values" in self.bins

    def counts(self, aspect: str) -> list[list[int]]:
        """Return the counts of an aspect on all sides."""
        return [each["counts"][aspect] for each in self.all]

    def missing(self) -> list[list[int]]:
        """Return missing and present rows on all sides."""
        return [[each["nulls"], each["rows"] - each["nulls"]] for each in self.all]

    def infinite(self) -> list[list[int]]:
        """Return infinite and finite values on all sides; nothing for other kinds."""
        if self.by_value or VALUE not in self.bins["aspects"]:
            return []
        return [[each[0] + each[-1], sum(each[1:-1])] for each in self.counts(VALUE)]

    def out_of_bounds(self) -> tuple[int, int]:
        """Return the dates of the chunk beyond all of the reference, and all its dates."""
        counts = self.current["counts"]
        beyond = sum(counts[aspect][1] for aspect in self._outer())
        return beyond, sum(counts.get(SINCE, ()))

    def fresh(self, side: Mapping[str, Any]) -> tuple[int, int]:
        """Return how many dates are as new as the newest tenth of the reference, and the others."""
        age = side["counts"][AGE]
        return sum(age[:_FRESH]), sum(age[_FRESH:])

    def _outer(self) -> Iterable[str]:
        return (each for each in (SINCE, AGE) if each in self.current["counts"])
