"""A column that is the target: the same values, or one value for each of its classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.validate.doctor.finding import Finding, ignoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["target_copies"]

FEWEST_ROWS = 20
FEWEST_OTHERS = 5
"""Rows outside the largest class: with 20 rows, chance gives a copy once in 15,504 columns."""


def target_copies(rows: Rows) -> Iterator[Finding]:
    """Yield the features that are the target in the train rows, exactly or in other words."""
    target = rows.target
    if target is None:
        return
    judged = rows.train & target.present
    for column in rows.features():
        same = _copies_number if rows.task == "regression" else _names_classes
        if int(judged.sum()) >= FEWEST_ROWS and same(column, target, judged):
            hidden = rows.hides(column.name) or rows.hides(target.name)
            yield _finding(column, target, judged, hidden=hidden)


def _finding(column: Column, target: Column, judged: Array, *, hidden: bool) -> Finding:
    pairs = _pairs(column, target, judged)
    alike = all(_text(one) == _text(other) for one, other in pairs)
    count = int(judged.sum())
    if alike:
        what = f"is a copy of the target '{target.name}'"
    else:
        shown = ", ".join(f"{_shown(one)} = {_shown(other)}" for one, other in pairs[:4])
        said = "" if hidden else f" ({shown})"
        what = f"is the target '{target.name}' in other words{said}"
    return Finding(
        "target_copy",
        (column.name,),
        f"{column.name} {what}, in all {count:,} train rows",
        f"{ignoring([column.name])}: it cannot be known when the model predicts",
        {"rows": count, "values": len(pairs), "same_text": alike},
    )


def _pairs(column: Column, target: Column, judged: Array) -> list[tuple[Any, Any]]:
    import numpy as np

    pairs = np.unique(np.stack([column.codes[judged], target.codes[judged]]), axis=1)[:, :1000]
    return [
        (column.value(code) if code >= 0 else None, target.value(place)) for code, place in pairs.T
    ]


def _names_classes(column: Column, target: Column, judged: Array) -> bool:
    """Whether each class has one value, missing counts as one, and each value one class."""
    import numpy as np

    values, classes = column.codes[judged] + 1, target.codes[judged]
    sizes = np.bincount(classes)
    kinds = int((sizes > 0).sum())
    if kinds < 2 or int(sizes.sum() - sizes.max()) < FEWEST_OTHERS or kinds * 5 > len(classes):
        return False
    if int((np.bincount(values) > 0).sum()) != kinds:
        return False
    return len(np.unique(values * len(target.levels) + classes)) == kinds


def _copies_number(column: Column, target: Column, judged: Array) -> bool:
    """Whether it holds the target's number in every row where it holds anything."""
    import numpy as np

    both = judged & column.present
    if not target.is_number or int(both.sum()) * 2 < int(judged.sum()) or not both.any():
        return False
    found = _numbers(column)
    if found is None:
        return False
    wanted = np.asarray(target.levels.to_numpy(zero_copy_only=False), float)
    there = target.codes[both]
    return bool(there.min() < there.max() and (found[column.codes[both]] == wanted[there]).all())


def _numbers(column: Column) -> Array | None:
    """Return the levels as numbers, also where they are written as text."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not column.is_number and not column.is_string:
        return None
    try:
        cast = pc.cast(column.levels, pa.float64(), safe=False)
    except pa.ArrowInvalid:
        return None
    return np.asarray(cast.to_numpy(zero_copy_only=False))


def _shown(value: Any) -> str:
    return "missing" if value is None else str(value)


def _text(value: Any) -> str:
    """Write a value so that 1 and 1.0, Yes and yes are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "missing" if value is None else str(value).strip().casefold()
