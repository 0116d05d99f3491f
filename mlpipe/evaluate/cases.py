"""What a gate judges: all rows, each slice, a class, or the groups of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.groups import Grouping, asked, gaps
from mlpipe.evaluate.judged import class_code
from mlpipe.evaluate.measure import too_few
from mlpipe.evaluate.slices import RESAMPLES, one_slice, slices_of
from mlpipe.metrics.estimate import Estimate
from mlpipe.metrics.fairness import DISPARITIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.gate import Gate
    from mlpipe.evaluate.judged import Classes, Judged
    from mlpipe.evaluate.measure import Measures

__all__ = ["FEWEST", "Case", "cases_of", "part_of"]

FEWEST = 30
"""A gate on fewer rows is inconclusive; one on a slice asks for more, since there are many."""


@dataclass(frozen=True)
class Case:
    """One thing that a gate judges.

    Attributes
    ----------
    estimate : Estimate
        Of a gate with `versus`, the difference; above 0 is better.
    rows : int
        How many it stands on.
    slice : dict or None
    across : str
    status : str
        Where it is decided before any interval: ``pass``, ``fail`` or ``inconclusive``.
    why : str
        The reason of that.
    """

    estimate: Estimate
    rows: int = 0
    slice: dict[str, Any] | None = None
    across: str = ""
    status: str = ""
    why: str = ""


def part_of(gate: Gate, parts: Mapping[str, Any]) -> str:
    """Return the part that a gate judges: by default the first."""
    return gate.part or next(iter(parts))


def cases_of(
    gate: Gate,
    judged: Judged,
    every: pd.DataFrame,
    measures: Measures,
    *,
    task: str,
    classes: Classes,
    across: Sequence[Grouping],
) -> list[Case]:
    """Return the cases of a gate: one, or one for each slice or column of groups.

    Parameters
    ----------
    gate : Gate
    judged : Judged
        The part that it judges.
    every : DataFrame
        All rows of all parts.
    measures : Measures
    task : str
    classes : Classes
    across : sequence of Grouping
        The groups that are reported, for a fairness gate that names none.
    """
    if gate.metric in DISPARITIES:
        return [
            Case(gaps(judged, every, each, gate.metric, measures), len(judged), across=each.name)
            for each in asked(gate.groups, across)
        ]
    if gate.versus == "champion" and judged.champion is None:
        why = f"there is no champion to compare with yet; on_missing: {gate.on_missing}"
        return [Case(Estimate(None), len(judged), status=gate.on_missing, why=why)]
    place = judged.part
    if gate.class_ is not None:
        judged, task = judged.against_the_rest(class_code(classes, gate.class_)), "binary"
        place = f"{place}/class {gate.class_}"
    if not gate.slice_columns:
        return [_of_all(_estimate(gate, judged, measures, place), len(judged))]
    return _slices(gate, judged, every, measures, task=task, place=place)


def _of_all(estimate: Estimate, rows: int) -> Case:
    """Return the case of all rows; a handful decides nothing, whatever its resamples say."""
    if estimate.value is None or rows >= FEWEST:
        return Case(estimate, rows)
    why = f"{rows} rows, fewer than {FEWEST}: an interval of so few says too little"
    return Case(estimate, rows, status="inconclusive", why=why)


def _slices(
    gate: Gate, judged: Judged, every: pd.DataFrame, measures: Measures, *, task: str, place: str
) -> list[Case]:
    if gate.slice_value:
        slices = [one_slice(judged.frame, gate.slice_value)]
    else:
        slices, _ = slices_of(judged.frame, every, gate.slice_columns)
    found = []
    for each in slices:
        inside = judged.take(each.mask)
        why = too_few(len(inside), inside.positives if task == "binary" else None)
        if why:
            case = Case(Estimate(None), len(inside), each.value, status="inconclusive", why=why)
        else:
            at = f"{place}/slice {each.place}"
            estimate = _estimate(gate, inside, measures.fewer(RESAMPLES), at)
            case = Case(estimate, len(inside), each.value)
        found.append(case)
    return found


def _estimate(gate: Gate, judged: Judged, measures: Measures, place: str) -> Estimate:
    if gate.versus:
        return measures.versus(gate.metric, judged, gate.versus, place)
    if gate.metric in judged.worth:
        return measures.worth(gate.metric, judged, place)["value"]
    return measures.metrics([gate.metric], judged, place)[gate.metric]
