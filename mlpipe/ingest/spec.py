"""The ``ingest`` section: where rows come from and how they become one table."""

import re
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.ingest.source import Source
from mlpipe.spec.names import function_of
from mlpipe.spec.part import Part

__all__ = ["Ingest", "SqlFile"]

_SOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


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
    python: Annotated[str, function_of("shape.py:together")] | None = None
    """file.py:function, instead of `sql`: frames by source name in, one frame out."""
    sample: Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | None = None
    """How many rows are kept, or their share; whole entities, the same ones each time."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """How many of the first rows are kept."""
    max_bad_rows: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, lt=1)] = 0
    """How many rows of a source may go to quarantine: a count, or a share below 1."""

    @model_validator(mode="before")
    @classmethod
    def _one_source_in_short(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "sources" in values:
            return values
        if not {"path", "database"} & set(values):
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
        if self.sql is not None and self.python is not None:
            raise PydanticCustomError(
                "sql", "sql and python both shape the table", {"hint": "keep one of them"}
            )
        if len(self.sources) > 1 and self.sql is None and self.python is None:
            raise PydanticCustomError(
                "sql",
                "several sources need `sql` to become one table",
                {"hint": "for example sql: select * from a join b using (id)"},
            )
        return self

    def unchecked(self) -> "Ingest":
        """Return the section without the checks of its sources: for rows that are only scored."""
        sources = {
            name: source.model_copy(update={"checks": ()}) if source.checks else source
            for name, source in self.sources.items()
        }
        return self.model_copy(update={"sources": sources})

    def paths(self) -> tuple[str, ...]:
        """Return every local path pattern that the section reads: sources, labels, SQL file."""
        origins = [*self.sources.values(), *([self.labels] if self.labels else [])]
        found = [one.pattern for one in origins if one.pattern is not None and not one.is_remote]
        if isinstance(self.sql, SqlFile):
            found.append(self.sql.file)
        return tuple(found)
