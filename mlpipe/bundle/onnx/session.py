"""Running a graph: the same rows as the model takes, to the same scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.features import Made, before_encoder, blocks, leaves
from mlpipe.bundle.onnx.levels import MISSING
from mlpipe.errors import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlpipe.bundle.model import Model

__all__ = ["raw_scores", "require_extra"]

EXTRA = ("onnx", "skl2onnx", "onnxruntime")


def require_extra(key: str = "bundle.onnx", names: Sequence[str] = EXTRA) -> None:
    """Refuse where the extra ``onnx`` is not installed.

    Raises
    ------
    SpecError
        With the command that installs it.
    """
    from importlib.util import find_spec

    missing = [name for name in names if find_spec(name) is None]
    if missing:
        what = f"ONNX needs the extra 'onnx'; there is no {', '.join(missing)}"
        raise SpecError(Problem(what, key=key, hint="pip install 'mlpipe[onnx]'"))


def raw_scores(
    data: bytes, inputs: Sequence[Made], model: Model, frame: pd.DataFrame
) -> NDArray[Any]:
    """Return the scores of a graph before calibration, in the shapes of `Model.scores`.

    Parameters
    ----------
    data : bytes
        The file of the graph.
    inputs : sequence of Made
    model : Model
        What the graph was made from: it does what comes before the graph.
    frame : DataFrame
        Raw and look-back columns.
    """
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # One thread: sums in another order are other numbers.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return session.run(["scores"], _feeds(inputs, model, frame))[0]  # type: ignore[no-any-return]


def _feeds(inputs: Sequence[Made], model: Model, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
    parts = {name: _Prepared(features, frame) for name, features in leaves(model.pipeline)}
    return {one.name: parts[one.member].values(one)[:, None] for one in inputs}


class _Prepared:
    """What comes before the graph, done for one pipeline of features."""

    def __init__(self, features: Any, frame: pd.DataFrame) -> None:
        self.rows = before_encoder(features, frame)
        self.blocks = list(blocks(features))
        self.dates: dict[int, NDArray[Any]] = {}

    def values(self, one: Made) -> NDArray[Any]:
        """Return an input as a column."""
        if one.by != "date":
            return _column(self.rows[one.column], one)
        if one.block not in self.dates:
            self.dates[one.block] = self._dated(one.block)
        return self.dates[one.block][:, one.place]

    def _dated(self, number: int) -> NDArray[Any]:
        import numpy as np

        steps, columns = self.blocks[number]
        return np.asarray(steps[0].transform(self.rows[columns]), np.float64)


def _column(column: pd.Series[Any], one: Made) -> NDArray[Any]:
    import numpy as np

    if one.kind == "number":
        return column.to_numpy(np.float64)
    texts = column.to_numpy(dtype=object)
    texts = np.where(column.isna().to_numpy(), MISSING, texts)
    if one.by == "lowercase":
        texts = np.array([text.lower() for text in texts], dtype=object)
    return texts
