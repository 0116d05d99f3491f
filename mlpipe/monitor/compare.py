"""Compare one column of the current data with the reference: what moved, by enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import PERSISTENT
from mlpipe.monitor.dispersion import between_models, of_neighbours, overdispersion
from mlpipe.monitor.drift import (
    ALPHA,
    effect,
    exceeds,
    pool,
    regressed,
    significant,
    stale,
    too_many_missing,
    unseen,
)
from mlpipe.monitor.sides import BOUNDS, FRESHNESS, INFINITE, MISSING, UNSEEN_VALUES, Sides
from mlpipe.table.aspects import AGE, CYCLIC, SINCE, VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.spec import Drift

__all__ = ["Finding", "Test", "compare", "judge"]


@dataclass(frozen=True)
class Test:
    """One test of one aspect.

    Attributes
    ----------
    aspect : str
        value, weekday, hour, length, …, or one of those in `sides`.
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

    def p(self, level: str) -> float:
        """Return the p-value of a level, warn or alert."""
        return self.p_warn if level == "warn" else self.p_alert


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
        values = [test.p(level) for test in self.tests]
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
    sides = Sides.of(reference, current, column)
    tests = [
        test
        for aspect in sides.reference["counts"]
        if aspect not in (AGE, SINCE)
        for test in _distribution(sides, aspect, limits)
    ]
    tests += _two_bins(MISSING, sides, sides.missing(), limits)
    tests += _two_bins(INFINITE, sides, sides.infinite(), limits)
    tests += [*_unseen(sides), *_bounds(sides), *_freshness(sides)]
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


def _distribution(sides: Sides, aspect: str, limits: Drift) -> list[Test]:
    # Never seen values are tested apart: there is nothing to hold them against here.
    end = -1 if sides.by_value else None
    ref, cur, *quiet = (each[:end] for each in sides.counts(aspect))
    dispersion = _dispersion(sides, quiet, ref)
    if aspect in CYCLIC and dispersion is None and _part_of_a_week(sides):
        return []
    used = dispersion or 1.0
    if sides.folds:
        models = [each["counts"][aspect][:end] for each in sides.folds]
        used = dispersion = max(used, between_models(models, ref, cur))
    was = regressed(ref, sides.bins["seen"]) if sides.by_value else ref
    p_warn, p_alert = (exceeds(was, cur, least, used) for least in (limits.warn, limits.alert))
    return [Test(aspect, effect(*pool(was, cur)), p_warn, p_alert, dispersion)]


def _dispersion(sides: Sides, quiet: list[list[int]], ref: list[int]) -> float | None:
    """Return how much more quiet chunks vary than by chance; of neighbours, where they count."""
    chunks = len(sides.quiet)
    alone = overdispersion(quiet[:chunks], ref)
    if sides.neighbours is None:
        return alone
    return of_neighbours(alone, quiet[chunks:], ref, PERSISTENT)


def _part_of_a_week(sides: Sides) -> bool:
    """Whether a chunk is too short to have a week of its own, or the hours of all its days.

    One day has one weekday, whatever happened. Where reference chunks are as short, they tell
    how much that varies; without them nothing does.
    """
    ref, cur, *_ = sides.counts("weekday")
    there, now = (sum(count > 0 for count in counts) for counts in (ref, cur))
    return now <= there / 2


def _two_bins(aspect: str, sides: Sides, counts: list[list[int]], limits: Drift) -> list[Test]:
    """Test a share that counts from two points on, where there is any."""
    if not counts or not counts[0][0] + counts[1][0]:
        return []
    ref, cur, *quiet = counts
    dispersion = _dispersion(sides, quiet, ref)
    used = dispersion or 1.0
    p_warn, p_alert = (
        too_many_missing((ref[0], ref[1]), (cur[0], cur[1]), least, used)
        for least in (limits.warn, limits.alert)
    )
    return [Test(aspect, effect(ref, cur), p_warn, p_alert, dispersion)]


def _unseen(sides: Sides) -> list[Test]:
    """Test values that the reference never had, where its values are remembered."""
    if not sides.by_value or not sides.bins["seen"]["present"]:
        return []
    counts = sides.current["counts"][VALUE]
    return _beyond(UNSEEN_VALUES, counts[-1], sum(counts), sides.bins["seen"])


def _bounds(sides: Sides) -> list[Test]:
    """Test dates before all those of the reference, or later after their row than any was."""
    seen = {"present": max(sum(sides.reference["counts"].get(SINCE, ())), 1), "singletons": 1}
    count, present = sides.out_of_bounds()
    return _beyond(BOUNDS, count, present, seen)


def _beyond(aspect: str, count: int, present: int, seen: dict[str, Any]) -> list[Test]:
    """Test a share that was nothing in the reference; what never was has no smaller effect."""
    if not count:
        return []
    p, _ = unseen(count, present, seen)
    return [Test(aspect, (2 * count / present) ** 0.5, p, p, 1.0)]


def _freshness(sides: Sides) -> list[Test]:
    """Test whether the newest dates are missing, by their age at the time of the row."""
    if AGE not in sides.reference["counts"]:
        return []
    ref, cur, *quiet = (sides.fresh(each) for each in sides.all)
    shares = [fresh / (fresh + others) for fresh, others in quiet if fresh + others]
    p = stale(ref, cur, shares)
    return [Test(FRESHNESS, effect(ref, cur), p, p, 1.0 if shares else None)]
