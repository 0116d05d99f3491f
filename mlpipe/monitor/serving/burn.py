"""How fast the error budget burns: several windows, several rates.

From the Site Reliability Workbook (Beyer and others 2018), chapter 5, table 5-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mlpipe.metrics.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BUCKET", "RULES", "Rule", "fired"]

BUCKET = 300
"""Seconds that are counted together: the shortest window."""
_LEVEL = 0.99  # a rule is asked at every step of the log


class Rule(NamedTuple):
    """Alert where both windows burn the budget this many times too fast."""

    factor: float
    long: int  # in buckets
    short: int
    severity: str
    name: str


RULES = (
    Rule(14.4, 12, 1, "alert", "14.4× over 1h and 5m"),
    Rule(6.0, 72, 6, "alert", "6× over 6h and 30m"),
    Rule(1.0, 864, 72, "warn", "1× over 3d and 6h"),
)


def fired(
    buckets: Sequence[int],
    requests: Sequence[int],
    failures: Sequence[int],
    objective: float,
    minimum: int = 200,
) -> list[dict[str, Any]]:
    """Return when each rule fired, by the time of the log.

    Parameters
    ----------
    buckets : sequence of int, shape (n,)
        Increasing numbers of `BUCKET` seconds; those without requests may be left out.
    requests, failures : sequence of int, shape (n,)
    objective : float
        Share of requests that must not fail.
    minimum : int
        A long window with fewer requests says nothing.

    Returns
    -------
    list of dict
        For each rule ``rule``, ``severity`` and ``at``: the buckets at whose end it fires.

    Notes
    -----
    The rate of the long window is above the limit only where its whole Wilson interval is, so that
    one failed request of a quiet night is no alert.
    """
    import numpy as np

    number = np.asarray(buckets, np.int64)
    asked = np.concatenate([[0], np.cumsum(np.asarray(requests, np.int64))])
    failed = np.concatenate([[0], np.cumsum(np.asarray(failures, np.int64))])
    ends = np.arange(1, len(number) + 1)

    def window(length: int) -> tuple[Any, Any]:
        starts = np.searchsorted(number, number - length + 1)
        return asked[ends] - asked[starts], failed[ends] - failed[starts]

    found = []
    for rule in RULES:
        limit = rule.factor * (1 - objective)
        (n, bad), (few, few_bad) = window(rule.long), window(rule.short)
        likely = np.flatnonzero((n >= minimum) & (bad > limit * n) & (few_bad > limit * few))
        at = [int(number[i]) for i in likely if wilson(int(bad[i]), int(n[i]), _LEVEL)[0] > limit]
        found.append({"rule": rule.name, "severity": rule.severity, "at": at})
    return found
