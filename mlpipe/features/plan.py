"""The plan: what featurize decided, as plain JSON that every later step reads."""

from typing import Any, NotRequired, TypedDict

__all__ = [
    "FORMAT",
    "AggregateBlock",
    "AggregateColumn",
    "Block",
    "Input",
    "LookBackColumn",
    "ModelPlan",
    "Plan",
    "PythonBlock",
    "SqlColumn",
    "YamlStep",
]

FORMAT = 1
"""Of the plan; a reader refuses a newer one."""

YamlStep = dict[str, Any]
"""A step as the spec writes it: ``{"scale": {"method": "standard"}}``, the rest default."""


class Input(TypedDict):
    """A column that the fitted pipeline reads."""

    name: str
    kind: str  # number | category | text | date | boolean
    type: str  # as ingest reports it; "look_back", "sql", "aggregate" or "python" for ours


class LookBackColumn(TypedDict):
    """A column computed from earlier rows of the same entity."""

    name: str
    column: str
    does: str  # lag | difference | change | since_last | a statistic: mean, max, …
    rows: int | None  # how many rows back, or in the window
    span: str | None  # or how long: "90d"; neither: all earlier rows
    known_after: str | None  # the target's horizon: values younger than this are not known
    kind: str
    of: NotRequired[str]  # the kind of ``column``, where it matters and is another


class SqlColumn(TypedDict):
    """A column that an expression makes of the row; it may name columns before it."""

    name: str
    expression: str
    reads: dict[str, str]  # the columns it names, and the engine's type of each
    type: str  # DOUBLE | BOOLEAN | VARCHAR | TIMESTAMP


class AggregateColumn(TypedDict):
    """A statistic of the events before the row."""

    name: str
    does: str  # count | sum | mean | std | min | max | last | distinct | since_last
    column: str | None  # of the source; none where events are counted or dated
    type: str  # as what the column is read: number | string | date
    span: str | None  # how far back: "30d"; all earlier events without
    kind: str


class AggregateBlock(TypedDict):
    """Columns made of the events of one source."""

    source: str
    by: dict[str, str]  # the columns that events are matched by, and as what each is compared
    time: str  # of an event
    zone: str | None  # in which times are read that carry none
    reads: list[str]  # the columns of the source whose values are read
    columns: list[AggregateColumn]
    kept_from: NotRequired[str | None]  # since when a model keeps events, in UTC; none: all


class PythonBlock(TypedDict):
    """A user function: a frame in, a frame with the same index out."""

    path: str  # as the spec writes it
    function: str
    source: str
    outputs: list[Input]
    models: NotRequired[list[str]]


class Block(TypedDict):
    """Columns that take the same steps, and why."""

    columns: list[str]
    steps: list[YamlStep]
    reason: str


class ModelPlan(TypedDict):
    """What one model's pipeline does."""

    family: str  # linear | trees | other
    blocks: list[Block]


class Plan(TypedDict):
    """All that is needed to build the features of every model, on any rows.

    ``inputs`` are the raw and look-back columns to hand to the pipeline of `build`, in order.
    """

    format: int
    task: str | None
    timezone: str | None
    inputs: list[Input]
    look_back: list[LookBackColumn]
    python: list[PythonBlock]
    models: dict[str, ModelPlan]
    sql: NotRequired[list[SqlColumn]]
    aggregates: NotRequired[list[AggregateBlock]]
