"""The checks of a column as a whole: mean, quantiles, number of values, shares of categories.

All of them are exact, need no memory beyond a few counts (`distinct` apart), and come out the
same whatever the number of threads.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mlpipe.checks.column import check_of
from mlpipe.checks.column_words import Drift
from mlpipe.checks.typed import category, misfit, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlpipe.checks.asked import Range
    from mlpipe.checks.check import Check
    from mlpipe.checks.column import Of

__all__ = ["SPREAD_CHECKS"]

# A sum of floats depends on the order in which threads meet. Whole multiples of a unit 2^30
# times finer than the bound add up exactly; a value 2^32 times over the bound is none.
_FINER = 30


def _spread(of: Of, name: str, *, fails: str, key: str = "", **given: Any) -> Check:
    """Return a check that all rows pass or fail together."""
    return check_of(
        of,
        name,
        key=key,
        failing=f"CASE WHEN {fails} THEN greatest({of.over('count(*)')}, 1) ELSE 0 END",
        condition="",
        **given,
    )


def _within(bounds: Range) -> str:
    ends = {"at least": bounds.min, "at most": bounds.max}
    return " and ".join(f"{word} {end}" for word, end in ends.items() if end is not None)


def _outside(value: str, bounds: Range) -> str:
    """Return SQL: a number lies beyond the bounds; an unknown one does not."""
    sides = [f"{value} < {bounds.min!r}"] if bounds.min is not None else []
    sides += [f"{value} > {bounds.max!r}"] if bounds.max is not None else []
    return f"coalesce({' OR '.join(sides)}, false)"


def _mean(of: Of, wanted: Range) -> Iterator[Check]:
    if not of.kind.is_numeric() or of.kind.is_boolean():
        raise misfit("mean", of.kind, "numbers")
    there = of.over(f"count({of.name})")
    mean, too_large = f"{of.over(f'sum({of.name})')} / {there}", "false"
    if of.kind.is_floating():
        bounds = [abs(end) for end in (wanted.min, wanted.max) if isinstance(end, int | float)]
        scale = _FINER - math.frexp(max(bounds) or 1.0)[1]
        units = f"TRY_CAST({of.name}::DOUBLE * {2.0**scale!r}::DOUBLE AS BIGINT)"
        summed = of.over(f"count({units})")
        mean = f"{of.over(f'sum({units})')} / {summed} * {2.0**-scale!r}::DOUBLE"
        too_large = f"{summed} < {there}"
    yield _spread(
        of,
        "mean",
        fails=f"{too_large} OR {_outside(mean, wanted)}",
        expected=wanted.model_dump(exclude_none=True),
        observed=f"CASE WHEN {too_large} THEN NULL ELSE {mean} END",
        template="{column}: the mean is {observed}; expected " + _within(wanted),
    )


def _quantiles(of: Of, wanted: dict[str, Range]) -> Iterator[Check]:
    """Ask on which side of its bounds a quantile lies: two counts tell it exactly.

    The quantile of a share p is the smallest value with at least p of the values at or below
    it. It is below a bound where at least p of the values are, and above one where fewer than
    p of the values are at or below it.
    """
    if not (of.kind.is_numeric() or of.kind.is_temporal()) or of.kind.is_boolean():
        raise misfit("quantiles", of.kind, "numbers or dates")
    there = of.over(f"count({of.name})")
    for share, bounds in wanted.items():
        part, whole = Fraction(share).as_integer_ratio()
        sides, says = [], []
        if bounds.min is not None:
            below = of.over(f"count_if({of.name} < {typed(of.kind, bounds.min, 'quantiles')})")
            sides.append(f"{below} * {whole} >= {part} * {there}")
            says.append(f"below: {below} / {there}")
        if bounds.max is not None:
            above = of.over(f"count_if({of.name} > {typed(of.kind, bounds.max, 'quantiles')})")
            sides.append(f"({there} - {above}) * {whole} < {part} * {there}")
            says.append(f"above: {above} / {there}")
        yield _spread(
            of,
            "quantiles",
            key=f"quantiles.{share}",
            fails=f"{there} > 0 AND ({' OR '.join(sides)})",
            expected={share: bounds.model_dump(exclude_none=True)},
            observed="{" + ", ".join(says) + "}",
            template=f"{{column}}: the {share} quantile is not {_within(bounds)}; shares of the "
            "values beyond: {observed}",
        )


def _distinct(of: Of, wanted: Range) -> Iterator[Check]:
    values, what = of.over(f"count(DISTINCT {of.name})"), "there are {observed} different values"
    if isinstance(wanted.min, float) or isinstance(wanted.max, float):
        values = f"{values} / {of.over(f'count({of.name})')}"
        what = "the share of different values is {observed}"
    yield _spread(
        of,
        "distinct",
        fails=_outside(values, wanted),
        expected=wanted.model_dump(exclude_none=True),
        observed=values,
        template=f"{{column}}: {what}; expected {_within(wanted)}",
    )


def _shares(of: Of, wanted: dict[str, Range] | Drift) -> Iterator[Check]:
    there = of.over(f"count({of.name})")
    if isinstance(wanted, Drift):
        yield from _drift(of, wanted, there)
        return
    for name, bounds in wanted.items():
        value = category(of.kind, name, "shares")
        share = f"{of.over(f'count_if({of.name} = {value})')} / {there}"
        yield _share(of, name, share, bounds.model_dump(exclude_none=True), _outside(share, bounds))


def _drift(of: Of, wanted: Drift, there: str) -> Iterator[Check]:
    values = {name: category(of.kind, name, "shares") for name in wanted.expected}
    shares = {
        name: (f"{of.over(f'count_if({of.name} = {value})')} / {there}", wanted.expected[name])
        for name, value in values.items()
    }
    others = of.over(f"count_if({of.name} NOT IN ({', '.join(values.values())}))")
    rest = max(0.0, 1.0 - sum(wanted.expected.values()))
    for name, (share, expected) in {**shares, "": (f"{others} / {there}", rest)}.items():
        # A share that is off by as much as is allowed, but for the last bit, is not off by more.
        fails = f"coalesce(abs({share} - {expected!r}) > {wanted.change + 1e-12!r}, false)"
        yield _share(of, name, share, {"share": expected, "change": wanted.change}, fails)


def _share(of: Of, name: str, share: str, expected: dict[str, Any], fails: str) -> Check:
    named = f"'{name}'" if name else "all other values"
    wanted = ", ".join(f"{key} {end:.10g}" for key, end in expected.items())
    says = f"the share of {named} is ".replace("{", "{{").replace("}", "}}")
    return _spread(
        of,
        "shares",
        key=f"shares.{name}" if name else "shares",
        fails=fails,
        expected={name or "(others)": expected},
        observed=share,
        template="{column}: " + says + "{observed}; expected " + wanted,
    )


SPREAD_CHECKS: dict[str, Callable[[Of, Any], Iterator[Check]]] = {
    "mean": _mean,
    "quantiles": _quantiles,
    "distinct": _distinct,
    "shares": _shares,
}
"""The checks of a column as a whole by their name in the spec."""
