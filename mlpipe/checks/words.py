"""The words of `checks`: what may be asked of a table as a whole.

A word may be written with its options beside it, ``{expression: "a <= b", mostly: 0.99}``,
or below it, ``{expression: {sql: "a <= b", mostly: 0.99}}``.
"""

from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mlpipe.checks.asked import Asked, Day, Mostly, in_order
from mlpipe.checks.expression import parse
from mlpipe.spec.part import OneOf, Word
from mlpipe.table.duration import Duration

__all__ = [
    "Duplicates",
    "Expression",
    "Freshness",
    "Monotone",
    "References",
    "Rows",
    "TableCheck",
    "Unique",
    "references",
    "undated",
]

Name = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]


class Rows(Asked, Word):
    """How many rows the table must have."""

    word: ClassVar[str] = "rows"

    min: Annotated[int | None, Field(ge=0)] = None
    """Fewest rows allowed."""
    max: Annotated[int | None, Field(ge=0)] = None
    """Most rows allowed."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("check_rows", "rows needs a min or a max", {"hint": ""})
        in_order("min", self.min, "max", self.max)
        return self


class Unique(Asked, Word):
    """Columns whose values together identify a row; a null is like no other."""

    word: ClassVar[str] = "unique"
    main: ClassVar[str | None] = "columns"

    columns: Names
    """The columns, taken together."""
    mostly: Mostly = 1.0
    """Share of the rows that must pass."""


class Duplicates(Asked, Word):
    """Rows that repeat another, nulls included."""

    word: ClassVar[str] = "duplicates"
    main: ClassVar[str | None] = "columns"

    columns: tuple[Name, ...] = ()
    """The columns in which rows are alike; all of them where left out."""
    mostly: Mostly = 1.0
    """Share of the rows that must pass."""


class Expression(Asked, Word):
    """A condition in SQL that each row must meet; an unknown (null) answer is no failure."""

    word: ClassVar[str] = "expression"
    main: ClassVar[str | None] = "sql"

    sql: str
    """One scalar condition over columns of the table."""
    mostly: Mostly = 1.0
    """Share of the rows that must pass."""

    @field_validator("sql")
    @classmethod
    def _is_a_condition(cls, sql: str) -> str:
        parse(sql)
        return sql


class Freshness(Asked, Word):
    """How old the newest row may be."""

    word: ClassVar[str] = "freshness"
    main: ClassVar[str | None] = "max_age"

    column: Name | None = None
    """When a row was known; `columns.time` where left out."""
    max_age: Duration
    """How long before `as_of` the newest row may be: 40d."""
    as_of: Day | None = None
    """The day that age is counted from; `validate.as_of` where left out."""


class References(Asked, Word):
    """Values that must be there in a source of ingest."""

    word: ClassVar[str] = "references"

    columns: Names
    """The columns, taken together; a row with a null in one of them is let through."""
    source: Name
    """The source of ingest that holds the values."""
    to: Names
    """Its columns, in the same order."""
    mostly: Mostly = 1.0
    """Share of the rows that must pass."""

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if len(self.columns) != len(self.to):
            raise PydanticCustomError(
                "check_references", "columns and to must name as many columns", {"hint": ""}
            )
        return self


class Monotone(Asked, Word):
    """A column that never goes back, in the order of the rows."""

    word: ClassVar[str] = "monotone"
    main: ClassVar[str | None] = "column"

    column: Name | None = None
    """The column; `columns.time` where left out."""
    per: tuple[Name, ...] | None = None
    """Whose rows are compared; `columns.entity` where left out, all rows with []."""
    strictly: bool = False
    """Whether the same value again is going back too."""
    mostly: Mostly = 1.0
    """Share of the rows that must pass."""


class _OptionsBeside:
    """Moves options written beside a word to where `OneOf` reads them."""

    options = ("mostly", "severity", "when", "message")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._below, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written = handler(schema)
        own = Expression.model_json_schema()["properties"]
        beside = {name: own[name] for name in self.options}
        for choice in written.get("anyOf", []):
            if "properties" in choice:
                choice["properties"] = {**beside, **choice["properties"]}
        return written

    def _below(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        beside = {key: value[key] for key in self.options if key in value}
        words = [key for key in value if key not in beside]
        if not beside or len(words) != 1:
            return value
        (word,) = words
        main = _MAIN.get(word) or ""
        given = value[word]
        return {word: {**(given if isinstance(given, dict) else {main: given}), **beside}}


_WORDS = (Rows, Unique, Duplicates, Expression, Freshness, References, Monotone)
_MAIN = {each.word: each.main for each in _WORDS}

TableCheck = Annotated[
    Rows | Unique | Duplicates | Expression | Freshness | References | Monotone,
    OneOf(*_WORDS),
    _OptionsBeside(),
]


def undated(checks: tuple[Any, ...]) -> bool:
    """Whether a check counts age from a day that is not written."""
    return any(isinstance(check, Freshness) and check.as_of is None for check in checks)


def references(checks: tuple[Any, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what the checks refer to: sources and their columns, each once, in order."""
    found = ((each.source, each.to) for each in checks if isinstance(each, References))
    return tuple(dict.fromkeys(found))
