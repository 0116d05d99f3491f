"""Steps that turn numbers into numbers, in float64 and in the very order of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.library import by_library

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlpipe.bundle.onnx.graph import Graph

__all__ = ["number_step"]


def number_step(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    """Add a fitted step over a matrix of numbers; return its output and how wide that is.

    Raises
    ------
    NotConvertibleError
        If neither we nor skl2onnx know the step.
    """
    if hasattr(step, "get_support"):
        import numpy as np

        chosen = np.asarray(step.get_support(indices=True), np.int64)
        return graph.add("Gather", tensor, graph.constant(chosen), axis=1), len(chosen)
    known = _STEPS.get(type(step).__name__)
    if known is not None:
        return known(graph, step, tensor, width)
    made = by_library(graph, step, tensor, width)
    return made, len(step.get_feature_names_out())


def _affine(
    graph: Graph, tensor: str, minus: NDArray[Any] | None, by: NDArray[Any] | None, width: int
) -> tuple[str, int]:
    """(x − minus) / by."""
    if minus is not None:
        tensor = graph.add("Sub", tensor, graph.constant(minus[None, :]))
    if by is not None:
        tensor = graph.add("Div", tensor, graph.constant(by[None, :]))
    return tensor, width


def _standard(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    return _affine(graph, tensor, step.mean_, step.scale_, width)


def _robust(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    return _affine(graph, tensor, step.center_, step.scale_, width)


def _maxabs(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    return _affine(graph, tensor, None, step.scale_, width)


def _minmax(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    if step.clip:
        return by_library(graph, step, tensor, width), width
    scaled = graph.add("Mul", tensor, graph.constant(step.scale_[None, :]))
    return graph.add("Add", scaled, graph.constant(step.min_[None, :])), width


def _impute(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    import numpy as np

    missing = graph.add("IsNaN", tensor)
    # A column that was all missing is kept, as zeros.
    fill = np.nan_to_num(np.asarray(step.statistics_, np.float64))
    filled = graph.add("Where", missing, graph.constant(fill[None, :]), tensor)
    if step.indicator_ is None:
        return filled, width
    which = np.asarray(step.indicator_.features_, np.int64)
    told = graph.add("Gather", missing, graph.constant(which), axis=1)
    return graph.matrix([filled, graph.add("Cast", told, to=11)]), width + len(which)


def _bounds(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    low, high = (graph.constant(bound[None, :]) for bound in (step.low_, step.high_))
    # Not Max and Min: of a missing value they make a bound.
    tensor = graph.add("Where", graph.add("Less", tensor, low), low, tensor)
    return graph.add("Where", graph.add("Greater", tensor, high), high, tensor), width


def _logarithm(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    import numpy as np

    zero, nan = graph.constant(np.array(0.0)), graph.constant(np.array(np.nan))
    shifted = graph.add("Add", tensor, graph.constant(np.array(float(step.offset))))
    positive = graph.add("Greater", shifted, zero)
    return graph.add("Log", graph.add("Where", positive, shifted, nan)), width


def _bins(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    """Count the edges that a value has reached."""
    import numpy as np

    made, wide = [], 0
    for at, edges in enumerate(step.bin_edges_):
        column = graph.add("Gather", tensor, graph.constant(np.array([at])), axis=1)
        inner = graph.constant(np.asarray(edges[1:-1], np.float64)[None, :])
        reached = graph.add("Cast", graph.add("GreaterOrEqual", column, inner), to=11)
        axis = graph.constant(np.array([1], np.int64))
        number = graph.add("ReduceSum", reached, axis, keepdims=1)
        if step.encode != "ordinal":
            numbers = graph.constant(np.arange(step.n_bins_[at], dtype=np.float64)[None, :])
            number = graph.add("Cast", graph.add("Equal", number, numbers), to=11)
        made.append(number)
        wide += 1 if step.encode == "ordinal" else int(step.n_bins_[at])
    del width
    return graph.matrix(made), wide


def _components(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    import numpy as np

    if step.svd_ is None:
        return tensor, width
    directions = np.asarray(step.svd_.components_.T, np.float64)
    return graph.add("MatMul", tensor, graph.constant(directions)), directions.shape[1]


def _same(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:  # noqa: ARG001
    return tensor, width


def _function(graph: Graph, step: Any, tensor: str, width: int) -> tuple[str, int]:
    if step.func is None:
        return tensor, width
    return by_library(graph, step, tensor, width), width


_STEPS: dict[str, Callable[[Graph, Any, str, int], tuple[str, int]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _minmax,
    "RobustScaler": _robust,
    "MaxAbsScaler": _maxabs,
    "SimpleImputer": _impute,
    "Bounds": _bounds,
    "Logarithm": _logarithm,
    "KBinsDiscretizer": _bins,
    "Components": _components,
    "FunctionTransformer": _function,
    "NoGaps": _same,  # it refuses in training alone
}
"""What skl2onnx does not know, or does in float32; whatever else there is goes to it."""
