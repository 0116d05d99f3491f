"""A single column that says almost all about the target, by its values or by their absence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlpipe.validate.doctor.area import area_of_codes, cross_fitted
from mlpipe.validate.doctor.finding import Finding, ignoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows
    from mlpipe.validate.doctor.spec import Leakage

__all__ = ["target_nulls", "target_proxies"]

DOUBT = 0.04
"""How far below the limit the 95 % interval may begin: 0.95 is where that of a perfect area does
with 73 positives."""

FEWEST = 10
MOST_CLASSES = 20
MOST_LEVELS = 50
"""Numbers with no more distinct values are also judged as categories, without an order."""


class _Best(NamedTuple):
    auc: float
    low: float
    positive: int
    rows: int


def target_proxies(rows: Rows, limits: Leakage) -> Iterator[Finding]:
    """Yield the features that predict the classes of the train rows too well, one at a time."""
    target = rows.target
    if target is None or rows.task == "regression":
        return
    for column in rows.features():
        if column.kind == "text":
            continue
        judged = rows.train & target.present & column.present
        codes, classes, folds = (x[judged] for x in (column.codes, target.codes, rows.folds))
        best: _Best | None = None
        if column.is_ordered:
            best = _best(codes, classes, None, limits.auc)
        if best is None and (column.is_string or len(column.levels) <= MOST_LEVELS):
            best = _best(codes, classes, folds, limits.auc)
        if best is not None:
            yield _predicts(column, target, best)


def target_nulls(rows: Rows, limits: Leakage) -> Iterator[Finding]:
    """Yield the features that are missing just where the target has one value."""
    target = rows.target
    if target is None:
        return
    judged = rows.train & target.present
    for column in rows.features():
        missing = (~column.present[judged]).astype(int)
        if not FEWEST <= int(missing.sum()) <= len(missing) - FEWEST:
            continue
        if rows.task == "regression":  # the target's order says which rows have a value
            best = _best(target.codes[judged], missing, None, limits.auc)
        else:
            best = _best(missing, target.codes[judged], None, limits.auc)
        if best is not None:
            yield _is_missing(column, target, best)


def _best(codes: Array, classes: Array, folds: Array | None, least: float) -> _Best | None:
    """Return the largest area of one class against all others; None below `least` or if unsure."""
    import numpy as np

    sizes = np.bincount(classes)
    there = [int(k) for k in np.argsort(-sizes, kind="stable")[:MOST_CLASSES] if sizes[k]]
    if len(there) == 2:
        there = [max(there)]
    found = []
    for k in there:
        positive = classes == k
        if not FEWEST <= int(positive.sum()) <= len(classes) - FEWEST:
            continue
        scores = codes if folds is None else _ranked(cross_fitted(codes, positive, folds))
        auc = area_of_codes(scores, positive)
        found.append((max(auc, 1 - auc), -k, scores if auc >= 0.5 else -scores))
    if not found or max(found, key=lambda one: one[:2])[0] < least:
        return None
    auc, k, scores = max(found, key=lambda one: one[:2])
    low = _interval(scores, classes == -k)
    return _Best(auc, low, -k, len(classes)) if low >= least - DOUBT else None


def _ranked(scores: Array) -> Array:
    import numpy as np

    return np.asarray(np.unique(scores, return_inverse=True)[1])


def _interval(scores: Array, positive: Array) -> float:
    from mlpipe.metrics.intervals import delong

    return delong(positive.astype(int), scores).low


def _is_missing(column: Column, target: Column, best: _Best) -> Finding:
    return Finding(
        "target_nulls",
        (column.name,),
        f"whether {column.name} is missing tells '{target.name}' with an AUC of {best.auc:.4f} "
        f"in {best.rows:,} train rows: it is filled in afterwards",
        f"{ignoring([column.name])}, or take it as it was when the model has to predict",
        _numbers(best),
    )


def _predicts(column: Column, target: Column, best: _Best) -> Finding:
    name = column.name
    return Finding(
        "target_proxy",
        (name,),
        f"{name} alone predicts '{target.name}' with an AUC of {best.auc:.4f} "
        f"(at least {best.low:.3f}) in {best.rows:,} train rows",
        f"{ignoring([name])} unless it is known when the model predicts",
        _numbers(best),
    )


def _numbers(best: _Best) -> dict[str, float | int]:
    return {"auc": round(best.auc, 6), "low": round(best.low, 4), "rows": best.rows}
