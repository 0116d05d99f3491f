"""The fairness tables: the rates of each group, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.groups.four_fifths import four_fifths
from mlpipe.evaluate.slices.named import Slice, slices_of, value_of
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.fairness import DISPARITIES, disparities_of, group_rates, rates_of
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.evaluate.groups.grouping import Grouping
    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.metrics.estimate import Estimate

__all__ = ["fairness_report", "gaps"]


@dataclass(frozen=True)
class _Groups:
    """The rows of a part in their groups.

    Attributes
    ----------
    told : Outcomes
        As the rates take them.
    slices : list of Slice
    entries : list of dict
        Of each slice: group, rows, positives, status and why.
    codes : array of int, shape (n,)
        Which of the compared groups a row is in; −1: in none.
    warnings : list of str
    """

    told: Outcomes
    slices: list[Slice]
    entries: list[dict[str, Any]]
    codes: Array
    warnings: list[str]

    @property
    def compared(self) -> list[Slice]:
        """The groups that are compared, by their codes."""
        pairs = zip(self.entries, self.slices, strict=True)
        return [group for entry, group in pairs if entry["status"] == "ok"]


def fairness_report(
    judged: Judged,
    every: pd.DataFrame,
    grouping: Grouping,
    names: Sequence[str] | None,
    measures: Measures,
) -> tuple[dict[str, Any], list[str]]:
    """Return the table of one grouping and its fairness metrics, with warnings.

    Parameters
    ----------
    judged : Judged
    every : DataFrame
        All rows of all parts, for groups that are empty here and for the edges of bins.
    grouping : Grouping
    names : sequence of str or None
        Fairness metrics; None: all that the task has.
    measures : Measures
    """
    found = _groups(judged, every, grouping)
    scored = found.told.score is not None
    rates = rates_of(grouping.task, scored=scored)
    chosen = list(names or ()) or [
        name
        for name in disparities_of(grouping.task)
        if scored or not DISPARITIES[name].needs_score
    ]
    place = _place(judged, grouping)
    gaps = measures.disparities(_with_ratio(chosen, grouping.task), found.told, found.codes, place)
    tables = iter(_tables(found, rates, judged, grouping, measures))
    groups = [
        {**entry, "rates": next(tables) if entry["status"] == "ok" else _points(each, found, rates)}
        for entry, each in zip(found.entries, found.slices, strict=True)
    ]
    report = {
        "across": grouping.name,
        "part": judged.part,
        "task": grouping.task,
        "groups": groups,
        "metrics": [
            {
                **value_of(name, gaps[name]),
                "greater_is_better": DISPARITIES[name].greater_is_better,
                **_ends(name, groups),
            }
            for name in chosen
        ],
        "four_fifths": four_fifths(gaps.get(_RATIO), groups),
    }
    return report, found.warnings


def gaps(
    judged: Judged, every: pd.DataFrame, grouping: Grouping, name: str, measures: Measures
) -> Estimate:
    """Return one fairness metric of one grouping: the same figure as in the report."""
    found = _groups(judged, every, grouping)
    place = _place(judged, grouping)
    return measures.disparities([name], found.told, found.codes, place)[name]


_RATIO = "demographic_parity_ratio"


def _with_ratio(names: Sequence[str], task: str) -> list[str]:
    return list(dict.fromkeys([*names, _RATIO])) if task == "binary" else list(names)


def _place(judged: Judged, grouping: Grouping) -> str:
    return f"{judged.part}/across {grouping.name}"


def _groups(judged: Judged, every: pd.DataFrame, grouping: Grouping) -> _Groups:
    import numpy as np

    slices, warnings = slices_of(judged.frame, every, grouping.axes)
    told = grouping.seen(judged.outcomes)
    codes, entries = np.full(len(told), -1), []
    for group in slices:
        rows = int(group.mask.sum())
        positives = int((told.y[group.mask] == 1).sum()) if grouping.task == "binary" else None
        why = grouping.too_few(rows, positives)
        entries.append(
            {
                "group": _label(group),
                "rows": rows,
                "positives": positives,
                "status": "empty" if not rows else "insufficient" if why else "ok",
                "why": why,
            }
        )
        if not why:
            codes[group.mask] = int(codes.max(initial=-1)) + 1
        elif rows:
            warnings.append(f"group {group.name} is left out of the comparison: {why}")
    if len(grouping.axes) > 1:
        warnings = _in_short(warnings, grouping)
    return _Groups(told, slices, entries, codes, warnings)


def _in_short(warnings: list[str], grouping: Grouping) -> list[str]:
    """Say in one line what would be one for each combination of values."""
    if not warnings:
        return []
    count = f"{len(warnings)} groups" if len(warnings) > 1 else "1 group"
    what = "are" if len(warnings) > 1 else "is"
    return [f"{count} of {grouping.name} {what} left out of the comparison: too few rows"]


def _label(group: Slice) -> Any:
    """Return the value of a column, or those of several in one text."""
    values = list(group.value.values())
    return values[0] if len(values) == 1 else " × ".join(str(value) for value in values)


def _tables(
    found: _Groups,
    rates: Sequence[str],
    judged: Judged,
    grouping: Grouping,
    measures: Measures,
) -> list[dict[str, Any]]:
    """Return the rates of the groups that are compared, each with its interval."""
    place = _place(judged, grouping)
    each = measures.rates(rates, found.told, found.codes, f"{place}/rates")
    tables = []
    for code, (group, estimates) in enumerate(zip(found.compared, each, strict=True)):
        table = {name: estimate.told() for name, estimate in estimates.items()}
        if grouping.task == "binary" and found.told.score is not None:
            inside = _bare(judged, found.told.take(found.codes == code))
            area = measures.metrics(["roc_auc"], inside, f"{place}/{group.place}")
            table["roc_auc"] = area["roc_auc"].told()
            table["ece"] = measures.points(["ece"], inside.outcomes)["ece"].told()
        tables.append(table)
    return tables


def _points(each: Slice, found: _Groups, rates: Sequence[str]) -> dict[str, Any]:
    """Return the rates of a group that is too small to say more of it."""
    import numpy as np

    told = found.told
    weight = np.ones(len(told)) if told.weight is None else told.weight
    inside = each.mask.astype(int) - 1
    values = group_rates(rates, told.y, told.pred, told.score, codes=inside, count=1, weight=weight)
    return {
        name: {"value": plain(float(values[name][0])), "low": None, "high": None, "method": ""}
        for name in rates
    }


def _bare(judged: Judged, told: Outcomes) -> Judged:
    """Return rows for a metric that reads their outcomes alone."""
    return replace(judged, frame=judged.frame.iloc[:0], outcomes=told, champion=None, worth={})


def _ends(name: str, groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Name the groups that lie furthest apart, by the first rate that parts them most."""
    widest: tuple[float, Any, Any] = (-1.0, None, None)
    for rate in DISPARITIES[name].rates:
        known = [
            (each["rates"][rate]["value"], each["group"])
            for each in groups
            if each["status"] == "ok" and each["rates"][rate]["value"] is not None
        ]
        if len(known) < 2:
            continue
        least, most = (end(known, key=lambda pair: pair[0]) for end in (min, max))
        gap = most[0] - least[0]
        if DISPARITIES[name].ratio:
            gap = 1 - least[0] / most[0] if most[0] else 0.0
        if gap > widest[0]:
            widest = (gap, least[1], most[1])
    return {"least": widest[1], "most": widest[2], "description": DISPARITIES[name].description}
