"""Describe how a column moved, for a reader: direction, size, the bins that moved most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.compare import MISSING, UNSEEN_VALUES
from mlpipe.monitor.distances import (
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    largest_difference,
    psi,
    total_variation,
    wasserstein,
)
from mlpipe.monitor.drift import unseen
from mlpipe.table.bins import ends, labels, quantile, spread
from mlpipe.table.tally import moments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.compare import Finding

__all__ = ["describe"]

MOST_MOVED = 3
"""How many bins the report names."""
_DISTANCES = ("psi", "js", "tv", "linf", "hellinger", "ks", "wasserstein")


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
        JSON-safe. ``picture`` has the shares of all bins, missing values included.
    """
    column = finding.column
    bins = reference["bins"][column]
    aspect = _shown_aspect(finding, reference["columns"][column]["counts"])
    sides = (reference, current)
    ref, cur = (each["columns"][column]["counts"][aspect] for each in sides)
    own = bins if "values" in bins else bins["aspects"][aspect]
    strongest = finding.tests[0] if finding.tests else None
    picture = _picture(labels(aspect, own), reference, current, column, aspect)
    movement = _movement(own, (ref, cur), [each["columns"][column] for each in sides], aspect)
    most = _most_moved(picture)
    tested = strongest.aspect if strongest else aspect
    apart = {
        "missing": {
            "reference": _share(reference["columns"][column]["nulls"], reference["rows"]),
            "current": _share(current["columns"][column]["nulls"], current["rows"]),
        },
        "unseen": _unseen(bins, cur),
    }
    return {
        "column": column,
        "kind": bins["kind"],
        "aspect": tested,
        "status": finding.status,
        "effect": finding.effect,
        "p": finding.p("warn"),
        "q": finding.q_warn,
        "p_alert": finding.p("alert"),
        "q_alert": finding.q_alert,
        "dispersion": strongest.dispersion if strongest else None,
        **movement,
        **_distances(own, ref, cur),
        **apart,
        "bins": most,
        "words": _words(tested, apart, movement, most),
        "picture": picture,
    }


def _shown_aspect(finding: Finding, counts: Mapping[str, Any]) -> str:
    """Show the distribution with the strongest evidence; missing and unseen have numbers."""
    tested = [test.aspect for test in finding.tests if test.aspect in counts]
    return tested[0] if tested else next(iter(counts))


def _movement(
    bins: dict[str, Any],
    counts: Sequence[Sequence[int]],
    sums: Sequence[Mapping[str, Any]],
    aspect: str,
) -> dict[str, Any]:
    """Return direction and shift: of the median, in interquartile ranges of the reference."""
    nothing = {"direction": None, "shift": None, "mean": None}
    if "values" in bins or aspect in ("weekday", "hour"):
        return nothing
    before, after = (quantile(0.5, bins, each) for each in counts)
    if before is None or after is None:
        return nothing
    width = spread(bins, counts[0])
    means = [_mean(bins, each["moments"][aspect]) for each in sums]
    return {
        "direction": "up" if after > before else "down" if after < before else None,
        "shift": (after - before) / width if width else None,
        "mean": {"reference": means[0], "current": means[1]},
    }


def _mean(bins: dict[str, Any], sums: Sequence[int]) -> float | None:
    mean, _ = moments(bins, sums)
    return mean


def _distances(
    bins: dict[str, Any], ref: Sequence[int], cur: Sequence[int]
) -> dict[str, float | None]:
    """Return the distances that people know; they decide nothing."""
    if not sum(ref) or not sum(cur):
        return dict.fromkeys(_DISTANCES)
    kept = [at for at, both in enumerate(zip(ref, cur, strict=True)) if both != (0, 0)]
    r, c = [ref[at] for at in kept], [cur[at] for at in kept]
    ordered = "edges" in bins
    finite = [sum(counts[1:-1]) > 0 for counts in (ref, cur)]
    inner = ordered and bins["low"] is not None and all(finite)
    return {
        "psi": psi(r, c),
        "js": jensen_shannon(r, c),
        "tv": total_variation(r, c),
        "linf": largest_difference(r, c),
        "hellinger": hellinger(r, c),
        "ks": kolmogorov_smirnov(ref, cur) if ordered else None,
        "wasserstein": wasserstein(ends(bins), ref[1:-1], cur[1:-1]) if inner else None,
    }


def _unseen(bins: Mapping[str, Any], cur: Sequence[int]) -> dict[str, Any] | None:
    if "values" not in bins or not sum(cur):
        return None
    _, allowed = unseen(cur[-1], sum(cur), bins["seen"])
    return {"share": cur[-1] / sum(cur), "allowed": allowed}


def _picture(
    names: Sequence[str],
    reference: Mapping[str, Any],
    current: Mapping[str, Any],
    column: str,
    aspect: str,
) -> dict[str, list[Any]]:
    """Return the shares of every bin that has a row in either, and of missing values."""
    shares = []
    for each in (reference, current):
        counted = each["columns"][column]
        whole = [*counted["counts"][aspect], counted["nulls"]]
        shares.append([_share(count, sum(whole)) for count in whole])
    rows = zip([*names, f"({MISSING})"], *shares, strict=True)
    kept = [row for row in rows if row[1] or row[2]]
    return {
        "labels": [row[0] for row in kept],
        "reference": [row[1] for row in kept],
        "current": [row[2] for row in kept],
    }


def _most_moved(picture: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    rows = zip(picture["labels"], picture["reference"], picture["current"], strict=True)
    ranked = sorted(rows, key=lambda row: -abs(row[2] - row[1]))
    return [
        {"bin": label, "reference": before, "current": after}
        for label, before, after in ranked[:MOST_MOVED]
        if before != after
    ]


def _share(count: int, rows: int) -> float:
    return count / rows if rows else 0.0


def _words(
    aspect: str,
    apart: Mapping[str, Any],
    movement: Mapping[str, Any],
    bins: Sequence[Mapping[str, Any]],
) -> str:
    """Say it in one line: ``median up 0.4 IQR; '> 3': 10.2% → 19.8%``."""
    if aspect == MISSING:
        missing = apart["missing"]
        return f"missing: {missing['reference']:.1%} → {missing['current']:.1%}"
    if aspect == UNSEEN_VALUES:
        unseen = apart["unseen"]
        return f"never seen values: {unseen['share']:.1%}, expected at most {unseen['allowed']:.1%}"
    said = []
    if movement["direction"]:
        size = "" if movement["shift"] is None else f" {abs(movement['shift']):.2g} IQR"
        said.append(f"median {movement['direction']}{size}")
    if bins:
        said.append(f"'{bins[0]['bin']}': {bins[0]['reference']:.1%} → {bins[0]['current']:.1%}")
    return "; ".join(said)
