"""The features of a model as a graph, from the columns that its encoder reads.

What comes before the encoder, types and Python functions, and what reads dates is done by the
bundle: ONNX has no dates. What they make are inputs of the graph, beside the raw columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.graph import Graph, NotConvertibleError
from mlpipe.bundle.onnx.levels import number_levels, text_levels
from mlpipe.bundle.onnx.numbers import number_step
from mlpipe.bundle.onnx.texts import lowercased, text_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

__all__ = ["Made", "add_features", "before_encoder", "blocks", "leaves"]


@dataclass(frozen=True)
class Made:
    """An input of the graph.

    Attributes
    ----------
    name, kind : str
        As the graph has it: ``number`` or ``string``.
    column : str
        The column that it is made from.
    by : str
        How: empty for the column as it is, ``lowercase``, or ``date`` for the output of the
        first step of a block of dates.
    member : str
        Whose features it is for, where several models are put together; see `leaves`.
    block, place : int
        Of dates: which block of the encoder, and which output of its first step.
    """

    name: str
    kind: str
    column: str
    by: str = ""
    member: str = ""
    block: int = 0
    place: int = 0


def leaves(pipeline: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fitted features of a model: its own, or of each member by its dotted name."""
    members = getattr(pipeline, "members", None)
    if members is None:
        yield name, pipeline.named_steps["features"]
        return
    for each, member in members.items():
        yield from leaves(member, f"{name}.{each}" if name else str(each))


def before_encoder(features: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the encoder reads: numbers, strings and dates."""
    rows = frame
    for name, step in features.steps:
        if name == "encoded":
            break
        rows = step.transform(rows)
    return rows


def add_features(
    graph: Graph, features: Any, rows: pd.DataFrame, made: dict[str, Made], member: str = ""
) -> tuple[str, int]:
    """Add all features of a fitted pipeline; return the matrix and its width.

    Parameters
    ----------
    graph : Graph
    features : Pipeline
        From `mlpipe.features.pipeline.build`, fitted.
    rows : DataFrame
        From `before_encoder`, of rows that it was fitted on.
    made : dict of str to Made
        Gets the inputs of the graph.
    member : str
        Whose features these are, as in `leaves`.

    Raises
    ------
    NotConvertibleError
        If a step cannot be said in ONNX.
    """
    names = [name for name, _ in features.steps]
    after = features.steps[names.index("encoded") + 1 :]
    tensors, width = [], 0
    for number, (steps, columns) in enumerate(blocks(features)):
        block = _Block(graph, (member, number), steps, columns, rows[columns])
        tensor, wide = block.add(made)
        tensors.append(tensor)
        width += wide
    if not tensors:
        raise NotConvertibleError("there are no features")
    matrix = graph.matrix(tensors)
    for _, step in after:
        matrix, width = number_step(graph, step, matrix, width)
    return matrix, width


def blocks(features: Any) -> Iterator[tuple[list[Any], list[str]]]:
    """Yield the fitted steps of each block of the encoder, and its columns."""
    for _, transformer, columns in features.named_steps["encoded"].transformers_:
        if isinstance(transformer, str):  # "drop"
            continue
        steps = getattr(transformer, "steps", None)
        yield [step for _, step in steps] if steps else [transformer], list(columns)


class _Block:
    """A block of the encoder: its columns, and the fitted steps over them."""

    def __init__(
        self,
        graph: Graph,
        place: tuple[str, int],
        steps: list[Any],
        columns: list[str],
        rows: pd.DataFrame,
    ) -> None:
        self.graph, self.place = graph, place
        self.steps, self.columns, self.rows = steps, columns, rows

    def add(self, made: dict[str, Made]) -> tuple[str, int]:
        kinds = {str(self.rows[name].dtype.kind) for name in self.columns}
        if kinds == {"M"}:
            return self._dates(made)
        if kinds != {"O"}:
            inputs = [
                self._input(made, Made(name, "number", name, member=self.place[0]))
                for name in self.columns
            ]
            return self._numbers(self.steps, self.graph.matrix(inputs), len(inputs))
        vectorizer = getattr(self.steps[0], "vectorizer_", None)
        if hasattr(vectorizer, "vocabulary_") and len(self.columns) == 1:
            return self._texts(made, vectorizer)
        for name in self.columns:
            self._input(made, Made(name, "string", name, member=self.place[0]))
        return text_levels(self.graph, _together(self.steps), self.columns, self.rows)

    def _input(self, made: dict[str, Made], one: Made) -> str:
        made.setdefault(one.name, one)
        return self.graph.input(one.name, one.kind)

    def _dates(self, made: dict[str, Made]) -> tuple[str, int]:
        """Take what the first step makes of a date as inputs."""
        outputs = self.steps[0].get_feature_names_out(self.columns)
        inputs = [
            self._input(made, self._part(made, str(name), place))
            for place, name in enumerate(outputs)
        ]
        return self._numbers(self.steps[1:], self.graph.matrix(inputs), len(inputs))

    def _part(self, made: dict[str, Made], name: str, at: int) -> Made:
        member, number = self.place
        if name in made:
            name = "__".join(each for each in (name, member, str(number)) if each)
        return Made(name, "number", self.columns[0], "date", member, number, at)

    def _texts(self, made: dict[str, Made], vectorizer: Any) -> tuple[str, int]:
        (column,) = self.columns
        one = Made(column, "string", column, member=self.place[0])
        if lowercased(vectorizer):
            one = Made(f"{column}__lowercase", "string", column, "lowercase", self.place[0])
        tensor, width = text_weights(self.graph, vectorizer, self._input(made, one))
        return self._numbers(self.steps[1:], tensor, width)

    def _numbers(self, steps: Sequence[Any], tensor: str, width: int) -> tuple[str, int]:
        for at, step in enumerate(steps):
            levels = getattr(step, "categories_", None)
            if levels is not None and width == len(levels) == 1:
                return number_levels(self.graph, _together(steps[at:]), tensor, _floats(levels[0]))
            tensor, width = number_step(self.graph, step, tensor, width)
        return tensor, width


def _floats(levels: Any) -> Any:
    import numpy as np

    return np.asarray(levels, np.float64)


def _together(steps: Sequence[Any]) -> Any:
    from sklearn.pipeline import Pipeline

    if len(steps) == 1:
        return steps[0]
    return Pipeline([(str(number), step) for number, step in enumerate(steps)])
