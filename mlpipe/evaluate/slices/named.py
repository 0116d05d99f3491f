"""The parts of the data that a mean may hide: each value of a column looked at apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.measure import too_few
from mlpipe.evaluate.slices.coded import Column, column_for, combinations
from mlpipe.evaluate.slices.cut import label_of
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.intervals import FAMILY_ERROR, holm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.evaluate.slices.cut import Axis
    from mlpipe.metrics.estimate import Estimate

__all__ = [
    "RESAMPLES",
    "Slice",
    "cut_notes",
    "one_slice",
    "slice_reports",
    "slices_of",
    "value_of",
]

_MOST = 50
"""Values of a slice that are looked at: the most frequent ones."""
RESAMPLES = 500
"""Resamples for a slice: a quarter of those for the whole, since there are many slices."""


@dataclass(frozen=True)
class Slice:
    """The rows that share a value, or a combination of values.

    Attributes
    ----------
    value : dict
        Column to value, as JSON; None for null.
    mask : array of bool, shape (n,)
    """

    value: dict[str, Any]
    mask: Array

    @property
    def name(self) -> str:
        """Write the slice as ``plan=pro, region=north``."""
        return ", ".join(f"{column}={value}" for column, value in self.value.items())

    @property
    def place(self) -> str:
        """Name the slice so that no other has the same: null is not the text None."""
        return json.dumps(self.value, ensure_ascii=False)


def slices_of(
    frame: pd.DataFrame, every: pd.DataFrame, names: Sequence[Axis]
) -> tuple[list[Slice], list[str]]:
    """Return a slice for each value that occurs, and warnings.

    Bins and months come in their order, values the most frequent first.

    Parameters
    ----------
    frame : DataFrame, n rows
        The rows to slice.
    every : DataFrame
        All rows of all parts: a value that occurs there and not here is an empty slice.
    names : sequence of str or Cut
        The columns that are crossed; of many numbers or dates, bins.
    """
    import numpy as np

    columns = [column_for(axis, every) for axis in names]
    here, values = combinations(frame, columns)
    _, there = combinations(every, columns)
    counts = dict.fromkeys([*values, *there], 0)
    counts |= dict(zip(values, np.bincount(here, minlength=len(values)).tolist(), strict=True))
    ordered = _in_order(counts, columns, every)
    place = {value: code for code, value in enumerate(values)}
    found = [
        Slice(
            dict(zip([each.name for each in columns], value, strict=True)),
            here == place.get(value, -1),
        )
        for value in ordered[:_MOST]
    ]
    warnings = [f"slice {each.name} has no rows" for each in found if not each.mask.any()]
    if len(ordered) > _MOST:
        what = label_of(tuple(names))
        warnings.append(f"{what} has {len(ordered)} values; the {_MOST} most frequent are shown")
    return found, warnings


def cut_notes(each: Sequence[Sequence[Axis]], every: pd.DataFrame) -> list[str]:
    """Say how columns are cut of which the spec does not say it."""
    columns = (column_for(axis, every) for axes in each for axis in axes)
    return list(dict.fromkeys(column.note for column in columns if column.note))


def _in_order(
    counts: Mapping[tuple[Any, ...], int], columns: Sequence[Column], every: pd.DataFrame
) -> list[tuple[Any, ...]]:
    if len(columns) == 1 and columns[0].ordered and len(counts) <= _MOST:
        order = columns[0].codes(every)[1]
        return sorted(counts, key=lambda value: order.index(value[0]))
    return sorted(sorted(counts, key=str), key=lambda value: -counts[value])


def one_slice(frame: pd.DataFrame, value: Mapping[str, Any]) -> Slice:
    """Return the slice of one value of each of the columns."""
    import numpy as np

    mask = np.ones(len(frame), bool)
    for name, wanted in value.items():
        codes, values = Column(name).codes(frame)
        mask &= np.array([value == wanted for value in values], dtype=bool)[codes]
    return Slice(dict(value), mask)


def slice_reports(
    slices: Sequence[Slice],
    judged: Judged,
    whole: Mapping[str, Estimate],
    measures: Measures,
    task: str,
) -> list[dict[str, Any]]:
    """Return what the report says of each slice.

    A slice is ``worse`` where a metric is below that of all rows with a p-value that stays under
    5 % after Holm's correction over the slices.

    Parameters
    ----------
    slices : sequence of Slice
        All that the spec names: the correction is over all of them.
    judged : Judged
    whole : mapping of str to Estimate
        The metrics to report, with their values over all rows.
    measures : Measures
    task : str
    """
    found = [_report(each, judged, list(whole), measures, task) for each in slices]
    for name, overall in whole.items():
        better = measures.vocabulary[name].greater_is_better
        _mark_worse([estimates.get(name) for _, estimates in found], name, overall, better, found)
    return [report for report, _ in found]


def value_of(name: str, estimate: Estimate) -> dict[str, Any]:
    """Write an estimate as the report does."""
    return {"name": name, **estimate.told()}


def _report(
    each: Slice, judged: Judged, names: list[str], measures: Measures, task: str
) -> tuple[dict[str, Any], dict[str, Estimate]]:
    inside = judged.take(each.mask)
    positives = inside.positives if task == "binary" else None
    why = too_few(len(inside), positives)
    place = f"{judged.part}/slice {each.place}"
    estimates = (
        measures.points(names, inside.outcomes)
        if why
        else measures.fewer(RESAMPLES).metrics(names, inside, place)
    )
    status = "empty" if not len(inside) else "insufficient" if why else "ok"
    report = {
        "part": judged.part,
        "slice": each.value,
        "rows": len(inside),
        "positives": positives,
        "status": status,
        "why": why,
        "metrics": [value_of(name, estimates[name]) for name in names],
    }
    return report, estimates


def _mark_worse(
    estimates: Sequence[Estimate | None],
    name: str,
    overall: Estimate,
    better: bool | None,
    found: Sequence[tuple[dict[str, Any], dict[str, Estimate]]],
) -> None:
    if overall.value is None or better is None:
        return
    tails = [
        (place, each.tail(overall.value) if better else 1 - each.tail(overall.value))
        for place, each in enumerate(estimates)
        if each is not None and each.tail is not None
    ]
    for (place, p), adjusted in zip(tails, holm([p for _, p in tails]), strict=True):
        entry = next(one for one in found[place][0]["metrics"] if one["name"] == name)
        entry |= {"p": p, "p_holm": adjusted, "worse": adjusted <= FAMILY_ERROR}
