"""The four-fifths rule: the least chosen group at least 0.8 times as often as the most chosen.

From the Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4 D; here it is
the interval of the ratio that is judged, not the ratio alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.metrics.estimate import Estimate

__all__ = ["RULE", "four_fifths"]

RULE = 0.8


def four_fifths(
    ratio: Estimate | None, groups: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return the verdict on the rule, or None where groups have no decisions to compare.

    Parameters
    ----------
    ratio : Estimate or None
        `demographic_parity_ratio` of the groups.
    groups : sequence of mapping
        As reported, with their ``rates``.

    Returns
    -------
    dict
        ``value``, ``low``, ``high``, ``status`` (``pass``, ``fail`` or ``inconclusive``), ``why``,
        ``least`` and ``most``: the groups that the ratio is of.
    """
    if ratio is None:
        return None
    rows = [each for each in groups if each["status"] == "ok"]
    least, most = (
        end(rows, key=lambda each: each["rates"]["selection_rate"]["value"], default=None)
        for end in (min, max)
    )
    low, high, method = ratio.low, ratio.high, ratio.method
    if ratio.value == 0 and least and most:
        low, high, method = _of_none(least, most)
    status, why = _judged(ratio, low, high)
    return {
        "rule": RULE,
        "value": plain(ratio.value),
        "low": plain(low),
        "high": plain(high),
        "method": method,
        "status": status,
        "why": why,
        "least": least and least["group"],
        "most": most and most["group"],
    }


def _of_none(
    least: Mapping[str, Any], most: Mapping[str, Any]
) -> tuple[float | None, float | None, str]:
    """Return the interval where nobody of a group is chosen: it has no logarithm to draw.

    The most that its rate may be over the least that the other may be: wider than 95 %.
    """
    top, bottom = least["rates"]["selection_rate"]["high"], most["rates"]["selection_rate"]["low"]
    if top is None or not bottom:
        return None, None, ""
    return 0.0, min(1.0, top / bottom), most["rates"]["selection_rate"]["method"]


def _judged(ratio: Estimate, low: float | None, high: float | None) -> tuple[str, str]:
    if low is None or high is None:
        return "inconclusive", ratio.why
    if low >= RULE:
        return "pass", f"all of {low:.3g} to {high:.3g} is at least {RULE}"
    if high < RULE:
        return "fail", f"all of {low:.3g} to {high:.3g} is below {RULE}"
    return "inconclusive", f"{RULE} lies within {low:.3g} to {high:.3g}"
