"""The entries of the report: what each business metric is worth on each part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.business.answers import Answers, Joined, answers_of, feedback_entry
from mlpipe.evaluate.business.curve import profit_curve
from mlpipe.evaluate.business.worth import Setting, Worth, worth_of
from mlpipe.metrics.arrays import total
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.evaluate.business.policies import Policy
    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.business import Business
    from mlpipe.metrics.estimate import Estimate

__all__ = ["business_report", "worths"]


def worths(
    business: Mapping[str, Business], setting: Setting, feedback: Mapping[str, Joined]
) -> dict[str, Worth | Answers]:
    """Return what the rows of a part are worth, and what their customers say, by metric."""
    return {
        name: answers_of(each.feedback, feedback[name], setting.frame)
        if each.feedback is not None
        else worth_of(name, each, setting)
        for name, each in business.items()
    }


def business_report(
    business: Mapping[str, Business],
    parts: Mapping[str, Judged],
    feedback: Mapping[str, Joined],
    measures: Measures,
    *,
    classes: Sequence[Any],
    threshold: float | None,
) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Return ``business`` and ``feedback`` of the report, with warnings.

    Parameters
    ----------
    business : mapping of str to Business
    parts : mapping of str to Judged
    feedback : mapping of str to Joined
        What was read for each metric of feedback.
    measures : Measures
    classes : sequence
        In the order of their codes.
    threshold : float or None
        The model's own, marked on profit curves.
    """
    money: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    warnings = [f"{name}: {line}" for name, each in feedback.items() for line in each.warnings]
    for name, spec in business.items():
        for judged in parts.values():
            worth = judged.worth[name]
            if isinstance(worth, Answers):
                entry, lines = feedback_entry(
                    name, judged.part, worth, feedback[name], judged.outcomes, classes,
                    seed=measures.stream(judged.part), times=measures.times,
                )  # fmt: skip
                said.append(entry)
            else:
                entry, lines = _worth_entry(name, spec, judged, worth, measures, threshold)
                money.append(entry)
            warnings += lines
    return {"business": money, "feedback": said}, warnings


def _worth_entry(
    name: str,
    spec: Business,
    judged: Judged,
    worth: Worth,
    measures: Measures,
    threshold: float | None,
) -> tuple[dict[str, Any], list[str]]:
    """Return a business metric over the rows of a part, with warnings.

    Rows whose value a null leaves unknown are counted and left out of the sums.
    """
    import numpy as np

    told = judged.outcomes
    weight = np.ones(len(told)) if told.weight is None else told.weight
    rows = float(weight[worth.known].sum())
    found = measures.worth(name, judged, judged.part)
    unknown = int((~worth.known).sum())
    policies = _policies(worth, weight)
    over = found.get("over_champion")
    report = {
        "name": name,
        "part": judged.part,
        "kind": spec.kind,
        "currency": spec.currency,
        "rows": int(worth.known.sum()),
        "rows_without_value": unknown,
        **({"top": spec.top} if spec.top is not None else {}),
        "total": _of(found["value"], rows / 1000),
        "per_1000": _of(found["value"], 1.0),
        "uplift": _of(found["over_baseline"], rows / 1000),
        "uplift_per_1000": _of(found["over_baseline"], 1.0),
        "over_champion": None if over is None else _of(over, rows / 1000),
        "over_champion_per_1000": None if over is None else _of(over, 1.0),
        "policies": policies,
        **_constant_policies(worth, weight),
        "curve": profit_curve(worth, told, threshold) if spec.top is None else None,
    }
    return report, _warnings(report, spec, judged.part)


def _policies(worth: Worth, weight: Array) -> list[dict[str, Any]]:
    """Return what else could have been done, and what that would have been worth."""
    inside = worth.take(worth.known)
    others: dict[str, Policy] = dict(inside.naive)
    if inside.champion is not None:
        others["champion"] = inside.champion
    weight = weight[worth.known]
    return [
        {
            "name": name,
            "total": plain(float(each.totals(weight))),
            "per_1000": plain(float(Worth.per_1000(each, weight))),
        }
        for name, each in others.items()
    ]


def _constant_policies(worth: Worth, weight: Array) -> dict[str, float | None]:
    """Return the total of acting on all rows, and on none; of two classes alone."""
    if worth.sides is None:
        return {}
    known = worth.known
    acted, left = (total(weight[known], side[known]) for side in worth.sides)
    return {"act_on_all": plain(float(acted)), "act_on_none": plain(float(left))}


def _warnings(report: Mapping[str, Any], spec: Business, part: str) -> list[str]:
    name, unknown, top = report["name"], report["rows_without_value"], spec.top
    found = []
    if unknown:
        why = "a null, a division by 0, or 1e15 and more"
        found.append(f"{name}: {unknown} rows of {part} have no value ({why})")
    if isinstance(top, int) and top > report["rows"]:
        found.append(f"{name}: {part} has {report['rows']:,} rows only, fewer than top: {top:,}")
    return found


def _of(estimate: Estimate, times: float) -> dict[str, float | None]:
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {end: None if value is None else plain(value * times) for end, value in ends.items()}
