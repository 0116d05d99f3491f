"""Gates: whether the whole interval lies on the right side of the bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.cases import Case, cases_of, part_of
from mlpipe.evaluate.finding import counts_as, rounded_up
from mlpipe.metrics.estimated import rows_needed
from mlpipe.metrics.intervals import holm
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.groups import Grouping
    from mlpipe.evaluate.judged import Classes, Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.evaluate.spec import Gate
    from mlpipe.metrics.estimate import Estimate

__all__ = ["gate_name", "judge_gate", "judge_measured", "verdict"]

_ONE_SIDED = 0.025
"""The error of one end of a 95 % interval."""


def judge_gate(
    gate: Gate,
    parts: Mapping[str, Judged],
    every: pd.DataFrame,
    measures: Measures,
    *,
    task: str,
    classes: Classes,
    across: Sequence[Grouping],
) -> list[dict[str, Any]]:
    """Return the findings of a gate: one, or one for each slice or column of groups.

    Parameters
    ----------
    gate : Gate
        On what the rows have: see `mlpipe.evaluate.absent.refuse_absent`.
    parts : mapping of str to Judged
        The parts by name, the one that is judged by default first.
    every : DataFrame
        All rows of all parts.
    measures : Measures
    task : str
    classes : Classes
    across : sequence of Grouping
        The groups that are reported, for a fairness gate that names none.
    """
    part = part_of(gate, parts)
    cases = cases_of(gate, parts[part], every, measures, task=task, classes=classes, across=across)
    statuses = _statuses(gate, cases)
    return [
        _finding(gate, part, case, status, why)
        for case, (status, why) in zip(cases, statuses, strict=True)
    ]


def judge_measured(gate: Gate, estimate: Estimate) -> dict[str, Any]:
    """Return the finding of a gate on what was measured of the model as a whole, of no part."""
    case = Case(estimate)
    ((status, why),) = _statuses(gate, [case])
    return _finding(gate, None, case, status, why)


def verdict(
    findings: Sequence[Mapping[str, Any]], behaviour: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the verdict over all findings: ``passed``, ``failed`` or ``inconclusive``.

    Only gates and behaviour tests of severity ``error`` decide; each finding says what it
    ``counts_as``.
    """
    every = [*findings, *behaviour]
    counts = {finding["counts_as"] for finding in every}
    open_ = any(
        finding["status"] == "inconclusive"
        and finding["severity"] == "error"
        and finding["counts_as"] == "warn"
        for finding in every
    )
    status = "failed" if "fail" in counts else "inconclusive" if open_ else "passed"
    found: dict[str, Any] = {"status": status, "gates": list(findings)}
    return {**found, "behaviour": list(behaviour)} if behaviour else found


def gate_name(gate: Gate) -> str:
    """Write a gate in one line: ``roc_auc >= 0.75``."""
    of = f" of {gate.class_}" if gate.class_ is not None else ""
    words = [f"{gate.metric}{of}", _bound(gate)]
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
    if len(known) > 1:
        for (place, _), p in zip(known, holm([p for _, p in known]), strict=True):
            if judged[place][0] == "fail" and p > _ONE_SIDED:
                why = (
                    f"{judged[place][1]}, but not after Holm's correction over {len(known)} slices"
                )
                judged[place] = ("inconclusive", why)
    return [(status, why + _meaning(gate, status)) for status, why in judged]


def _meaning(gate: Gate, status: str) -> str:
    """Say what an inconclusive finding counts as, where that is not the usual."""
    meant = gate.on_inconclusive
    return f"; on_inconclusive: {meant}" if status == "inconclusive" and meant != "warn" else ""


def _judge(gate: Gate, case: Case) -> tuple[str, str]:
    if case.status:
        return case.status, case.why
    floor, ceiling = _limits(gate)
    told = case.estimate
    if told.value is None:
        return "fail", f"undefined: {told.why}"
    if told.low is None or told.high is None:
        return "inconclusive", f"no interval: {told.why}"
    within = f"{told.low:.4g} to {told.high:.4g}"
    if (floor is not None and told.high < floor) or (ceiling is not None and told.low > ceiling):
        return "fail", f"all of {within} is on the wrong side"
    # Strictly above: a model that is exactly as good as the baseline gains nothing.
    over = floor is None or (told.low > floor if gate.versus else told.low >= floor)
    if over and (ceiling is None or told.high <= ceiling):
        return "pass", f"all of {within} is on the right side"
    return "inconclusive", f"the bound lies within {within}: {_deciding(gate, case)}"


def _deciding(gate: Gate, case: Case) -> str:
    """Say how many rows would decide."""
    wanted = _rows_needed(gate, case)
    if wanted is None:
        return "the value sits on it, no number of rows would decide"
    return f"some {rounded_up(wanted):,} rows like these {case.rows:,} would decide"


def _rows_needed(gate: Gate, case: Case) -> int | None:
    """Return how many rows would take the interval off every bound, if the value stays."""
    wanted = [
        rows_needed(case.estimate, end, case.rows) for end in _limits(gate) if end is not None
    ]
    return None if None in wanted else max(each for each in wanted if each is not None)


def _p_failing(gate: Gate, case: Case) -> float | None:
    """Return the p-value of the gate holding in truth; None where there is none."""
    tail = case.estimate.tail
    if tail is None or case.across:
        return None
    floor, ceiling = _limits(gate)
    ends = [tail(floor)] if floor is not None else []
    return min([*ends, 1 - tail(ceiling)] if ceiling is not None else ends)


def _finding(gate: Gate, part: str | None, case: Case, status: str, why: str) -> dict[str, Any]:
    open_ = status == "inconclusive" and case.estimate.low is not None and not case.status
    return {
        "gate": gate_name(gate) + (f" across {case.across}" if case.across else ""),
        "metric": gate.metric,
        "part": part,
        "slice": case.slice,
        "class": gate.class_,
        "across": case.across or None,
        "versus": gate.versus,
        "status": status,
        "counts_as": counts_as(gate, status),
        "value": plain(case.estimate.value),
        "low": plain(case.estimate.low),
        "high": plain(case.estimate.high),
        "method": case.estimate.method,
        "bound": _bound(gate),
        "rows": case.rows,
        "rows_needed": _rows_needed(gate, case) if open_ else None,
        "why": why,
        "severity": gate.severity,
    }


def _bound(gate: Gate) -> str:
    if gate.versus:
        if gate.margin is not None:
            return f"at most {gate.margin:g} worse than the {gate.versus}"
        gain = f" by {gate.gain:g}" if gate.gain else ""
        return f"better than the {gate.versus}{gain}"
    ends = [(">=", gate.min), ("<=", gate.max)]
    return " and ".join(f"{sign} {end:g}" for sign, end in ends if end is not None)
