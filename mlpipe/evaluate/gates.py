"""Gates: whether the whole interval lies on the right side of the bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.groups import Grouping, asked, gaps
from mlpipe.evaluate.measure import too_few
from mlpipe.evaluate.slices import RESAMPLES, one_slice, slices_of
from mlpipe.metrics.estimate import Estimate
from mlpipe.metrics.fairness import DISPARITIES
from mlpipe.metrics.intervals import holm
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.evaluate.spec import Gate

__all__ = ["Case", "gate_name", "judge_gate", "verdict"]

_ONE_SIDED = 0.025
"""The error of one end of a 95 % interval."""


@dataclass(frozen=True)
class Case:
    """One thing that a gate judges: all rows, a slice, or the groups of a column.

    Attributes
    ----------
    estimate : Estimate
        Of a gate with `versus`, the difference; above 0 is better.
    slice : dict or None
    across : str
    status : str
        Where it is decided before any interval: ``pass``, ``fail`` or ``inconclusive``.
    why : str
        The reason of that.
    """

    estimate: Estimate
    slice: dict[str, Any] | None = None
    across: str = ""
    status: str = ""
    why: str = ""


def judge_gate(
    gate: Gate,
    parts: Mapping[str, Judged],
    every: pd.DataFrame,
    measures: Measures,
    *,
    task: str,
    across: Sequence[Grouping],
) -> list[dict[str, Any]]:
    """Return the findings of a gate: one, or one for each slice or column of groups.

    Parameters
    ----------
    gate : Gate
    parts : mapping of str to Judged
        The parts by name, the one that is judged by default first.
    every : DataFrame
        All rows of all parts.
    measures : Measures
    task : str
    across : sequence of Grouping
        The groups that are reported, for a fairness gate that names none.
    """
    part: str = gate.part or next(iter(parts))
    if part not in parts:
        cases = [Case(Estimate(None), status="fail", why=f"there are no {part} rows")]
    elif gate.metric in DISPARITIES:
        cases = [
            Case(gaps(parts[part], every, each, gate.metric, measures), across=each.name)
            for each in asked(gate.groups, across)
        ]
    else:
        cases = _cases(gate, parts[part], every, measures, task)
    statuses = _statuses(gate, cases)
    return [
        _finding(gate, part, case, status, why)
        for case, (status, why) in zip(cases, statuses, strict=True)
    ]


def verdict(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the verdict over all findings: ``passed``, ``failed`` or ``inconclusive``.

    Only gates of severity ``error`` decide; each finding says what it ``counts_as``.
    """
    counts = {finding["counts_as"] for finding in findings}
    open_ = any(
        finding["status"] == "inconclusive"
        and finding["severity"] == "error"
        and finding["counts_as"] == "warn"
        for finding in findings
    )
    status = "failed" if "fail" in counts else "inconclusive" if open_ else "passed"
    return {"status": status, "gates": list(findings)}


def gate_name(gate: Gate) -> str:
    """Write a gate in one line: ``roc_auc >= 0.75``."""
    words = [gate.metric, _bound(gate)]
    if gate.slice_columns:
        value = gate.slice_value
        named = value.items() if value else ()
        words.append(
            "where " + ", ".join(f"{column}={each}" for column, each in named)
            if named
            else f"for each {' × '.join(gate.slice_columns)}"
        )
    if gate.part:
        words.append(f"on {gate.part}")
    return " ".join(words)


def _cases(
    gate: Gate, judged: Judged, every: pd.DataFrame, measures: Measures, task: str
) -> list[Case]:
    if gate.versus == "champion" and judged.champion is None:
        why = f"there is no champion yet; on_missing: {gate.on_missing}"
        return [Case(Estimate(None), status=gate.on_missing, why=why)]
    if not gate.slice_columns:
        return [Case(_estimate(gate, judged, measures, judged.part))]
    if gate.slice_value:
        slices = [one_slice(judged.frame, gate.slice_value)]
    else:
        slices, _ = slices_of(judged.frame, every, gate.slice_columns)
    found = []
    for each in slices:
        inside = judged.take(each.mask)
        why = too_few(len(inside), inside.positives if task == "binary" else None)
        if why:
            lost = gate.slice_value and not len(inside)
            status = "fail" if lost else "inconclusive"
            found.append(Case(Estimate(None), each.value, status=status, why=why))
            continue
        place = f"{judged.part}/slice {each.name}"
        estimate = _estimate(gate, inside, measures.fewer(RESAMPLES), place)
        found.append(Case(estimate, each.value))
    return found


