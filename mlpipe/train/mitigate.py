"""Thresholds for groups, learned by fairlearn from scores of rows that the model had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.train.models.mitigated import ThresholdOptimizer

__all__ = ["group_rules", "optimized"]


def group_rules(
    name: str, model: ThresholdOptimizer, score: Array, y: Array, groups: pd.Series[Any]
) -> list[dict[str, Any]]:
    """Return the rule of each group, as `mlpipe.bundle.mitigated` reads them.

    Parameters
    ----------
    name : str
        Of the candidate.
    model : ThresholdOptimizer
    score : array, shape (n,)
        Out of fold.
    y : array of 0 and 1, shape (n,)
    groups : Series, length n
        Null is a group of its own.

    Raises
    ------
    DataError
        A group has rows of one class only: it has no rates to make alike.
    SpecError
        fairlearn is not installed.
    """
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(groups, sort=False)
    values = [*(plain(value) for value in distinct.tolist()), None]
    codes = np.where(codes < 0, len(distinct), codes)
    _refuse_one_class(name, model, y, codes, values)
    rules = optimized(model, score, y, codes).interpolated_thresholder_.interpolation_dict
    return [_rule(values[int(code)], rule) for code, rule in rules.items()]


def optimized(model: ThresholdOptimizer, score: Array, y: Array, codes: Array) -> Any:
    """Return fairlearn's fitted optimizer over scores as they are."""
    try:
        from fairlearn.postprocessing import ThresholdOptimizer as Optimizer
    except ImportError as error:
        raise SpecError(
            Problem("fairlearn is not installed", hint="pip install 'mlpipe[fairness]'")
        ) from error

    made = Optimizer(
        estimator=_as_they_are(),
        constraints=model.constraint,
        objective=model.objective,
        grid_size=model.grid_size,
        flip=model.flip,
        prefit=True,
        predict_method="predict",
        tol=model.tolerance,
    )
    return made.fit(score[:, None], y, sensitive_features=codes)


def _as_they_are() -> Any:
    """Return an estimator whose predictions are its only feature."""
    from sklearn.base import BaseEstimator

    class Scores(BaseEstimator):  # type: ignore[misc]
        def __sklearn_is_fitted__(self) -> bool:
            return True

        def fit(self, X: Array, y: Array) -> Any:  # noqa: ARG002
            return self

        def predict(self, X: Array) -> Array:
            import numpy as np

            return np.asarray(X)[:, 0]

    return Scores()


def _rule(group: Any, found: Any) -> dict[str, Any]:
    """Write a rule as plain JSON: two thresholds, how much each counts, and what is ignored."""
    parts = [(found.p0, found.operation0), (found.p1, found.operation1)]
    return {
        "group": group,
        "parts": [
            {
                "share": float(share),
                "operator": each.operator,
                "threshold": plain(float(each.threshold)),
            }
            for share, each in parts
        ],
        "ignored": float(found.get("p_ignore", 0.0)),
        "constant": float(found.get("prediction_constant", 0.0)),
    }


def _refuse_one_class(
    name: str, model: ThresholdOptimizer, y: Array, codes: Array, values: list[Any]
) -> None:
    import numpy as np

    problems = []
    for code in np.unique(codes).tolist():
        inside = y[codes == code]
        if inside.min() == inside.max():
            rows = "row" if len(inside) == 1 else "rows"
            problems.append(
                Problem(
                    f"{model.sensitive}={values[code]} has {len(inside):,} {rows} of one class: "
                    "no rates to make alike",
                    key=f"train.models.{name}.sensitive",
                    hint="more rows, or join groups in ingest.sql",
                )
            )
    if problems:
        raise DataError(*problems)
