"""Compare one column of the current data with the reference: what moved, by enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.drift import (
    ALPHA,
    effect,
    exceeds,
    overdispersion,
    pool,
    significant,
    too_many_missing,
    unseen,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.spec import Drift

    _Counts = tuple[list[int], list[int]]

__all__ = ["MISSING", "UNSEEN_VALUES", "Finding", "Test", "compare", "judge"]

MISSING, UNSEEN_VALUES = "missing", "unseen"
"""Aspects of a column that are tested apart from its distribution."""


@dataclass(frozen=True)
class Test:
    """One test of one aspect.

    Attributes
    ----------
    aspect : str
        value, weekday, hour, length, …, missing or unseen.
    effect : float
        Cohen's w.
    p_warn, p_alert : float
        P-values of the effect being no more than that of a warning, of an alert.
    dispersion : float or None
        The correction for how much quiet reference chunks vary; None where it is unknown.
    """

    aspect: str
    effect: float
    p_warn: float
    p_alert: float
    dispersion: float | None


@dataclass(frozen=True)
class Finding:
    """All tests of a column in a chunk, and what follows.

    Attributes
    ----------
    tests : tuple of Test
        The first has the strongest evidence.
    q_warn, q_alert : float
        The p-values after the correction for the number of columns.
    status : str
        ok, warn, alert or insufficient.
    """

    column: str
    tests: tuple[Test, ...]
    q_warn: float = 1.0
    q_alert: float = 1.0
    status: str = "ok"

    @property
    def effect(self) -> float:
        """The effect of the aspect with the strongest evidence."""
        return self.tests[0].effect if self.tests else 0.0

    def p(self, level: str) -> float:
        """Return the smallest p-value times the number of tests: any of them may have moved."""
        values = [test.p_warn if level == "warn" else test.p_alert for test in self.tests]
        return min(1.0, len(values) * min(values)) if values else 1.0


def compare(
    reference: Mapping[str, Any], current: Mapping[str, Any], column: str, limits: Drift
) -> Finding:
    """Test every aspect of a column.

    Parameters
    ----------
    reference : mapping
        The reference profile.
    current : mapping
        ``rows`` and ``columns`` of a chunk, counted on the same bins.
    column : str
    limits : Drift
        The effects that warn and alert.
    """
    bins, cur = reference["bins"][column], current["columns"][column]
    tests = []
    for aspect, counts in reference["columns"][column]["counts"].items():
        # Never seen values are tested apart: there is nothing to hold them against here.
        end = -1 if "values" in bins else None
        quiet = [
            chunk["columns"][column]["counts"][aspect][:end]
            for chunk in reference["chunks"].values()
        ]
        both = counts[:end], cur["counts"][aspect][:end]
        tests.append(_distribution(aspect, both, overdispersion(quiet, both[0]), limits))
    tests += _missing(reference, current, column, limits)
    tests += _unseen(bins, cur)
    ranked = sorted(tests, key=lambda test: (test.p_alert, test.p_warn, -test.effect))
    return Finding(column, tuple(ranked))


def judge(findings: Sequence[Finding], rows: int, minimum_rows: int) -> list[Finding]:
    """Correct for the number of columns, and say what each column's status is."""
    if rows < minimum_rows:
        return [Finding(each.column, each.tests, status="insufficient") for each in findings]
    warn = significant([each.p("warn") for each in findings])
    alert = significant([each.p("alert") for each in findings])
    return [
        Finding(each.column, each.tests, q_warn, q_alert, _status(q_warn, q_alert))
        for each, q_warn, q_alert in zip(findings, warn, alert, strict=True)
    ]


def _status(q_warn: float, q_alert: float) -> str:
    if q_alert <= ALPHA:
        return "alert"
    return "warn" if q_warn <= ALPHA else "ok"


def _distribution(aspect: str, counts: _Counts, dispersion: float | None, limits: Drift) -> Test:
    ref, cur = counts
    used = dispersion or 1.0
    return Test(
        aspect,
        effect(*pool(ref, cur)),
        exceeds(ref, cur, limits.warn, used),
        exceeds(ref, cur, limits.alert, used),
        dispersion,
    )


def _missing(
    reference: Mapping[str, Any], current: Mapping[str, Any], column: str, limits: Drift
) -> list[Test]:
    """Test the share of missing values, where there are any."""
    ref, cur = _present(reference, column), _present(current, column)
    if ref[0] == cur[0] == 0:
        return []
    quiet = [_present(chunk, column) for chunk in reference["chunks"].values()]
    dispersion = overdispersion(quiet, ref)
    used = dispersion or 1.0
    return [
        Test(
            MISSING,
            effect(ref, cur),
            too_many_missing(ref, cur, limits.warn, used),
            too_many_missing(ref, cur, limits.alert, used),
            dispersion,
        )
    ]


def _present(counted: Mapping[str, Any], column: str) -> tuple[int, int]:
    nulls = counted["columns"][column]["nulls"]
    return nulls, counted["rows"] - nulls


def _unseen(bins: Mapping[str, Any], cur: Mapping[str, Any]) -> list[Test]:
    """Test values that the reference never had, where its values are remembered."""
    if "values" not in bins or not bins["seen"]["present"]:
        return []
    counts = cur["counts"]["value"]
    p, _ = unseen(counts[-1], sum(counts), bins["seen"])
    share = counts[-1] / max(sum(counts), 1)
    return [Test(UNSEEN_VALUES, (2 * share) ** 0.5, p, p, 1.0)] if counts[-1] else []
