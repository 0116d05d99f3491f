"""Rows that contradict each other: the same features, and another class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.validate.doctor.chance import matters
from mlpipe.validate.doctor.finding import Finding, percent
from mlpipe.validate.doctor.fingerprint import fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["conflicting_labels"]


def conflicting_labels(rows: Rows) -> Iterator[Finding]:
    """Yield how many train rows have the features of another row and not its class.

    Where few values are possible that is the noise of any data, and nothing is said.
    """
    features, target = rows.features(), rows.target
    if target is None or rows.task == "regression" or not features:
        return
    judged = rows.train & target.present
    count = int(judged.sum())
    conflicting, right = _counts(fingerprints(features)[judged], target.codes[judged])
    if not matters(conflicting, count, features, [column.codes for column in features]):
        return
    yield Finding(
        "conflicting_labels",
        (target.name,),
        f"{conflicting:,} of {count:,} train rows ({percent(conflicting, count)}) have the same "
        f"features as a row with another {target.name}: no model is right on more than "
        f"{percent(right, count)} of them all",
        "look at which label is right, or add the column that tells these rows apart",
        {"conflicting": conflicting, "rows": count, "ceiling": round(right / max(count, 1), 6)},
    )


def _counts(prints: Array, classes: Array) -> tuple[int, int]:
    """Return the rows in groups of several classes, and the rows in the largest class of each."""
    import numpy as np

    _, group = np.unique(prints, return_inverse=True)
    _, pair = np.unique(group * (int(classes.max(initial=0)) + 1) + classes, return_inverse=True)
    sizes, alike = np.bincount(group), np.bincount(pair)
    most = np.zeros(len(sizes), np.int64)
    np.maximum.at(most, group, alike[pair])
    return int(sizes[most < sizes].sum()), int(most.sum())
