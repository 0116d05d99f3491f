"""The scan: every slice that is large enough against the rest, corrected for having looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.slices.candidates import (
    MOST_COLUMNS,
    Candidates,
    Coded,
    Rows,
    coded_columns,
    look,
)
from mlpipe.evaluate.slices.redundant import redundant
from mlpipe.evaluate.slices.scan_spec import scannable
from mlpipe.evaluate.slices.worse import Compared, Sums, less, robust, sums_of, tail_of, welch
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.intervals import FAMILY_ERROR, holm
from mlpipe.metrics.losses import LOSSES, usual_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.slices.scan_spec import Scan
    from mlpipe.metrics.outcomes import Outcomes
    from mlpipe.table.columns import Columns

__all__ = ["Found", "scan", "scan_report"]


@dataclass(frozen=True)
class Found:
    """What a scan found, the least likely by chance first.

    Attributes
    ----------
    columns : list of Coded
    candidates : Candidates
        All slices that were looked at.
    test : Compared
    p_holm : array, shape (m,)
    worse : array of bool, shape (m,)
        Whether it is worse by the corrected test.
    kept : list of int
        The slices to show; what others say already is not among them.
    redundant : int
        How many of the worse ones others say already.
    whole : Sums
        Over all rows.
    """

    columns: list[Coded]
    candidates: Candidates
    test: Compared
    p_holm: Array
    worse: Array
    kept: list[int]
    redundant: int
    whole: Sums


def scan_report(
    spec: Scan | None,
    judged: Judged,
    every: pd.DataFrame,
    columns: Columns,
    task: str,
) -> dict[str, Any] | None:
    """Return what the report says of the scan; None where the spec asks for none.

    Parameters
    ----------
    spec : Scan or None
    judged : Judged
    every : DataFrame
        All rows of all parts.
    columns : Columns
    task : str
    """
    if spec is None:
        return None
    told = judged.outcomes
    metric = spec.metric or usual_loss(task, scored=told.score is not None)
    axes = spec.columns or tuple(scannable(columns, list(judged.frame.columns)))
    coded, left_out = coded_columns(axes, judged.frame, every, spec.min_rows)
    loss = LOSSES[metric].of(told)
    found = scan(coded, told, loss, binary=task == "binary", spec=spec)
    return {
        "part": judged.part,
        "metric": metric,
        "loss": LOSSES[metric].description,
        "rows": len(told),
        "mean": _mean(loss, told.weight),
        "looked_at": len(found.candidates),
        "columns": [each.name for each in coded],
        "left_out": left_out,
        "worse": int(found.worse.sum()),
        "redundant": found.redundant,
        "slices": _entries(found, _mean(loss, told.weight), task, spec.top),
        "notes": [each.note for each in coded if each.note] + _few_pairs(coded, spec.depth),
    }


def scan(
    columns: Sequence[Coded], told: Outcomes, loss: Array, *, binary: bool, spec: Scan
) -> Found:
    """Look at every slice that is large enough.

    Parameters
    ----------
    columns : sequence of Coded
    told : Outcomes
        Of n rows; its weights count, and rows that belong together are not taken for independent.
    loss : array, shape (n,)
    binary : bool
        Whether a slice must have positives.
    spec : Scan
    """
    import numpy as np

    centred = loss - _mean(loss, told.weight) if len(loss) else loss
    rows = Rows(centred, told.y == 1 if binary else None, told.weight)
    candidates = look(columns, rows, depth=spec.depth, fewest=(spec.min_rows, spec.min_positives))
    whole = _whole(rows)
    sums = sums_of(candidates)
    tested = welch(sums, less(whole, sums))
    p_holm = np.asarray(holm(tested.p.tolist()))
    if told.groups is not None:
        tested = _grouped(tested, p_holm, candidates, columns, rows, told.groups)
        p_holm = np.asarray(holm(tested.p.tolist()))
    worse = p_holm <= FAMILY_ERROR
    order = np.lexsort((-(tested.inside - tested.outside), tested.p))
    said = redundant(candidates, whole, worse)
    kept = [int(place) for place in order if place not in said]
    return Found(list(columns), candidates, tested, p_holm, worse, kept, len(said), whole)


def _grouped(
    tested: Compared,
    p_holm: Array,
    candidates: Candidates,
    columns: Sequence[Coded],
    rows: Rows,
    groups: Array,
) -> Compared:
    """Take the greater standard error of rows that belong together, where it could matter.

    Slices that are not worse with independent rows stay as they are: with others they would be
    less so.
    """
    import numpy as np

    p, error = tested.p.copy(), tested.error.copy()
    for place in np.flatnonzero(p_holm <= FAMILY_ERROR).tolist():
        mask = candidates.mask(place, columns)
        error[place] = max(error[place], robust(rows.loss, rows.weight, mask, groups))
        units = len(np.unique(groups[mask]))
        difference = float(tested.inside[place] - tested.outside[place])
        p[place] = max(p[place], tail_of(difference, float(error[place]), units))
    return tested._replace(p=p, error=error)


def _whole(rows: Rows) -> Sums:
    import numpy as np

    weight = np.ones(len(rows.loss)) if rows.weight is None else rows.weight
    twice = weight * weight
    return Sums(
        np.asarray(float(len(weight))),
        weight.sum(),
        twice.sum(),
        (weight * rows.loss).sum(),
        (twice * rows.loss).sum(),
        (twice * rows.loss**2).sum(),
    )


def _entries(found: Found, mean: float, task: str, top: int) -> list[dict[str, Any]]:
    """Write the worst slices; their intervals hold all at once, as many as were looked at."""
    from scipy.stats import t

    entries = []
    for place in found.kept[:top]:
        rows = int(found.candidates.rows[place])
        inside, outside = float(found.test.inside[place]), float(found.test.outside[place])
        alpha = FAMILY_ERROR / len(found.candidates)
        half = float(t.isf(alpha, rows - 1)) * float(found.test.error[place])
        entries.append(
            {
                "slice": found.candidates.value(place, found.columns),
                "rows": rows,
                "positives": int(found.candidates.positives[place]) if task == "binary" else None,
                "inside": mean + inside,
                "outside": mean + outside,
                "effect": inside - outside,
                "low": inside - outside - half,
                "high": inside - outside + half,
                "p": float(found.test.p[place]),
                "p_holm": float(found.p_holm[place]),
                "status": "worse" if found.worse[place] else "unproven",
            }
        )
    return entries


def _mean(loss: Array, weight: Array | None) -> float:
    import numpy as np

    return float(np.average(loss, weights=weight)) if len(loss) else 0.0


def _few_pairs(columns: Sequence[Coded], depth: int) -> list[str]:
    if depth < 2 or len(columns) <= MOST_COLUMNS:
        return []
    return [f"pairs are looked at among the first {MOST_COLUMNS} of {len(columns)} columns"]
