"""The fitted model: features, estimator and calibration, from a frame to scores."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from mlpipe.bundle import canonical, trusted
from mlpipe.bundle.calibration import calibrated
from mlpipe.bundle.combined import Combined, feature_names, raw_scores
from mlpipe.bundle.mitigated import GroupThresholds, read_rules
from mlpipe.bundle.trees import check_trees
from mlpipe.errors import DataError, Problem, StoreError
from mlpipe.features.outside import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Model"]


@dataclass(frozen=True)
class Model:
    """What a bundle's ``model.skops`` holds.

    Attributes
    ----------
    task : str
        ``binary``, ``multiclass`` or ``regression``.
    classes : int
        How many classes there are; 0 for regression.
    pipeline : sklearn.pipeline.Pipeline or Combined
        ``features`` and ``model``, fitted; its classes are codes from 0. Or several of them.
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
        return feature_names(self.pipeline)

    def members(self) -> dict[str, Any]:
        """Return the pipelines that it is made of, by name; none where it stands for itself."""
        return self.pipeline.members if isinstance(self.pipeline, Combined) else {}

    def require(self) -> None:
        """Refuse to go on where what its features stand on outside of it is not here.

        Raises
        ------
        StoreError
            If a model of texts is another one than that of training, or is not here.
        SpecError
            If a package is missing.
        """
        require(self.pipeline)

    def dumps(self) -> bytes:
        """Return the canonical skops file: the same model gives the same bytes.

        Raises
        ------
        TypeError
            If the estimator holds something that skops cannot write.
        """
        return canonical.dumps(self.parts())

    def parts(self) -> dict[str, Any]:
        """Return what a file holds of it, by name."""
        return {
            "task": self.task,
            "classes": self.classes,
            "pipeline": self.pipeline,
            "curves": list(self.curves),
        }

    @classmethod
    def loads(cls, data: bytes, *, allow_code: bool = False, trust: Iterable[str] = ()) -> Self:
        """Read what `dumps` wrote.

        Raises
        ------
        StoreError
            If it holds a type that is not trusted, trees that are not sound, or no model.
        """
        return cls.of_parts(trusted.loads(data, allow_code=allow_code, trust=trust))

    @classmethod
    def of_parts(cls, parts: Any) -> Self:
        """Return the model that `parts` are of.

        Raises
        ------
        StoreError
            If they are not those of a model, or its trees are not sound.
        """
        try:
            model = cls(parts["task"], parts["classes"], parts["pipeline"], tuple(parts["curves"]))
            if isinstance(model.pipeline, GroupThresholds):
                read_rules(model.pipeline.rules)
            check_trees(model.pipeline if model.members() else model.pipeline.steps)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise StoreError(Problem("the file holds no model of ours")) from error
        return model


def _refusal(error: ValueError) -> DataError:
    """Say in our words why scikit-learn refuses rows."""
    why = str(error).strip().partition("\n")[0]
    hint = ""
    if "NaN" in why:
        hint = "training had no nulls where these rows have some: `impute` in featurize fills them"
    elif "unknown categor" in why:
        hint = "training did not have this level; `unknown:` in featurize says what it becomes"
    return DataError(Problem(f"the model cannot take these rows: {why}", hint=hint))
