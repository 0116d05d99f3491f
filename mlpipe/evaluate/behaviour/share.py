"""The share of rows that pass a behaviour test, its interval, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.finding import counts_as, rounded_up
from mlpipe.metrics.intervals import wilson

if TYPE_CHECKING:
    from mlpipe.evaluate.behaviour.spec import Behaviour
    from mlpipe.evaluate.behaviour.subject import Subject
    from mlpipe.metrics.arrays import Array

__all__ = ["finding"]

_MOST_ROWS = 1_000_000


def finding(test: Behaviour, off: Array, asked: int, subject: Subject) -> dict[str, Any]:
    """Return what a test says, like the finding of a gate.

    Parameters
    ----------
    test : Behaviour
    off : array, shape (n,)
        Of the rows that were tested; above 0 where one fails.
    asked : int
        How many rows there were, those that a change left as they are among them.
    subject : Subject
    """
    rows = len(off)
    passed = int((off <= 0).sum())
    note = _note(test, subject)
    status, why = _status(test, passed, rows, certain=bool(note))
    drawn = bool(rows) and test.given is None and not note
    low, high = wilson(passed, rows) if drawn else (None, None)
    return {
        "gate": test.name,
        "kind": "behaviour",
        "test": test.kind,
        "part": None if test.given is not None else subject.part,
        "status": status,
        "counts_as": counts_as(test, status),
        "severity": test.severity,
        "value": passed / rows if rows else None,
        "low": low,
        "high": high,
        "method": "wilson" if drawn else "",
        "bound": f">= {test.share:g}",
        "mostly": test.share,
        "rows": rows,
        "failing": rows - passed,
        "unchanged": asked - rows,
        "why": why,
        "note": note,
    }


def _status(test: Behaviour, passed: int, rows: int, *, certain: bool) -> tuple[str, str]:
    """Judge the share: of all rows that were given as it is, of drawn ones by its interval.

    Where every row must pass, one that does not decides it: there is no share to estimate. Nor is
    there one where nothing could come out otherwise.
    """
    if not rows:
        return "fail", "no row was changed: nothing was tested"
    said = f"{passed:,} of {rows:,} rows pass"
    if test.given is not None or test.share == 1 or certain:
        return ("pass" if passed >= test.share * rows else "fail"), said
    low, high = wilson(passed, rows)
    told = f"{said}, {low:.3g} to {high:.3g}"
    if high < test.share:
        return "fail", f"{told}: all of it is below {test.share:g}"
    if low >= test.share:
        return "pass", f"{told}: all of it is at least {test.share:g}"
    return "inconclusive", f"{told}: {test.share:g} lies within{_enough(test, passed, rows)}"


def _enough(test: Behaviour, passed: int, rows: int) -> str:
    """Say how many rows would decide, were the share to stay as it is; up to a million."""
    share, needed = passed / rows, rows
    while needed < _MOST_ROWS:
        needed = -(-needed * 11 // 10)
        low, high = wilson(round(share * needed), needed)
        if low >= test.share or high < test.share:
            return f"; about {rounded_up(needed):,} rows like these would decide"
    return ""


def _note(test: Behaviour, subject: Subject) -> str:
    """Say where a test could not come out otherwise: the model does not read what is changed."""
    names = list(dict.fromkeys(name for _, name in test.change.places)) if test.change else []
    if not names or (test.change and test.change.python) or subject.reads & set(names):
        return ""
    return f"the model does not read {', '.join(names)}: nothing could change"
