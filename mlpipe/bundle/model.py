"""The fitted model: features, estimator and calibration, from a frame to scores."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from mlpipe.bundle import canonical, trusted
from mlpipe.bundle.calibration import calibrated
from mlpipe.bundle.trees import check_feature_trees, check_trees
from mlpipe.errors import DataError, Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Model", "raw_scores"]


@dataclass(frozen=True)
class Model:
    """What a bundle's ``model.skops`` holds.

    Attributes
    ----------
    task : str
        ``binary``, ``multiclass`` or ``regression``.
    classes : int
        How many classes there are; 0 for regression.
    pipeline : sklearn.pipeline.Pipeline
        ``features`` and ``model``, fitted; its classes are codes from 0.
    curves : tuple
        The calibration: nothing, one curve, or one for each class.
    """

    task: str
    classes: int
    pipeline: Any
    curves: tuple[Any, ...] = ()

    def scores(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Return P(positive) or the value, shape (n,), or P(class), shape (n, classes).

        Parameters
        ----------
        frame : DataFrame
            Raw and look-back columns; not changed.

        Raises
        ------
        DataError
            If the estimator cannot take a value, e.g. a null that it never met in training.
        """
        import numpy as np

        if not len(frame):
            return np.empty((0, self.classes) if self.task == "multiclass" else 0)
        try:
            with warnings.catch_warnings():
                # What becomes of a new level is declared in featurize: nothing to warn of.
                warnings.filterwarnings("ignore", "Found unknown categories", UserWarning)
                raw = raw_scores(self.pipeline, self.task, self.classes, frame)
        except ValueError as error:
            raise _refusal(error) from error
        return calibrated(self.curves, raw)

    def feature_names(self) -> list[str]:
        """Return the names of the features, in the order in which the estimator sees them."""
        return [str(name) for name in self.pipeline.named_steps["features"].get_feature_names_out()]

    def dumps(self) -> bytes:
        """Return the canonical skops file: the same model gives the same bytes.

        Raises
        ------
        TypeError
            If the estimator holds something that skops cannot write.
        """
        parts = {
            "task": self.task,
            "classes": self.classes,
            "pipeline": self.pipeline,
            "curves": list(self.curves),
        }
        return canonical.dumps(parts)

    @classmethod
    def loads(cls, data: bytes, *, allow_code: bool = False, trust: Iterable[str] = ()) -> Self:
        """Read what `dumps` wrote.

        Raises
        ------
        StoreError
            If it holds a type that is not trusted, trees that are not sound, or no model.
        """
        parts = trusted.loads(data, allow_code=allow_code, trust=trust)
        try:
            model = cls(parts["task"], parts["classes"], parts["pipeline"], tuple(parts["curves"]))
            check_trees(model.pipeline.steps[-1][1])
            check_feature_trees(model.pipeline.steps[:-1])
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise StoreError(Problem("the file holds no model of ours")) from error
        return model


def raw_scores(pipeline: Any, task: str, classes: int, frame: pd.DataFrame) -> NDArray[Any]:
    """Return the estimator's own scores, before calibration; shapes as `Model.scores`.

    Classes that its rows did not have get 0.
    """
    import numpy as np

    if task == "regression":
        return np.asarray(pipeline.predict(frame), float)
    if not hasattr(pipeline, "predict_proba"):
        return np.asarray(pipeline.decision_function(frame), float)
    found = np.asarray(pipeline.predict_proba(frame), float)
    scores = np.zeros((len(frame), classes))
    scores[:, np.asarray(pipeline.classes_, int)] = found
    return scores[:, 1] if task == "binary" else scores


def _refusal(error: ValueError) -> DataError:
    """Say in our words why scikit-learn refuses rows."""
    why = str(error).strip().partition("\n")[0]
    hint = ""
    if "NaN" in why:
        hint = "training had no nulls where these rows have some: `impute` in featurize fills them"
    elif "unknown categor" in why:
        hint = "training did not have this level; `unknown:` in featurize says what it becomes"
    return DataError(Problem(f"the model cannot take these rows: {why}", hint=hint))
