"""One source of ``ingest``: where its rows are, and how they are written."""

import re
from glob import has_magic
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.checks.words import TableCheck
from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean

__all__ = ["BELOW", "FETCHING", "Dedupe", "Source", "known_format"]

BELOW = "/**/[!._]*"
"""What follows a folder to mean the data files under it, without hidden files and folders."""
FETCHING = ("refresh", "allow_private", "timeout", "options")
"""The fields of a source that say how it is fetched, and nothing of what comes."""


_TYPES = ("integer", "number", "string", "boolean", "date", "timestamp")
_DECIMAL = re.compile(r"decimal\((\d{1,2}), ?(\d{1,2})\)")
_FORMATS = {
    (".parquet", ".pq"): "parquet",
    (".jsonl", ".ndjson"): "jsonl",
    (".json",): "json",
    (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"): "excel",
}
_PACKED = (".gz", ".zst", ".bz2", ".xz")
_TEXT = (".csv", ".tsv")
_SELECT = re.compile(r"(?is)\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*\(?\s*(select|with)\b.*")
_OF_FILES = ("format", "sheet", "hive", "delimiter", "quote", "encoding", "header", "names", "trim",
             "file_column")  # fmt: skip


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


class Dedupe(Part):
    """Which of several rows that are alike is kept; the others are counted, and left out."""

    by: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """The columns in which rows are alike; all of them where left out."""
    keep: Literal["first", "last"] = "first"
    """Which of them is kept, in the order of the source."""


class Source(Part):
    """Rows of the same columns: the files that a path matches, or a query of a database."""

    path: Annotated[str, Field(min_length=1)] | None = None
    """A file, a glob pattern, or a URL (https, s3); files are read in the order of their names."""
    database: Annotated[str, Field(min_length=1)] | None = None
    """The URL of a database: postgresql, mysql, sqlite, duckdb; its password from ${secret:}."""
    query: Annotated[str, Field(min_length=1)] | None = None
    """One SELECT in the database's own dialect."""
    table: Annotated[str, Field(min_length=1)] | None = None
    """A table of the database, read whole."""
    refresh: Annotated[str, Field(min_length=1)] = "always"
    """When a URL or database is read again: always, never, or a query whose answer changes."""
    allow_private: bool = False
    """Whether a URL may lead to an address of a private network."""
    timeout: Annotated[float, Field(gt=0)] = 60
    """Seconds that a URL or database may take to answer."""
    options: dict[str, str | int | bool] = Field(default_factory=dict)
    """Options of the object store, as its fsspec driver takes them: endpoint_url, key, secret."""
    format: Literal["csv", "json", "jsonl", "parquet", "excel"] | None = None
    """How the files are written; by their extension where left out."""
    sheet: Annotated[str, Field(min_length=1)] | None = None
    """The sheet of a spreadsheet; the only one where left out."""
    hive: bool = False
    """Whether folders named key=value are columns; `path` may then be the folder above them."""
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
    rename: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """New names of columns, by the old one; `types` and `dedupe` use the old ones."""
    dedupe: Dedupe | None = None
    """Leaves out rows that repeat an earlier or later one."""
    checks: tuple[TableCheck, ...] = ()
    """Checks of its rows as they were read; a failed one fails `validate`."""

    @model_validator(mode="after")
    def _one_origin(self) -> "Source":
        if (self.path is None) == (self.database is None):
            raise PydanticCustomError(
                "origin",
                "a source has either a path or a database",
                {"hint": "path: data.csv, or database: … with a query"},
            )
        if self.database is not None and (self.query is None) == (self.table is None):
            raise PydanticCustomError(
                "origin",
                "a database needs either a query or a table",
                {"hint": "for example query: select * from plans"},
            )
        if self.database is None and (self.query or self.table):
            raise PydanticCustomError(
                "origin", "query and table are for a database", {"hint": "name it: database: …"}
            )
        return self

    @model_validator(mode="after")
    def _refresh_is_known(self) -> "Source":
        if self.refresh in ("always", "never"):
            return self
        if self.database is None:
            raise PydanticCustomError(
                "refresh",
                "'{word}' is not always or never",
                {"word": self.refresh, "hint": "a query that is asked first is for databases"},
            )
        if not _SELECT.fullmatch(self.refresh):
            raise PydanticCustomError(
                "refresh",
                "'{word}' is not always, never or a query",
                {"word": self.refresh, "hint": "for example select max(updated_at) from plans"},
            )
        return self

    @model_validator(mode="after")
    def _database_has_no_files(self) -> "Source":
        given = [name for name in _OF_FILES if name in self.model_fields_set]
        if self.database is not None and given:
            raise PydanticCustomError(
                "origin",
                "{name} is for files; a database has columns with types",
                {"name": given[0], "hint": "leave it out"},
            )
        return self

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

    @property
    def is_remote(self) -> bool:
        """Whether the rows come from a URL or a database, and are fetched before they are read."""
        return self.database is not None or "://" in (self.path or "")

    @property
    def pattern(self) -> str | None:
        """The path pattern of the files: the path, or everything under a folder of hive files."""
        if self.path is None or not self.hive or has_magic(self.path):
            return self.path
        if not self.path.endswith("/") and known_format(self.path):
            return self.path
        return f"{self.path.rstrip('/')}{BELOW}"

    def format_of(self, name: str) -> str:
        """Return the format of a file: declared, or by its extension; csv where that is new."""
        return self.format or known_format(name) or "csv"

    def delimiter_of(self, name: str) -> str | None:
        """Return the delimiter of a file: declared, a tab for .tsv, or None to be sniffed."""
        if self.delimiter is None and _unpacked(name).endswith(".tsv"):
            return "\t"
        return self.delimiter


def known_format(name: str) -> str | None:
    """Return the format that the extension of a file's name says; None where it says none."""
    stem = _unpacked(name)
    if stem.endswith(_TEXT):
        return "csv"
    return next((word for ends, word in _FORMATS.items() if stem.endswith(ends)), None)


def _unpacked(name: str) -> str:
    stem = name.lower()
    return next((stem.removesuffix(ends) for ends in _PACKED if stem.endswith(ends)), stem)
