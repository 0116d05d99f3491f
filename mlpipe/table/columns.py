"""The roles of columns: declared once, inherited by every step."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.duration import Duration

__all__ = ["KINDS", "RESERVED", "ROW", "SCOPE", "TAKEN", "Columns", "Kind", "Target"]

ROW = "_row"
"""The position of a row in the ingested table, int64 from 0: its name in every later step."""

SCOPE = "_scope"
"""Whether a row is in scope; there only where ``ingest.scope`` is declared."""

RESERVED = frozenset({ROW, SCOPE})
"""Column names that are ours; data may not bring them."""

TAKEN = RESERVED | {"file_row_number", "file_index"}
"""Names that no column of an ingested table may have: ours, and those by which the engine says
where a row stands in its file; a column of that name would be taken for the position."""

Kind = Literal["number", "category", "text", "date", "boolean"]
KINDS: tuple[Kind, ...] = ("number", "category", "text", "date", "boolean")

Name = Annotated[str, Field(min_length=1)]


class Target(Part):
    """What is to be predicted."""

    name: Name
    """The column to predict."""
    positive: str | int | bool | None = None
    """The class that counts as positive, of a binary target."""
    horizon: Duration | None = None
    """How far ahead the target looks: no feature may know more than this long before it."""


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError(
            "timezone",
            "'{name}' is not a time zone",
            {"name": name, "hint": did_you_mean(name, available_timezones())},
        )
    return name


class Columns(Part):
    """Which column plays which part."""

    key: Name | tuple[Name, ...] = ()
    """The column or columns that identify one row; unique, and checked."""
    entity: Name | None = None
    """Whose rows belong together: for lags, groups and leakage."""
    time: Name | None = None
    """When the row was known."""
    target: Name | Target | None = None
    """What is to be predicted: a column, or {name, positive, horizon}."""
    sensitive: tuple[Name, ...] = ()
    """Reported on; features only where featurize names them."""
    kinds: dict[Kind, tuple[Name, ...]] = Field(default_factory=dict)
    """Columns whose kind is not what their values look like."""
    weight: Name | None = None
    """How much each row counts in training and scores."""
    ignore: tuple[Name, ...] = ()
    """Patterns of columns kept for checks and slices, never features."""
    timezone: Annotated[str, AfterValidator(_known_timezone)] | None = None
    """The zone of timestamps that carry none, and of calendar parts."""

    @model_validator(mode="after")
    def _one_kind_each(self) -> Self:
        seen: dict[str, str] = {}
        for kind, names in self.kinds.items():
            for name in names:
                if name in seen:
                    raise PydanticCustomError(
                        "two_kinds",
                        "'{name}' is declared both {one} and {other}",
                        {"name": name, "one": seen[name], "other": kind},
                    )
                seen[name] = kind
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns as a tuple; empty where none is declared."""
        return (self.key,) if isinstance(self.key, str) else self.key

    @property
    def target_name(self) -> str | None:
        """The column to predict."""
        return self.target.name if isinstance(self.target, Target) else self.target

    @property
    def positive(self) -> str | int | bool | None:
        """The class that counts as positive, where declared."""
        return self.target.positive if isinstance(self.target, Target) else None

    @property
    def horizon(self) -> str | None:
        """How far ahead the target looks, as a duration word."""
        return self.target.horizon if isinstance(self.target, Target) else None

    @property
    def declared_kinds(self) -> dict[str, Kind]:
        """The declared kind of each column that has one."""
        return {name: kind for kind, names in self.kinds.items() for name in names}

    def ignores(self, name: str) -> bool:
        """Whether a pattern of `ignore` means a column."""
        return any(fnmatchcase(name, pattern) for pattern in self.ignore)

    def withheld(self, names: Iterable[str]) -> frozenset[str]:
        """Return the columns of a table whose values are never shown row by row.

        Those that are sensitive, and of ``names`` those that are ignored.
        """
        return frozenset([*self.sensitive, *filter(self.ignores, names)])

    def among(self, names: Iterable[str]) -> "Columns":
        """Return the roles that columns of a table can play which may lack some of them."""
        there = {*names, self.target_name}
        given = {
            "key": self.key if set(self.keys) <= there else (),
            "entity": self.entity if self.entity in there else None,
            "time": self.time if self.time in there else None,
            "sensitive": tuple(name for name in self.sensitive if name in there),
            "kinds": {
                kind: tuple(name for name in of if name in there) for kind, of in self.kinds.items()
            },
            "weight": self.weight if self.weight in there else None,
        }
        return self.model_copy(update=given)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of calendar parts: the declared one, else UTC."""
        return ZoneInfo(self.timezone or "UTC")
