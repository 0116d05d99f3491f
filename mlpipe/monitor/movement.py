"""What one test found, for a reader: which way it went, how far, and where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.distances import total_variation
from mlpipe.monitor.drift import unseen
from mlpipe.monitor.sides import APART, BOUNDS, FRESHNESS, INFINITE, MISSING, UNSEEN_VALUES
from mlpipe.table.aspects import CYCLIC, VALUE
from mlpipe.table.bins import labels, quantile, spread
from mlpipe.table.tally import moments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.sides import Sides

__all__ = ["moved_most", "movement", "picture", "unseen_share"]

MOST_MOVED = 3
"""How many bins the report names."""

_SMALL, _WIDER = 0.1, 1.25
_UNITLESS = {
    "direction": None,
    "shift": None,
    "size": None,
    "unit": None,
    "mean": None,
    "spread": None,
}
_NOUNS = {
    VALUE: "median",
    "length": "median length",
    "tokens": "median number of words",
    "unknown": "median share of unknown words",
    "digits": "median share of digits",
    "capitals": "median share of capitals",
    "symbols": "median share of symbols",
}
_SHARES = {
    MISSING: "missing",
    INFINITE: "infinite",
    UNSEEN_VALUES: "never seen values",
    BOUNDS: "dates beyond those of training",
    FRESHNESS: "dates as new as the newest tenth of training",
}


def movement(sides: Sides, aspect: str) -> dict[str, Any]:
    """Return how an aspect moved.

    Parameters
    ----------
    sides : Sides
    aspect : str
        Of a test.

    Returns
    -------
    dict
        ``direction`` (up, down or None), ``shift`` (of the median, in interquartile ranges of
        the reference), ``size`` with its ``unit``: the shift in IQR, else the share of rows that
        moved; ``mean`` and ``spread`` of numbers; ``bins`` that moved most and ``words``.
    """
    if aspect in APART:
        return _share_apart(sides, aspect)
    most = moved_most(picture(sides, aspect))
    found = _of_numbers(sides, aspect) if _is_ordered(sides, aspect) else _of_bins(sides, aspect)
    if not found["direction"] and most:
        found["direction"] = "up" if most[0]["current"] > most[0]["reference"] else "down"
    return {**found, "bins": most, "words": _words(aspect, found, most)}


def picture(sides: Sides, aspect: str) -> dict[str, list[Any]]:
    """Return the shares of every bin that has a row in either, and of missing values."""
    names = [*labels(aspect, _bins(sides, aspect)), f"({MISSING})"]
    before, after = (
        _shares([*side["counts"][aspect], side["nulls"]])
        for side in (sides.reference, sides.current)
    )
    kept = [row for row in zip(names, before, after, strict=True) if row[1] or row[2]]
    return {
        "labels": [row[0] for row in kept],
        "reference": [row[1] for row in kept],
        "current": [row[2] for row in kept],
    }


def moved_most(drawn: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Return the bins of a picture whose shares moved most, the first most."""
    rows = zip(drawn["labels"], drawn["reference"], drawn["current"], strict=True)
    ranked = sorted(rows, key=lambda row: -abs(row[2] - row[1]))
    return [
        {"bin": label, "reference": before, "current": after}
        for label, before, after in ranked[:MOST_MOVED]
        if before != after
    ]


def unseen_share(sides: Sides) -> dict[str, Any] | None:
    """Return the share of never seen values and what is allowed; None where it is not known."""
    if not sides.by_value:
        return None
    counts = sides.current["counts"][VALUE]
    if not sum(counts):
        return None
    _, allowed = unseen(counts[-1], sum(counts), sides.bins["seen"])
    return {"share": counts[-1] / sum(counts), "allowed": allowed}


def _is_ordered(sides: Sides, aspect: str) -> bool:
    return not sides.by_value and aspect not in CYCLIC


def _bins(sides: Sides, aspect: str) -> dict[str, Any]:
    own = sides.bins if sides.by_value else sides.bins["aspects"][aspect]
    return dict(own)


def _shares(counts: Sequence[int]) -> list[float]:
    rows = sum(counts)
    return [count / rows if rows else 0.0 for count in counts]


