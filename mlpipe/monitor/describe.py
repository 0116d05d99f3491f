"""Describe how a column moved, for a reader: direction, size, the bins that moved most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.distances import (
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    largest_difference,
    psi,
    total_variation,
    wasserstein,
)
from mlpipe.monitor.drift import ALPHA
from mlpipe.monitor.movement import movement, picture, unseen_share
from mlpipe.monitor.sides import Sides
from mlpipe.table.bins import ends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.compare import Finding, Test

__all__ = ["describe"]

_DISTANCES = ("psi", "js", "tv", "linf", "hellinger", "ks", "wasserstein")
_SAID = 3


def describe(
    reference: Mapping[str, Any], current: Mapping[str, Any], finding: Finding
) -> dict[str, Any]:
    """Return the report's row of one column in one chunk.

    Parameters
    ----------
    reference : mapping
        The reference profile.
    current : mapping
        ``rows`` and ``columns`` of the chunk.
    finding : Finding

    Returns
    -------
    dict
        JSON-safe. ``tests`` has every aspect, the strongest evidence first, which the row itself
        repeats; ``words`` are of all that moved. ``picture`` has the shares of all bins, missing
        values included; the distances (``psi``, ``js``, …) decide nothing.
    """
    sides = Sides.of(reference, current, finding.column)
    aspect = _shown_aspect(finding, sides)
    strongest = finding.tests[0] if finding.tests else None
    tested = strongest.aspect if strongest else aspect
    tests = [_told(sides, test, len(finding.tests)) for test in finding.tests]
    first = movement(sides, tested)
    drawn = picture(sides, aspect)
    return {
        "column": finding.column,
        "kind": sides.bins["kind"],
        "aspect": tested,
        "status": finding.status,
        "effect": finding.effect,
        "p": finding.p("warn"),
        "q": finding.q_warn,
        "p_alert": finding.p("alert"),
        "q_alert": finding.q_alert,
        "dispersion": strongest.dispersion if strongest else None,
        **_distances(sides, aspect),
        "missing": _missing(sides),
        "unseen": unseen_share(sides),
        **first,
        "bins": first["bins"] or _most(sides, aspect),
        "words": _words(tests) or first["words"],
        "tests": tests,
        "picture": drawn,
    }


def _shown_aspect(finding: Finding, sides: Sides) -> str:
    """Show the distribution with the strongest evidence; missing and unseen have numbers."""
    counts = sides.reference["counts"]
    tested = [test.aspect for test in finding.tests if test.aspect in counts]
    return tested[0] if tested else next(iter(counts))


def _most(sides: Sides, aspect: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = movement(sides, aspect)["bins"]
    return found


def _told(sides: Sides, test: Test, tests: int) -> dict[str, Any]:
    """Return one test; it moved if it alone would be found among the tests of its column."""
    found = movement(sides, test.aspect)
    return {
        "aspect": test.aspect,
        "effect": test.effect,
        "p": test.p_warn,
        "p_alert": test.p_alert,
        "dispersion": test.dispersion,
        "moved": test.p_warn * tests <= ALPHA,
        **{key: found[key] for key in ("direction", "size", "unit", "words")},
    }


def _words(tests: Sequence[Mapping[str, Any]]) -> str:
    """Say all that moved, the strongest evidence first."""
    said = [test["words"] for test in tests if test["moved"] and test["words"]]
    more = f"; and {len(said) - _SAID} more" if len(said) > _SAID else ""
    return "; ".join(said[:_SAID]) + more


def _missing(sides: Sides) -> dict[str, float]:
    before, after = (
        side["nulls"] / side["rows"] if side["rows"] else 0.0
        for side in (sides.reference, sides.current)
    )
    return {"reference": before, "current": after}


def _distances(sides: Sides, aspect: str) -> dict[str, float | None]:
    """Return the distances that people know; they decide nothing."""
    ref, cur, *_ = sides.counts(aspect)
    if not sum(ref) or not sum(cur):
        return dict.fromkeys(_DISTANCES)
    bins = sides.bins if sides.by_value else sides.bins["aspects"][aspect]
    kept = [at for at, both in enumerate(zip(ref, cur, strict=True)) if both != (0, 0)]
    r, c = [ref[at] for at in kept], [cur[at] for at in kept]
    ordered = "edges" in bins
    finite = [sum(counts[1:-1]) > 0 for counts in (ref, cur)]
    inner = ordered and bins["low"] is not None and all(finite)
    inner = inner and math.isfinite(bins["high"] - bins["low"])
    return {
        "psi": psi(r, c),
        "js": jensen_shannon(r, c),
        "tv": total_variation(r, c),
        "linf": largest_difference(r, c),
        "hellinger": hellinger(r, c),
        "ks": kolmogorov_smirnov(ref, cur) if ordered else None,
        "wasserstein": wasserstein(ends(dict(bins)), ref[1:-1], cur[1:-1]) if inner else None,
    }
