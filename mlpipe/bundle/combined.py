"""Models that are made of models: each member has its own features, and sees the same rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlpipe.features.pipeline import feature_map, lineage

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlpipe.features.plan import Plan

    Array = NDArray[Any]

__all__ = [
    "Blend",
    "Combined",
    "Stack",
    "feature_map_of",
    "feature_names",
    "lineage_of",
    "raw_scores",
    "side_by_side",
]


@dataclass
class Combined(ABC):
    """What voting and stacking have in common.

    Attributes
    ----------
    task : str
        ``binary``, ``multiclass`` or ``regression``.
    classes : int
        How many classes there are; 0 for regression.
    members : dict of str to pipeline
        Fitted, by the name of the candidate.
    """

    task: str
    classes: int
    members: dict[str, Any] = field(default_factory=dict)

    @abstractmethod
    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores as `raw_scores` does."""

    def said(self, frame: pd.DataFrame) -> list[Array]:
        """Return the scores of each member, in their order."""
        return [raw_scores(each, self.task, self.classes, frame) for each in self.members.values()]


@dataclass
class Blend(Combined):
    """The mean of what the members say, weighted.

    Attributes
    ----------
    weights : list of float
        One for each member.
    """

    weights: list[float] = field(default_factory=list)

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the mean, shape (n,) or (n, classes)."""
        import numpy as np

        return np.asarray(np.average(self.said(frame), axis=0, weights=self.weights))


@dataclass
class Stack(Combined):
    """A last estimator over what the members say (Wolpert 1992).

    Attributes
    ----------
    final : estimator
        Fitted on what members said of rows that they had not seen: one column for each member,
        or one for each member and class of many.
    """

    final: Any = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return what the last estimator makes of it, shape (n,) or (n, classes)."""
        return raw_scores(self.final, self.task, self.classes, side_by_side(self.said(frame)))


def side_by_side(said: list[Array]) -> Array:
    """Return what members say as columns, shape (n, members) or (n, members × classes)."""
    import numpy as np

    return np.column_stack(said)


def raw_scores(model: Any, task: str, classes: int, rows: Any) -> Array:
    """Return the model's own scores, before calibration.

    Parameters
    ----------
    model : pipeline, estimator or Combined
        Fitted; its classes are codes from 0.
    task, classes
        As `mlpipe.bundle.model.Model` has them.
    rows : DataFrame or array
        What it takes.

    Returns
    -------
    array
        P(positive), the value, or a margin, shape (n,); of many classes, shape (n, classes).
        Classes that its rows did not have get 0, or a margin below all others.
    """
    import numpy as np

    if isinstance(model, Combined):
        return model.scores(rows)
    if task == "regression":
        return np.asarray(model.predict(rows), float).reshape(len(rows))
    if hasattr(model, "predict_proba"):
        found, missing = np.asarray(model.predict_proba(rows), float), 0.0
    else:
        found = np.asarray(model.decision_function(rows), float)
        if task == "binary":
            return found
        found = found if found.ndim > 1 else np.column_stack([-found, found])
        missing = float(found.min()) - 1
    scores = np.full((len(rows), classes), missing)
    scores[:, np.asarray(model.classes_, int)] = found
    return scores[:, 1] if task == "binary" else scores


def feature_names(model: Any) -> list[str]:
    """Return the names of the features that an estimator sees; of members, behind their name."""
    if isinstance(model, Combined):
        named = model.members.items()
        return [f"{name}.{each}" for name, member in named for each in feature_names(member)]
    return [str(name) for name in model.named_steps["features"].get_feature_names_out()]


def lineage_of(model: Any, plan: Plan | None = None) -> dict[str, list[str]]:
    """Return the columns that each of `feature_names` is made from: with a plan, raw ones."""
    if isinstance(model, Combined):
        named = model.members.items()
        return {
            f"{name}.{feature}": columns
            for name, member in named
            for feature, columns in lineage_of(member, plan).items()
        }
    return lineage(model.named_steps["features"], plan)


def feature_map_of(model: Any, plan: Plan, name: str) -> list[dict[str, Any]]:
    """Return `mlpipe.features.pipeline.feature_map` of a model, or of each of its members."""
    if isinstance(model, Combined):
        return [
            {**feature, "feature": f"{member}.{feature['feature']}"}
            for member, each in model.members.items()
            for feature in feature_map_of(each, plan, member)
        ]
    return feature_map(model.named_steps["features"], plan, name)