def _share_apart(sides: Sides, aspect: str) -> dict[str, Any]:
    """Describe a share that is tested apart."""
    before, after = _two_shares(sides, aspect)
    words = f"{_SHARES[aspect]}: {before:.1%} → {after:.1%}"
    if aspect == UNSEEN_VALUES and (found := unseen_share(sides)):
        words = f"{_SHARES[aspect]}: {after:.1%}, expected at most {found['allowed']:.1%}"
    return {
        **_UNITLESS,
        "direction": "up" if after > before else "down" if after < before else None,
        "size": abs(after - before),
        "unit": "share",
        "bins": [],
        "words": words,
    }


def _two_shares(sides: Sides, aspect: str) -> tuple[float, float]:
    if aspect in (UNSEEN_VALUES, BOUNDS):
        counts = sides.current["counts"].get(VALUE, [0])
        count, present = (
            (counts[-1], sum(counts)) if aspect == UNSEEN_VALUES else sides.out_of_bounds()
        )
        return 0.0, count / present if present else 0.0
    if aspect == FRESHNESS:
        both = [sides.fresh(side) for side in (sides.reference, sides.current)]
    else:
        counted = sides.missing() if aspect == MISSING else sides.infinite()
        both = [(counted[at][0], counted[at][1]) for at in (0, 1)]
    before, after = (one / (one + other) if one + other else 0.0 for one, other in both)
    return before, after


def _of_bins(sides: Sides, aspect: str) -> dict[str, Any]:
    """Describe values without an order: how many rows would have to change."""
    ref, cur, *_ = sides.counts(aspect)
    moved = total_variation(ref, cur) if sum(ref) and sum(cur) else None
    return {**_UNITLESS, "size": moved, "unit": "share"}


def _of_numbers(sides: Sides, aspect: str) -> dict[str, Any]:
    """Describe numbers: how far the median went, and how wide they are."""
    bins = _bins(sides, aspect)
    both = sides.counts(aspect)[:2]
    before, after = (quantile(0.5, bins, counts) for counts in both)
    if before is None or after is None:
        return dict(_UNITLESS)
    widths = [_width(bins, counts) for counts in both]
    shift = after / widths[0] - before / widths[0] if widths[0] else None
    means = [moments(bins, side["moments"][aspect])[0] for side in (sides.reference, sides.current)]
    return {
        "direction": _direction(shift, means) or _direction(after - before, ()),
        "shift": shift,
        "size": None if shift is None else abs(shift),
        "unit": "IQR",
        "mean": {"reference": means[0], "current": means[1]},
        "spread": {"reference": widths[0], "current": widths[1]},
    }


def _width(bins: dict[str, Any], counts: Sequence[int]) -> float | None:
    """Return the interquartile range; None where there is none that is a float.

    A bin of one value has the width of a rounding error, which is none.
    """
    found = spread(bins, counts)
    least = 1e-9 * max(abs(bins["low"]), abs(bins["high"]))
    if found is None or not math.isfinite(found):
        return None
    return found if found > least else 0.0


def _direction(shift: float | None, means: Sequence[float | None]) -> str | None:
    """Return which way the median went, or the mean where the median hardly moved."""
    if shift is None or abs(shift) < _SMALL:
        known = [mean for mean in means if mean is not None]
        shift = known[1] - known[0] if len(known) > 1 else None if means else shift
    return None if not shift else "up" if shift > 0 else "down"


def _words(aspect: str, found: Mapping[str, Any], most: Sequence[Mapping[str, Any]]) -> str:
    """Say it in one line: ``median up 0.4 IQR; '> 3': 10.2% → 19.8%``."""
    said = []
    shift, noun = found["shift"], _NOUNS.get(aspect)
    if noun and shift and abs(shift) >= _SMALL:
        said.append(f"{noun} {found['direction']} {abs(shift):.2g} IQR")
    elif noun and (ratio := _wider(found["spread"])):
        said.append(f"spread {'up' if ratio > 1 else 'down'} to {ratio:.2g} times")
    elif noun and found["mean"] and found["direction"]:
        said.append(f"{noun.replace('median', 'mean')} {found['direction']}")
    if most:
        said.append(f"'{most[0]['bin']}': {most[0]['reference']:.1%} → {most[0]['current']:.1%}")
    whole = "; ".join(said)
    return whole if noun or aspect == VALUE else f"{aspect} {whole}"


def _wider(widths: Mapping[str, float | None] | None) -> float | None:
    """Return how many times as wide numbers are, where that is worth a word."""
    if not widths or not widths["reference"] or not widths["current"]:
        return None
    ratio = widths["current"] / widths["reference"]
    return ratio if not 1 / _WIDER < ratio < _WIDER else None
