"""One model fitted on some rows: features, then estimator, to say which cannot go on and why."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError, Problem, SpecError
from mlpipe.features.pipeline import build, needed
from mlpipe.train.class_weight import by_code
from mlpipe.train.models.model import Lesson, Model
from mlpipe.train.monotonic import directions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.features.plan import Plan
    from mlpipe.metrics.arrays import Array
    from mlpipe.train.fit import Data

__all__ = ["fit_estimator", "fit_pipeline", "named"]


def fit_pipeline(name: str, model: Model, on: Array, data: Data, plan: Plan, seed: int) -> Any:
    """Return the fitted pipeline of a model that stands for itself.

    Parameters
    ----------
    name : str
        Of the candidate; its features are in the plan under it.
    model : Model
    on : array of int
        The positions to fit on: features and estimator learn from nothing else, but that rows of
        valid say when to stop.
    data : Data
    plan : Plan
    seed : int

    Raises
    ------
    SpecError
        If the model takes no nulls, weights or constraints and gets some.
    ComputeError
        If it cannot be fitted.
    """
    from sklearn.pipeline import Pipeline

    features = build(plan, name, seed)
    y, transform = _scaled(data, on, seed)
    with named(name, "be fitted"):
        rows = data.frame[needed(plan, name)]
        made = features.fit_transform(rows.iloc[on], y[on])
        watched = None
        if model.patience is not None:
            valid = data.valid
            watched = (features.transform(rows.iloc[valid]), y[valid], data.weights(valid))
        lesson = Lesson(
            made,
            y[on],
            data.weights(on),
            by_code(model, name, data),
            directions(model, name, features, plan),
            watched,
        )
        estimator = fit_estimator(name, model, lesson, data.task, seed, features)
    return Pipeline([("features", features), ("model", _back(estimator, transform))])


def fit_estimator(
    name: str, model: Model, lesson: Lesson, task: str, seed: int, features: Any = None
) -> Any:
    """Return the fitted estimator of a model.

    Raises
    ------
    SpecError
        If it takes no nulls or weights and gets some.
    """
    estimator = model.build(task, seed)
    _refuse_weights(estimator, lesson, name, model)
    _refuse_nulls(lesson.X, features, estimator, name, model)
    model.teach(estimator, lesson)
    return estimator


@contextmanager
def named(name: str, what: str) -> Iterator[None]:
    """Say which candidate it was that a library complained of."""
    try:
        yield
    except (ValueError, TypeError, ArithmeticError) as error:
        why = str(error).strip().partition("\n")[0]
        key = f"train.models.{name}"
        raise ComputeError(Problem(f"{name} cannot {what}: {why}", key=key)) from error


def _scaled(data: Data, on: Array, seed: int) -> tuple[Array, Any]:
    """Return the target on the scale that is learned, and the fitted transformer; None for none."""
    if data.transform is None:
        return data.y, None
    made = data.transform.build(len(on), seed)
    made.fit(data.y[on][:, None])
    return made.transform(data.y[:, None])[:, 0], made


def _back(estimator: Any, transformer: Any) -> Any:
    """Return the estimator with predictions in the target's own units."""
    if transformer is None:
        return estimator
    from sklearn.compose import TransformedTargetRegressor

    # Put together from its parts: its own fit cannot hand on the rows that a fit may stop by.
    made = TransformedTargetRegressor(check_inverse=False)
    made.regressor_, made.transformer_, made._training_dim = estimator, transformer, 1
    return made


def _refuse_weights(estimator: Any, lesson: Lesson, name: str, model: Any) -> None:
    from sklearn.utils.validation import has_fit_parameter

    if lesson.weight is None or has_fit_parameter(estimator, "sample_weight"):
        return
    raise SpecError(
        Problem(
            f"{name} ({model.type}) takes no row weights",
            key=f"train.models.{name}",
            hint="take another model, or leave columns.weight out",
        )
    )


def _refuse_nulls(made: Any, features: Any, estimator: Any, name: str, model: Any) -> None:
    """Refuse missing values where the estimator takes none, and say which feature has them."""
    import numpy as np
    from scipy.sparse import issparse
    from sklearn.utils import get_tags

    if features is None or get_tags(estimator).input_tags.allow_nan:
        return
    if issparse(made):
        cells = made.tocoo()
        holes = np.unique(cells.col[np.isnan(cells.data)])
    else:
        holes = np.flatnonzero(np.isnan(np.asarray(made, float)).any(axis=0))
    names = [str(each) for each in features.get_feature_names_out()[holes]] if len(holes) else []
    if names:
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise SpecError(
            Problem(
                f"{name} ({model.type}) takes no nulls, and these features have some: {shown}",
                key=f"train.models.{name}",
                hint="put `impute: median` first in the steps of their block in featurize",
            )
        )
