"""The words of `validate.checks`: rows, unique, expression.

A word may be written with its options beside it, ``{expression: "a <= b", mostly: 0.99}``,
or below it, ``{expression: {sql: "a <= b", mostly: 0.99}}``.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mlpipe.spec.part import OneOf, Word
from mlpipe.validate.expression import parse

__all__ = ["Expression", "Rows", "Severity", "TableCheck", "Unique"]

Severity = Literal["warn", "error"]


class Rows(Word):
    """How many rows the table must have."""

    word: ClassVar[str] = "rows"

    min: Annotated[int | None, Field(ge=0)] = None
    """Fewest rows allowed."""
    max: Annotated[int | None, Field(ge=0)] = None
    """Most rows allowed."""
    severity: Severity = "error"
    """Whether a failure is an error (exit code 1) or a warning."""
    message: str | None = None
    """Said instead of mlpipe's own message."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("check_rows", "rows needs a min or a max", {"hint": ""})
        return self


class Unique(Word):
    """Columns whose values together identify a row."""

    word: ClassVar[str] = "unique"
    main: ClassVar[str | None] = "columns"

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    """The columns, taken together."""
    mostly: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the rows that must pass."""
    severity: Severity = "error"
    """Whether a failure is an error (exit code 1) or a warning."""
    message: str | None = None
    """Said instead of mlpipe's own message."""


class Expression(Word):
    """A condition in SQL that each row must meet; an unknown (null) answer is no failure."""

    word: ClassVar[str] = "expression"
    main: ClassVar[str | None] = "sql"

    sql: str
    """One scalar condition over columns of the table."""
    mostly: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the rows that must pass."""
    severity: Severity = "error"
    """Whether a failure is an error (exit code 1) or a warning."""
    message: str | None = None
    """Said instead of mlpipe's own message."""

    @field_validator("sql")
    @classmethod
    def _is_a_condition(cls, sql: str) -> str:
        parse(sql)
        return sql


class _OptionsBeside:
    """Moves options written beside a word to where `OneOf` reads them."""

    options = ("mostly", "severity", "message")

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
        main = {"expression": "sql", "unique": "columns"}.get(word, "")
        given = value[word]
        return {word: {**(given if isinstance(given, dict) else {main: given}), **beside}}


TableCheck = Annotated[
    Rows | Unique | Expression, OneOf(Rows, Unique, Expression), _OptionsBeside()
]
