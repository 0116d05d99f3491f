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
    import numpy as np

    graph = Graph()
    whole = _Whole(graph, model, frame)
    try:
        scores = whole.scores(model.pipeline)
        if model.task != "multiclass":
            scores = graph.add("Reshape", scores, graph.constant(np.array([-1])))
        shape = ["n", model.classes] if model.task == "multiclass" else ["n"]
        data = graph.model(scores, shape, {"task": model.task})
    except NotConvertibleError:
        raise
    # A step of another author may lack what we ask of it; that is no fault of the user's.
    except (AttributeError, TypeError, ValueError, KeyError, IndexError, MlpipeError) as error:
        why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise NotConvertibleError(f"a step is of a shape we do not know ({why})") from error
    return Converted(data, list(whole.made.values()), dict(sorted(graph.opsets.items())))


class _Whole:
    """A model and its members, added to one graph."""

    def __init__(self, graph: Graph, model: Model, frame: pd.DataFrame) -> None:
        self.graph, self.model, self.frame = graph, model, frame
        self.made: dict[str, Made] = {}

    def scores(self, pipeline: Any, name: str = "") -> str:
        """Add a pipeline, or several put together; return P(positive), P(class) or the value."""
        members = getattr(pipeline, "members", None)
        if members is not None:
            said = [
                self.scores(member, f"{name}.{each}" if name else str(each))
                for each, member in members.items()
            ]
            return self._together(pipeline, said)
        features = pipeline.named_steps["features"]
        rows = before_encoder(features, self.frame)
        matrix, width = add_features(self.graph, features, rows, self.made, name)
        return self._estimated(pipeline.named_steps["model"], matrix, width)

    def _together(self, pipeline: Any, said: list[str]) -> str:
        """Add the weighted mean of what members say, or a last model over it."""
        import numpy as np

        if hasattr(pipeline, "rules"):
            raise NotConvertibleError("thresholds by group are drawn from raw values")
        if getattr(pipeline, "final", None) is not None:
            wide = max(1, self.model.classes) if self.model.task == "multiclass" else 1
            return self._estimated(pipeline.final, self.graph.matrix(said), wide * len(said))
        shares = np.asarray(pipeline.weights, np.float64) / np.sum(pipeline.weights)
        weighed = [
            self.graph.add("Mul", each, self.graph.constant(np.array(share)))
            for each, share in zip(said, shares, strict=True)
        ]
        total = weighed[0]
        for each in weighed[1:]:
            total = self.graph.add("Add", total, each)
        return total

    def _estimated(self, estimator: Any, matrix: str, width: int) -> str:
        import numpy as np

        model, name = self.model, type(estimator).__name__
        if model.task != "regression":
            if not hasattr(estimator, "predict_proba"):
                raise NotConvertibleError(f"{name} gives no probabilities")
            if list(estimator.classes_) != list(range(model.classes)):
                raise NotConvertibleError(f"{name} has not met every class")
        made = self._predicted(estimator, matrix, width)
        if model.task == "binary":
            return self.graph.add("Gather", made, self.graph.constant(np.array([1])), axis=1)
        if model.task == "regression":
            return self.graph.add("Reshape", made, self.graph.constant(np.array([-1, 1])))
        return made

    def _predicted(self, estimator: Any, matrix: str, width: int) -> str:
        name, ours = type(estimator).__name__, type(estimator).__module__.startswith("sklearn.")
        if name == "TransformedTargetRegressor":
            scaled = self._predicted(estimator.regressor_, matrix, width)
            return self._in_own_units(estimator.transformer_, scaled)
        if ours and name in TREES:
            return trees(self.graph, estimator, matrix)
        return by_library(self.graph, estimator, matrix, width)

    def _in_own_units(self, transformer: Any, scaled: str) -> str:
        """Undo the scale that a target was learned on."""
        import numpy as np

        back = getattr(getattr(transformer, "inverse_func", None), "__name__", "")
        if back == "square":
            return self.graph.add("Mul", scaled, scaled)
        if back not in ("exp", "expm1"):
            name = type(transformer).__name__
            raise NotConvertibleError(f"the scale of the target ({name}) has no operator")
        made = self.graph.add("Exp", scaled)
        one = self.graph.constant(np.array(1.0))
        return made if back == "exp" else self.graph.add("Sub", made, one)
