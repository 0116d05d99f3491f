"""What skl2onnx can convert, as a piece of our graph."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.graph import ML, OPSET, Graph, NotConvertibleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["by_library"]


def by_library(
    graph: Graph,
    fitted: Any,
    tensor: str,
    width: int,
    kind: str = "number",
    options: dict[str, Any] | None = None,
) -> str:
    """Convert by skl2onnx; return probabilities of a classifier, the output of anything else.

    Parameters
    ----------
    graph : Graph
        Gets its nodes.
    fitted : estimator or transformer
    tensor, width
        What it is given: the name, and the count of columns.
    kind : {"number", "string"}
    options : dict, optional
        Of its converter.

    Raises
    ------
    NotConvertibleError
        If skl2onnx has no converter for it, or makes what onnxruntime does not take.
    """
    from skl2onnx.common.data_types import (  # type: ignore[import-untyped]
        DoubleTensorType,
        FloatTensorType,
        StringTensorType,
    )

    types = [StringTensorType] if kind == "string" else [DoubleTensorType, FloatTensorType]
    for made_for in types:
        try:
            piece = _piece(fitted, made_for([None, width]), options)
        except NotConvertibleError:
            if made_for is types[-1]:
                raise
            continue
        if made_for is FloatTensorType:
            tensor = graph.add("Cast", tensor, to=_FLOAT)
        return graph.add("Cast", _spliced(graph, piece, tensor, fitted), to=_DOUBLE)
    raise AssertionError


_FLOAT, _DOUBLE = 1, 11
"""TensorProto.FLOAT and DOUBLE."""


def _piece(fitted: Any, kind: Any, options: dict[str, Any] | None) -> Any:
    """Convert, and see whether onnxruntime takes it: skl2onnx makes float64 that it refuses."""
    import onnxruntime  # type: ignore[import-untyped]
    from skl2onnx import to_onnx  # type: ignore[import-untyped]

    name = type(fitted).__name__
    given = {**(options or {}), **({"zipmap": False} if hasattr(fitted, "classes_") else {})}
    try:
        with _quiet():
            made = to_onnx(
                fitted,
                initial_types=[("X", kind)],
                options={id(fitted): given} if given else None,
                target_opset={"": OPSET, ML: 3},
            )
            onnxruntime.InferenceSession(
                made.SerializeToString(), providers=["CPUExecutionProvider"]
            )
    # Converters of many authors fail in many ways; none of them is a fault of the user's.
    except Exception as error:
        # Addresses would be other bytes each time.
        why = re.sub(r" at 0x[0-9a-f]+", "", str(error).strip().partition("\n")[0])[:200]
        raise NotConvertibleError(f"{name} has no converter that works: {why}") from error
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the converter warns of to ourselves: what counts is whether predictions match."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _spliced(graph: Graph, piece: Any, tensor: str, fitted: Any) -> str:
    """Copy the nodes of a model under names of their own."""
    from onnx import NodeProto, TensorProto

    prefix = f"mlpipe/piece{len(graph.nodes)}/"
    names: Callable[[str], str] = lambda name: (  # noqa: E731
        tensor if name == "X" else prefix + name if name else ""
    )
    for each in piece.graph.initializer:
        constant = TensorProto()
        constant.CopyFrom(each)
        constant.name = names(each.name)
        graph.constants.append(constant)
    for each in piece.graph.node:
        node = NodeProto()
        node.CopyFrom(each)
        node.name = prefix + each.name
        node.input[:] = [names(name) for name in each.input]
        node.output[:] = [names(name) for name in each.output]
        graph.nodes.append(node)
    graph.require({each.domain: each.version for each in piece.opset_import})
    outputs = [each.name for each in piece.graph.output]
    return names(outputs[1] if hasattr(fitted, "classes_") else outputs[0])
