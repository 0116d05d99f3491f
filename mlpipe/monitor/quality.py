"""Realised quality: the metric of each chunk with its interval, against that of training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.estimate import Outcomes, estimate
from mlpipe.monitor.chunks import PERSISTENT, decide
from mlpipe.monitor.losses import scarcity, spread
from mlpipe.monitor.worse import worse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.estimate import Estimate
    from mlpipe.metrics.scores import Metric
    from mlpipe.monitor.spec import Monitor

__all__ = ["Labelled", "encode", "ordered_classes", "realised", "unwatched"]


@dataclass(frozen=True)
class Labelled:
    """The rows of a chunk.

    Attributes
    ----------
    label : str
    rows : int
        All rows, labelled or not.
    outcomes : Outcomes
        The labelled ones.
    """

    label: str
    rows: int
    outcomes: Outcomes


def unwatched() -> dict[str, Any]:
    """Return the report where no metric is watched."""
    return {"status": "insufficient", "metric": None, "reference": None, "chunks": [], "notes": []}


def realised(
    metric: Metric,
    chunks: Sequence[Labelled],
    reference: Mapping[str, Any] | None,
    *,
    spec: Monitor,
    seed: int,
    loss: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Compare the metric of each chunk with the reference.

    Parameters
    ----------
    metric : Metric
    chunks : sequence of Labelled
        In the order of time.
    reference : mapping or None
        ``value``, ``low`` and ``high`` of the metric when the model was evaluated.
    spec : Monitor
        Its ``quality.margin``, and the fewest labelled rows that are judged.
    seed : int
        Of the bootstrap.
    loss : mapping, optional
        From `loss_reference`: how much more chunks vary than their rows explain.

    Returns
    -------
    dict
        ``status``, ``metric``, ``greater_is_better``, ``reference``, ``margin``, ``chunks`` and
        ``notes``. A chunk's ``alone`` is its status if rows were independent.
    """
    margin = spec.quality.margin if spec.quality else 0.0
    rows = []
    for each in chunks:
        enough = len(each.outcomes) >= spec.minimum_rows
        found = estimate([metric], each.outcomes, seed=seed)[metric.name] if enough else None
        rows.append(_row(metric, each, found, reference, margin, loss))
    status, _ = decide([row["status"] for row in rows])
    notes = _notes(rows) + _hidden(metric.name, rows)
    if reference is None:
        notes.append(f"the model carries no reference value of {metric.name}")
    return {
        "status": status,
        "metric": metric.name,
        "greater_is_better": metric.greater_is_better,
        "reference": dict(reference) if reference else None,
        "margin": margin,
        "chunks": rows,
        "notes": notes,
    }


def _notes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    late = sum(row["rows"] - row["labelled"] for row in rows)
    if not any(row["labelled"] for row in rows):
        return ["no labels yet"]
    return [f"{late:,} rows have no label yet"] if late else []


def _hidden(name: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what would alert if periods of training had varied no more than their rows explain."""
    last = rows[-PERSISTENT:]
    if not last or any(row["status"] != "ok" or row["alone"] != "alert" for row in last):
        return []
    return [
        f"{name} of {last[-1]['chunk']} is {last[-1]['loss']:.4g} worse than at training, beyond "
        "what its rows explain; periods of training varied by as much, so that no alert says so: "
        "shorter chunks may tell"
    ]


def ordered_classes(
    task: str, classes: Sequence[Any], found: Sequence[Any], positive: Any
) -> list[Any]:
    """Return the classes in the order of their codes: the positive one of two is last."""
    if task == "regression":
        return []
    names = list(classes) or sorted(set(found), key=str)
    if task == "binary" and positive is not None:
        return sorted(names, key=lambda name: bool(name == positive))
    return names


def encode(
    task: str, target: pd.Series[Any], predictions: pd.DataFrame, classes: Sequence[Any]
) -> Outcomes:
    """Bring labels and predictions of the same rows into the form that metrics take.

    Parameters
    ----------
    task : str
        binary, multiclass or regression.
    target : Series, n rows
        No nulls.
    predictions : DataFrame, n rows
        ``prediction``, and ``score`` or ``score_CLASS``.
    classes : sequence
        In the order of their codes; the positive class of two is last.
    """
    import numpy as np

    if task == "regression":
        return Outcomes(target.to_numpy(float), predictions["prediction"].to_numpy(float))
    place = {name: code for code, name in enumerate(classes)}
    y, pred = (_codes(values, place) for values in (target, predictions["prediction"]))
    names = ["score"] if task == "binary" else [f"score_{name}" for name in classes]
    score = None
    if set(names) <= set(predictions):
        score = predictions[names].to_numpy(float)
        score = score[:, 0] if task == "binary" else score
        if score.ndim == 2 and (y == len(place)).any():
            score = np.column_stack([score, np.zeros(len(score))])
    return Outcomes(y, pred, score)


def _codes(values: pd.Series[Any], place: Mapping[Any, int]) -> Array:
    """Return the code of each value; one that is no class has the code after the last."""
    import numpy as np
    import pandas as pd

    at, names = pd.factorize(values, use_na_sentinel=False)
    codes = [place.get(name, len(place)) for name in names.tolist()]
    return np.array(codes, dtype=np.int64)[at]


def _row(
    metric: Metric,
    chunk: Labelled,
    found: Estimate | None,
    reference: Mapping[str, Any] | None,
    margin: float,
    loss: Mapping[str, Any] | None,
) -> dict[str, Any]:
    told = {
        "chunk": chunk.label,
        "rows": chunk.rows,
        "labelled": len(chunk.outcomes),
        "value": found.value if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "method": found.method if found else "",
    }
    drawn = found is not None and found.method.startswith("bootstrap")
    against = partial(
        worse,
        told,
        reference,
        margin,
        greater_is_better=metric.greater_is_better,
        best=metric.best,
        scarcity=scarcity(loss, len(chunk.outcomes)) if drawn else 0.0,
    )
    judged = against(spread=spread(loss, len(chunk.outcomes)))
    why = (found.why or judged["why"]) if found else "too few labels"
    return {**told, **judged, "why": why, "alone": against()["status"]}
