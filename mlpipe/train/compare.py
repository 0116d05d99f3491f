"""Candidates beside each other: the same folds, the same metric, and the naive baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.calibration import calibrated, learn
from mlpipe.errors import ComputeError, DataError, Problem
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.baseline import mean, prior

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlpipe.metrics.scores import Measured, Metric
    from mlpipe.train.fit import Data
    from mlpipe.train.models import AnyModel

    Pairs = Sequence[tuple[Array, Array]]

__all__ = ["Comparison", "check_pairs", "compare", "fold_scores", "measure"]


@dataclass(frozen=True)
class Comparison:
    """How the candidates did.

    Attributes
    ----------
    candidates : dict
        For ``candidates.json``.
    chosen : str
        The name of the best.
    score : float
        Its mean over the folds.
    raw, scores : array
        Its scores of the rows that a fold scores, in the order of the folds, before and after
        calibration by the other folds.
    """

    candidates: dict[str, Any]
    chosen: str
    score: float
    raw: Array
    scores: Array


def check_pairs(pairs: Pairs, data: Data) -> None:
    """Refuse folds in which nothing can be learned, or nothing scored.

    Raises
    ------
    DataError
        If a fold has no rows, or the rows it is fitted on hold one class.
    """
    import numpy as np

    hint = "fewer folds, or more rows"
    for number, (on, score) in enumerate(pairs, start=1):
        if len(on) < 2 or not len(score):
            raise DataError(
                Problem(
                    f"fold {number} fits on {len(on)} rows and scores {len(score)}",
                    key="train.folds",
                    hint=hint,
                )
            )
        if data.classes and len(np.unique(data.y[on])) < 2:
            raise DataError(
                Problem(
                    f"the {len(on):,} rows that fold {number} fits on hold one class only",
                    key="train.folds",
                    hint=f"{hint}; split: {{stratify: true}} spreads each class over the folds",
                )
            )


def measure(metric: Metric, data: Data, rows: Array, scores: Array) -> Measured:
    """Return a metric of scores of the given rows; labels are the likelier class."""
    import numpy as np

    weight = None if data.weight is None else data.weight[rows]
    if data.task == "regression":
        return metric.measure(data.y[rows], pred=scores, weight=weight)
    labels = scores >= 0.5 if scores.ndim == 1 else np.argmax(scores, axis=1)
    return metric.measure(data.y[rows], pred=labels.astype(int), score=scores, weight=weight)


def fold_scores(
    raw: Sequence[Array], pairs: Pairs, data: Data, *, metric: Metric, calibrate: str
) -> dict[str, Any]:
    """Return the metric in each fold, its mean and its standard deviation, as JSON values.

    Parameters
    ----------
    raw : sequence of array
        The scores of each fold by one model.
    pairs : sequence of (fitted on, scored)
        The folds, as positions.
    data : Data
    metric : Metric
    calibrate : str
        ``none``, or how scores are calibrated before they are measured.
    """
    return _measured(_cross_calibrated(calibrate, raw, pairs, data), pairs, data, metric)


def compare(
    models: Mapping[str, AnyModel],
    rows: Mapping[str, dict[str, Any]],
    raw: Callable[[str], Sequence[Array]],
    pairs: Pairs,
    data: Data,
    *,
    metric: Metric,
    calibrate: str,
) -> Comparison:
    """Choose the candidate with the best mean over the folds; the first of equals.

    Parameters
    ----------
    models : mapping of str to Model
    rows : mapping of str to dict
        For each candidate, what `fold_scores` says of it.
    raw : callable
        From the name of the chosen one to its scores of each fold.
    pairs : sequence of (fitted on, scored)
        The folds, as positions.
    data : Data
    metric : Metric
        The one that chooses.
    calibrate : str
        ``none``, or how scores are calibrated before they are measured.

    Raises
    ------
    ComputeError
        If the metric is undefined in every fold of every candidate.
    """
    naive = _measured(_naive(pairs, data), pairs, data, metric)
    replaced = {name for model in models.values() for name in model.replaced}
    ranked = [name for name in models if rows[name]["mean"] is not None and name not in replaced]
    if not ranked:
        why = next(iter(rows.values()))["folds"][0]["why"]
        raise ComputeError(
            Problem(f"{metric.name} is undefined in every fold: {why}", key="train.select")
        )
    best = max(ranked, key=lambda name: float(metric.goodness(rows[name]["mean"])))
    mean_of_best = float(rows[best]["mean"])
    table = {
        "metric": metric.name,
        "greater_is_better": metric.greater_is_better,
        "models": [_entry(name, model, rows[name]) for name, model in models.items()],
        "baseline": {"kind": "mean" if data.task == "regression" else "prior", **naive},
        "chosen": best,
        "why": _why(best, rows, metric, len(pairs)),
    }
    own = raw(best)
    joined = _joined(own), _joined(_cross_calibrated(calibrate, own, pairs, data))
    return Comparison(table, best, mean_of_best, *joined)


def _joined(each: Sequence[Array]) -> Array:
    import numpy as np

    return np.concatenate(list(each))


def _cross_calibrated(
    method: str, raw: Sequence[Array], pairs: Pairs, data: Data
) -> Sequence[Array]:
    """Calibrate the scores of each fold by the other folds; with one fold, by itself."""
    import numpy as np

    if method == "none":
        return raw
    made = []
    for number, own in enumerate(raw):
        others = [at for at in range(len(raw)) if at != number] or [number]
        rows = np.concatenate([pairs[at][1] for at in others])
        weight = None if data.weight is None else data.weight[rows]
        curves = learn(method, _joined([raw[at] for at in others]), data.y[rows], weight)
        made.append(calibrated(curves, own))
    return made


def _measured(scores: Sequence[Array], pairs: Pairs, data: Data, metric: Metric) -> dict[str, Any]:
    import numpy as np

    folds = []
    for number, (each, (_, rows)) in enumerate(zip(scores, pairs, strict=True), start=1):
        value, why = measure(metric, data, rows, each)
        folds.append({"fold": number, "rows": len(rows), "value": value, "why": why})
    values = [float(fold["value"]) for fold in folds if fold["value"] is not None]
    return {
        "mean": float(np.mean(values)) if values else None,
        "std": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "folds": folds,
    }


def _naive(pairs: Pairs, data: Data) -> list[Array]:
    made = []
    for on, score in pairs:
        weight = None if data.weight is None else data.weight[on]
        if data.task == "regression":
            made.append(mean(data.y[on], len(score), weight).pred)
        else:
            binary = data.task == "binary"
            found = prior(data.y[on], data.classes, len(score), binary=binary, weight=weight)
            made.append(found.pred if found.score is None else found.score)
    return made


def _entry(name: str, model: AnyModel, found: dict[str, Any]) -> dict[str, Any]:
    given = model.model_dump(mode="json")
    kind = given.pop("type")
    return {"name": name, "type": kind, "family": model.family, "params": given, **found}


def _why(best: str, rows: Mapping[str, dict[str, Any]], metric: Metric, folds: int) -> str:
    over = f"over {folds} folds" if folds > 1 else "on valid"
    others = [
        f"{found['mean']:.4f} ({name})"
        for name, found in rows.items()
        if name != best and found["mean"] is not None
    ]
    said = f"mean {metric.name} {over} is {rows[best]['mean']:.4f}"
    return f"{said}, against {', '.join(others)}" if others else f"{said}; there was no other"
