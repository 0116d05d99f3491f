"""The ``ingest`` section: where rows come from and how they become one table."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean

__all__ = ["Ingest", "Source", "SqlFile"]

_TYPES = ("integer", "number", "string", "boolean", "date", "timestamp")
_DECIMAL = re.compile(r"decimal\((\d{1,2}), ?(\d{1,2})\)")
_SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _type_word(word: str) -> str:
    decimal = _DECIMAL.fullmatch(word)
    if decimal and 1 <= int(decimal[1]) <= 38 and int(decimal[2]) <= int(decimal[1]):
        return f"decimal({int(decimal[1])},{int(decimal[2])})"
    if word not in _TYPES:
        raise PydanticCustomError(
            "type_word",
            "'{word}' is not a type; expected one of: {known}, decimal(p,s) with p up to 38",
            {"word": word, "known": ", ".join(_TYPES), "hint": did_you_mean(word, _TYPES)},
        )
    return word


TypeWord = Annotated[str, AfterValidator(_type_word)]


def _encoding(name: str) -> str:
    import codecs

    try:
        return codecs.lookup(name).name
    except LookupError:
        raise PydanticCustomError(
            "encoding",
            "'{name}' is not an encoding",
            {"name": name, "hint": "for example utf-8, latin-1, cp1252, utf-16"},
        ) from None


class Source(Part):
    """Files that hold the same columns: one file, or all that a pattern matches."""

    path: Annotated[str, Field(min_length=1)]
    """A file or a glob pattern; files are read in the order of their names."""
    format: Literal["csv", "parquet"] | None = None
    """How the files are written; by their extension where left out."""
    delimiter: Annotated[str, Field(min_length=1, max_length=4)] | None = None
    """What stands between fields; sniffed where left out."""
    quote: Annotated[str, Field(max_length=1)] = '"'
    """What encloses a field that holds a delimiter; empty for files without quoting."""
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    """The encoding of the text."""
    header: bool = True
    """Whether the first row holds the names of the columns."""
    names: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """The names of the columns of files that have no header."""
    nulls: tuple[str, ...] = ("",)
    """Words that mean missing, besides the empty field, which always does."""
    types: dict[str, TypeWord] = Field(default_factory=dict)
    """Types of columns: integer, number, string, boolean, date, timestamp, decimal(p,s)."""
    trim: bool | None = None
    """Whether spaces around a value are dropped; sniffed where left out."""
    decimal: Literal[".", ","] = "."
    """What stands before the decimals of a number."""
    file_column: Annotated[str, Field(min_length=1)] | None = None
    """A column to add, with the name of the file that a row came from."""

    @model_validator(mode="after")
    def _names_and_header_agree(self) -> "Source":
        if self.header and self.names:
            raise PydanticCustomError(
                "names",
                "names are for files without a header",
                {"hint": "add `header: false`, or drop `names`"},
            )
        if not self.header and not self.names:
            raise PydanticCustomError(
                "names",
                "files without a header need names",
                {"hint": "add `names: [first, second, …]`"},
            )
        return self

    @model_validator(mode="after")
    def _names_are_distinct(self) -> "Source":
        lowered = [name.lower() for name in self.names]
        for position, name in enumerate(lowered):
            if name in lowered[:position]:
                raise PydanticCustomError(
                    "names", "the name '{name}' stands twice", {"name": self.names[position]}
                )
        return self

    def format_of(self, name: str) -> str:
        """Return the format of a file: declared, or by its extension; csv where that is new."""
        if self.format:
            return self.format
        return "parquet" if name.lower().endswith((".parquet", ".pq")) else "csv"


class SqlFile(Part):
    """SQL in a file of its own."""

    file: Annotated[str, Field(min_length=1)]
    """The path of the SQL file."""


class Ingest(Part):
    """Where rows come from and how they become one table."""

    sources: Annotated[dict[str, Source], Field(min_length=1)]
    """Files by the name that SQL knows them by."""
    sql: str | SqlFile | None = None
    """One SELECT over the sources, or {file: shape.sql}; needed with several sources."""
    labels: Source | None = None
    """Targets that come apart from the rows; joined on columns.key."""
    scope: Annotated[str, Field(min_length=1)] | None = None
    """A condition in SQL; rows outside it neither train nor count."""
    max_bad_rows: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, lt=1)] = 0
    """How many rows of a source may go to quarantine: a count, or a share below 1."""

    @model_validator(mode="before")
    @classmethod
    def _one_source_in_short(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "sources" in values or "path" not in values:
            return values
        inner = {key: value for key, value in values.items() if key in Source.model_fields}
        outer = {key: value for key, value in values.items() if key not in inner}
        return {**outer, "sources": {"data": inner}}

    @model_validator(mode="after")
    def _sources_have_names_for_sql(self) -> "Ingest":
        for name in self.sources:
            if not _SOURCE_NAME.fullmatch(name):
                raise PydanticCustomError(
                    "source_name",
                    "'{name}' cannot be a table name; use letters, digits and _",
                    {"name": name},
                )
        if len({name.lower() for name in self.sources}) < len(self.sources):
            raise PydanticCustomError("source_name", "source names differ only in case")
        if len(self.sources) > 1 and self.sql is None:
            raise PydanticCustomError(
                "sql",
                "several sources need `sql` to become one table",
                {"hint": "for example sql: select * from a join b using (id)"},
            )
        return self

    def paths(self) -> tuple[str, ...]:
        """Return every path pattern that the section reads: sources, labels, the SQL file."""
        found = [source.path for source in self.sources.values()]
        if self.labels is not None:
            found.append(self.labels.path)
        if isinstance(self.sql, SqlFile):
            found.append(self.sql.file)
        return tuple(found)
