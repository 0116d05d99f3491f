"""The `featurize` section: blocks of columns and the steps they take."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, RootModel, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.aggregates.word import Aggregate
from mlpipe.features.earlier import LookBack
from mlpipe.features.transform import Transform
from mlpipe.features.words import Step
from mlpipe.spec.names import function_of
from mlpipe.spec.part import Part, frozen
from mlpipe.table.columns import Kind

__all__ = ["Block", "Featurize", "OfKind"]


Name = Annotated[str, Field(min_length=1)]


class OfKind(Part):
    """All columns of one kind that may be features."""

    kind: Kind
    """number, category, text, date or boolean."""


class Block(Part):
    """Columns and their steps, the rest, SQL, events of a source, or a function of yours."""

    model_config = ConfigDict(serialize_by_alias=True)

    columns: str | Annotated[tuple[str, ...], Field(min_length=1)] | OfKind | None = None
    """Names, patterns such as usage_*, or {kind: number}."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)] | Literal["auto", "drop"] = "auto"
    """Words in the order they apply; or auto, or drop."""
    rest: Literal["auto", "drop", "keep"] | None = None
    """What happens to columns that no block names; auto where no block says it."""
    python: Annotated[str, function_of("features.py:ratios")] | None = None
    """path.py:function, a function that takes a DataFrame and returns one with the same index."""
    sql: Annotated[dict[Name, str], Field(min_length=1)] | None = None
    """Columns by name, each an SQL expression of one row: {per_call: charges / calls}."""
    aggregate: Aggregate | None = None
    """Statistics of the events of a related source before the time of the row."""
    models: Annotated[tuple[str, ...] | None, Field(alias="for", min_length=1)] = None
    """The models that this block is for; all of them by default."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [
            key
            for key in ("columns", "rest", "python", "sql", "aggregate")
            if getattr(self, key) is not None
        ]
        if len(given) != 1:
            raise PydanticCustomError(
                "block",
                "a block has one of `columns`, `rest`, `python`, `sql` and `aggregate`",
                {"hint": "- {columns: [age], steps: [impute: median]}"},
            )
        if self.columns is None and self.steps != "auto":
            raise PydanticCustomError(
                "block",
                "`steps` go with `columns`, not with `{given}`",
                {"given": given[0], "hint": "name the columns, or leave the steps out"},
            )
        if self.rest is not None and self.models is not None:
            raise PydanticCustomError(
                "block", "`rest` is for all models", {"hint": "leave `for` out"}
            )
        return self

    @field_validator("steps")
    @classmethod
    def _look_back_first(cls, steps: Any) -> Any:
        fitted = False
        for step in steps if isinstance(steps, tuple) else ():
            if isinstance(step, LookBack) and fitted:
                raise PydanticCustomError(
                    "look_back_first",
                    "`{word}` reads the table: it must stand before the steps that are fitted",
                    {"word": step.word, "hint": "look-back words first, the others after them"},
                )
            fitted = fitted or not isinstance(step, LookBack)
        return steps


class Featurize(RootModel[tuple[Block, ...]]):
    """How columns become features: a list of blocks, or `auto`."""

    model_config = ConfigDict(frozen=True, strict=True)

    root: tuple[Block, ...] = (Block(rest="auto"),)

    @model_validator(mode="before")
    @classmethod
    def _auto(cls, value: Any) -> Any:
        return ({"rest": "auto"},) if value == "auto" else value

    @model_validator(mode="after")
    def _one_rest(self) -> Self:
        if sum(block.rest is not None for block in self.root) > 1:
            raise PydanticCustomError("rest", "`rest` stands twice", {"hint": "keep one of them"})
        return self

    @classmethod
    def read(cls, values: Any) -> Self:
        """Build the section from plain YAML or JSON values."""
        return cls.model_validate(frozen(values))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks, in the order of the file."""
        return self.root

    @property
    def rest(self) -> str:
        """What happens to columns that no block names."""
        said = [block.rest for block in self.root if block.rest is not None]
        return said[0] if said else "auto"

    def transforms(self) -> tuple[Transform, ...]:
        """Return every step that is fitted."""
        steps = (
            step for block in self.root if isinstance(block.steps, tuple) for step in block.steps
        )
        return tuple(step for step in steps if isinstance(step, Transform))

    def paths(self) -> tuple[str, ...]:
        """Return the Python files that the blocks call, to digest."""
        files = (block.python.rpartition(":")[0] for block in self.root if block.python)
        return tuple(dict.fromkeys(files))

    def related(self) -> dict[str, dict[str, str]]:
        """Return the columns that aggregates read of each source, and where the spec names them.

        ``{"events": {"amount": "featurize.0.aggregate.values.total"}}``.
        """
        found: dict[str, dict[str, str]] = {}
        for index, block in enumerate(self.root):
            if block.aggregate is None:
                continue
            of_source = found.setdefault(block.aggregate.source, {})
            for name, at in block.aggregate.reads().items():
                key = ".".join(map(str, ("featurize", index, "aggregate", *at)))
                of_source.setdefault(name, key)
        return found
