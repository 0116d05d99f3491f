"""Leaks of a number: a column in the same order as the target, or two that add up to it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mlpipe.validate.doctor.finding import Finding, ignoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows
    from mlpipe.validate.doctor.spec import Leakage

__all__ = ["correlation", "explained", "target_orders", "target_sums"]

FEWEST_ROWS = 50
"""With 50 rows a rank correlation of 0.99 is at least 0.98 (Fisher's transform)."""

ROWS_A_LEVEL = 5
BINS = 50
MOST_NUMBERS = 150
"""Columns that are tried in pairs; beyond them the first are."""

TRIED = 200
"""Rows that a pair has to fit before all rows are looked at."""

_CLOSE = 1e-9  # sums of decimal fractions differ in their last bits


def target_orders(rows: Rows, limits: Leakage) -> Iterator[Finding]:
    """Yield the features that give the order of a numeric target, or explain its ranks."""
    target = rows.target
    if target is None or rows.task != "regression":
        return
    for column in rows.features():
        judged = rows.train & target.present & column.present
        count = int(judged.sum())
        if count < FEWEST_ROWS or column.kind == "text":
            continue
        codes, wanted = column.codes[judged], target.codes[judged]
        order = abs(correlation(codes, wanted)) if column.is_ordered else 0.0
        shown, measure = order, "rank correlation"
        if order < limits.correlation:
            shown, measure = explained(codes, wanted, column.is_ordered), "share of ranks explained"
        if shown >= limits.correlation:
            yield Finding(
                "target_proxy",
                (column.name,),
                f"{column.name} alone predicts '{target.name}': {measure} {shown:.4f} in "
                f"{count:,} train rows",
                f"{ignoring([column.name])} unless it is known when the model predicts",
                {"measure": measure, "value": round(shown, 6), "rows": count},
            )


def correlation(one: Array, other: Array) -> float:
    """Return Spearman's rank correlation of two arrays of levels; 0 where one is constant.

    From doubled midranks, which are integers: the sums are exact.

    >>> import numpy as np
    >>> correlation(np.array([0, 1, 2, 2]), np.array([5, 7, 9, 9]))
    1.0
    """
    a, b = _centred(one), _centred(other)
    within = int((a * a).sum()) * int((b * b).sum())
    return float(int((a * b).sum()) / within**0.5) if within else 0.0


def _centred(codes: Array) -> Array:
    """Return twice the midranks around their mean: integers, at most n in size."""
    import numpy as np

    _, place, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    return np.asarray((2 * np.cumsum(sizes) - sizes)[place] - len(codes))


def explained(codes: Array, wanted: Array, ordered: bool) -> float:
    """Return the share of the target's ranks that the mean of each level explains, adjusted.

    Numbers with too many levels are taken in 50 bins of equal size; other columns with too many
    explain nothing here.
    """
    import numpy as np

    levels, place = np.unique(codes, return_inverse=True)
    if len(levels) * ROWS_A_LEVEL > len(codes):
        if not ordered:
            return 0.0
        place = (np.argsort(np.argsort(place, kind="stable"), kind="stable") * BINS) // len(codes)
    ranks = _centred(wanted)
    sizes = np.bincount(place)
    sums = np.zeros(len(sizes), np.int64)
    np.add.at(sums, place, ranks)
    between = sum(int(s) ** 2 / int(n) for s, n in zip(sums, sizes, strict=True) if n)
    whole, groups = int((ranks * ranks).sum()), int((sizes > 0).sum())
    if not whole or groups < 2 or len(codes) <= groups:
        return 0.0
    return 1 - (1 - between / whole) * (len(codes) - 1) / (len(codes) - groups)


def target_sums(rows: Rows) -> Iterator[Finding]:
    """Yield the pairs of numbers whose sum or difference is the target in every train row."""
    import numpy as np

    target = rows.target
    if target is None or rows.task != "regression" or not target.is_number:
        return
    numbers = [column for column in rows.features() if column.is_number][:MOST_NUMBERS]
    judged = rows.train & target.present
    if int(judged.sum()) < FEWEST_ROWS:
        return
    wanted = _values(target, judged)
    found = {column.name: _values(column, judged) for column in numbers}
    for name in [name for name, x in found.items() if _plays_no_part(x, wanted)]:
        del found[name]
    tried = np.unique(np.linspace(0, len(wanted) - 1, TRIED).astype(int))
    for one, other, sign in _fitting(found, wanted, tried):
        both = np.isfinite(found[one]) & np.isfinite(found[other])
        total = found[one][both] + sign * found[other][both]
        if (
            both.sum() * 2 >= len(both)
            and both.sum() >= FEWEST_ROWS
            and _equal(total, wanted[both]).all()
        ):
            yield _sum(one, other, sign, target.name, int(both.sum()))


def _fitting(
    found: dict[str, Array], wanted: Array, tried: Array
) -> Iterator[tuple[str, str, int]]:
    """Yield the pairs that fit the tried rows, as (a, b, sign) with a + sign · b."""
    import numpy as np

    few, few_wanted = {name: x[tried] for name, x in found.items()}, wanted[tried]
    for one, other in combinations(found, 2):
        a, b = few[one], few[other]
        for first, second, total, sign in (
            (one, other, a + b, 1),
            (one, other, a - b, -1),
            (other, one, b - a, -1),
        ):
            if (_equal(total, few_wanted) | np.isnan(total)).all():
                yield first, second, sign


def _values(column: Column, judged: Array) -> Array:
    import numpy as np

    levels = np.asarray(column.levels.to_numpy(zero_copy_only=False), float)
    return np.append(levels, np.nan)[column.codes[judged]]


def _plays_no_part(values: Array, wanted: Array) -> bool:
    """Whether it is constant, or the target itself: then the other column says nothing new."""
    import numpy as np

    there = values[np.isfinite(values)]
    if not len(there) or there.min() == there.max():
        return True
    both = np.isfinite(values) & np.isfinite(wanted)
    return bool(_equal(values[both], wanted[both]).all())


def _equal(one: Array, other: Array) -> Array:
    import numpy as np

    return np.asarray(np.abs(one - other) <= _CLOSE * (1 + np.abs(other)))


def _sum(one: str, other: str, sign: int, target: str, count: int) -> Finding:
    written = f"{one} {'+' if sign > 0 else '-'} {other}"
    return Finding(
        "target_sum",
        (one, other),
        f"{written} is '{target}', in all {count:,} train rows",
        f"{ignoring([one, other])}: together they are the target",
        {"rows": count, "sum": written},
    )
