"""From a fitted model to the file of a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.features import Made, add_features, before_encoder
from mlpipe.bundle.onnx.graph import Graph, NotConvertibleError
from mlpipe.bundle.onnx.library import by_library
from mlpipe.bundle.onnx.trees import TREES, trees
from mlpipe.errors import MlpipeError

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.model import Model

__all__ = ["Converted", "convert"]


@dataclass(frozen=True)
class Converted:
    """A graph, and what it takes.

    Attributes
    ----------
    data : bytes
        The file.
    inputs : list of Made
    opsets : dict of str to int
        The versions of operators that it needs.
    """

    data: bytes
    inputs: list[Made]
    opsets: dict[str, int]


def convert(model: Model, frame: pd.DataFrame) -> Converted:
    """Say a fitted model in ONNX, from raw columns to its scores before calibration.

    Parameters
    ----------
    model : Model
    frame : DataFrame
        Rows that it was fitted on: the levels of its columns are in them.

    Raises
    ------
    NotConvertibleError
        If a step or the model cannot be said; the message says which, and why.
    """
    features, estimator = (model.pipeline.named_steps[name] for name in ("features", "model"))
    graph = Graph()
    try:
        rows = before_encoder(features, frame)
        matrix, width, inputs = add_features(graph, features, rows)
        scores = _scores(graph, model, estimator, matrix, width)
        shape = ["n", model.classes] if model.task == "multiclass" else ["n"]
        data = graph.model(scores, shape, {"task": model.task})
    except NotConvertibleError:
        raise
    # A step of another author may lack what we ask of it; that is no fault of the user's.
    except (AttributeError, TypeError, ValueError, KeyError, IndexError, MlpipeError) as error:
        why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise NotConvertibleError(f"a step is of a shape we do not know ({why})") from error
    return Converted(data, inputs, dict(sorted(graph.opsets.items())))


def _scores(graph: Graph, model: Model, estimator: Any, matrix: str, width: int) -> str:
    import numpy as np

    name = type(estimator).__name__
    if model.task != "regression":
        if not hasattr(estimator, "predict_proba"):
            raise NotConvertibleError(f"{name} gives no probabilities")
        if list(estimator.classes_) != list(range(model.classes)):
            raise NotConvertibleError(f"{name} has not met every class")
    made = (
        trees(graph, estimator, matrix)
        if name in TREES and type(estimator).__module__.startswith("sklearn.")
        else by_library(graph, estimator, matrix, width)
    )
    if model.task == "multiclass":
        return made
    if model.task == "binary":
        made = graph.add("Gather", made, graph.constant(np.array([1])), axis=1)
    return graph.add("Reshape", made, graph.constant(np.array([-1])))