def _estimate(gate: Gate, judged: Judged, measures: Measures, place: str) -> Estimate:
    if gate.versus:
        return measures.versus(gate.metric, judged, gate.versus, place)
    if gate.metric in judged.worth:
        return measures.worth(gate.metric, judged, place)["value"]
    return measures.metrics([gate.metric], judged, place)[gate.metric]


def _limits(gate: Gate) -> tuple[float | None, float | None]:
    """Return the least and the greatest value that passes."""
    if gate.versus:
        return (-gate.margin if gate.margin is not None else gate.gain or 0.0), None
    return gate.min, gate.max


def _statuses(gate: Gate, cases: Sequence[Case]) -> list[tuple[str, str]]:
    """Judge each case; over several slices, a failure must also survive Holm's correction.

    Passing needs none: all slices must pass, and each keeps its own interval.
    """
    judged = [_judge(gate, case) for case in cases]
    tails = [(place, _p_failing(gate, case)) for place, case in enumerate(cases)]
    known = [(place, p) for place, p in tails if p is not None]
    if len(known) < 2:
        return judged
    for (place, _), p in zip(known, holm([p for _, p in known]), strict=True):
        if judged[place][0] == "fail" and p > _ONE_SIDED:
            why = f"{judged[place][1]}, but not after Holm's correction over {len(known)} slices"
            judged[place] = ("inconclusive", why)
    return judged


def _judge(gate: Gate, case: Case) -> tuple[str, str]:
    if case.status:
        return case.status, case.why
    floor, ceiling = _limits(gate)
    told = case.estimate
    if told.value is None:
        return "fail", f"undefined: {told.why}"
    if told.low is None or told.high is None:
        return "inconclusive", f"no interval: {told.why}"
    if (floor is not None and told.high < floor) or (ceiling is not None and told.low > ceiling):
        return "fail", f"all of {told.low:.4g} to {told.high:.4g} is on the wrong side"
    # Strictly above: a model that is exactly as good as the baseline gains nothing.
    over = floor is None or (told.low > floor if gate.versus else told.low >= floor)
    if over and (ceiling is None or told.high <= ceiling):
        return "pass", f"all of {told.low:.4g} to {told.high:.4g} is on the right side"
    return "inconclusive", f"the bound lies within {told.low:.4g} to {told.high:.4g}"


def _p_failing(gate: Gate, case: Case) -> float | None:
    """Return the p-value of the gate holding in truth; None where there is none."""
    tail = case.estimate.tail
    if tail is None or case.across:
        return None
    floor, ceiling = _limits(gate)
    ends = [tail(floor)] if floor is not None else []
    return min([*ends, 1 - tail(ceiling)] if ceiling is not None else ends)


def _finding(gate: Gate, part: str, case: Case, status: str, why: str) -> dict[str, Any]:
    return {
        "gate": gate_name(gate) + (f" across {case.across}" if case.across else ""),
        "metric": gate.metric,
        "part": part,
        "slice": case.slice,
        "across": case.across or None,
        "versus": gate.versus,
        "status": status,
        "counts_as": _counts_as(gate, status),
        "value": plain(case.estimate.value),
        "low": plain(case.estimate.low),
        "high": plain(case.estimate.high),
        "method": case.estimate.method,
        "bound": _bound(gate),
        "why": why,
        "severity": gate.severity,
    }


def _counts_as(gate: Gate, status: str) -> str:
    """Return ``pass``, ``warn`` or ``fail``: what a finding means for the command."""
    meant = gate.on_inconclusive if status == "inconclusive" else status
    return "warn" if meant == "fail" and gate.severity == "warn" else meant


def _bound(gate: Gate) -> str:
    if gate.versus:
        if gate.margin is not None:
            return f"at most {gate.margin:g} worse than the {gate.versus}"
        gain = f" by {gate.gain:g}" if gate.gain else ""
        return f"better than the {gate.versus}{gain}"
    ends = [(">=", gate.min), ("<=", gate.max)]
    return " and ".join(f"{sign} {end:g}" for sign, end in ends if end is not None)
