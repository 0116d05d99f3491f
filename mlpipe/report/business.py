"""What the model is worth, as the page and the terminal show it: amounts, rivals, customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.profit import profit_figure
from mlpipe.report.words import NOTHING, is_number, number, percent, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["business", "business_lines", "feedback", "money", "score"]

_KINDS = {
    "value": "acting from the threshold on",
    "top": "acting on the best-scored rows, as many as there is capacity for",
    "matrix": "by true and predicted class",
    "cost": "by the cost of a unit below and above the truth, below 0",
}
_ENDS = ("value", "low", "high")
_NAMES = {"nps": "Net Promoter Score", "csat": "satisfied customers"}


def money(value: Any, currency: Any = None, *, beside: Sequence[Any] = ()) -> str:
    """Write an amount with thousands separators, the currency as it was given.

    >>> money(1234.6, "EUR"), money(-12.345, "€"), money(0.0), money(None)
    ('1,235 EUR', '-12.35 €', '0', '–')
    >>> money(12.3, "EUR", beside=[1234.6])
    '12 EUR'

    Parameters
    ----------
    value : number or None
    currency : str or None
    beside : sequence
        Amounts that stand with it: where one is 100 or more, all are written whole.
    """
    if not is_number(value):
        return NOTHING
    whole = value == 0 or any(abs(each) >= 100 for each in (value, *beside) if is_number(each))
    amount = f"{value:,.0f}" if whole else f"{value:,.2f}"
    amount = "0" if amount == "-0" else amount
    return f"{amount} {currency}" if currency else amount


def score(row: Mapping[str, Any], kind: Any, end: str = "value") -> str:
    """Write what customers say: of nps one decimal, of csat percent."""
    value = row.get(end)
    if kind == "csat":
        return percent(value)
    return f"{value:,.1f}" if is_number(value) else NOTHING


def business(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each business metric with its parts side by side, policies and figure."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in rows_of(report.get("business")):
        groups.setdefault(str(entry.get("name")), []).append(entry)
    return [_metric(name, at, entries) for at, (name, entries) in enumerate(groups.items())]


def feedback(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each feedback metric on its first part, with the other parts under ``others``."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in rows_of(report.get("feedback")):
        groups.setdefault(str(entry.get("name")), []).append(_answers(entry))
    return [{**first, "others": others} for first, *others in groups.values()]


def business_lines(report: Mapping[str, Any]) -> list[str]:
    """Return a line or two a metric on its first part, for the terminal."""
    lines: list[str] = []
    for each in business(report):
        first = each["parts"][0]
        lines.append(
            f"{each['name']}: {first['per_1000']} a 1,000 predictions ({first['between']}), "
            f"{first['total']} in all on {first['part']}"
        )
        lines += [f"  {line}" for line in first["against"]]
    lines += [
        f"{row['name']}: {row['value']} ({row['between']}) on {row['part']}; "
        f"{row['answered']} of {row['customers']} customers answered"
        for row in feedback(report)
    ]
    return lines


def _metric(name: str, at: int, entries: list[dict[str, Any]]) -> dict[str, Any]:
    first = entries[0]
    currency = first.get("currency")
    names = [each.get("name") for each in rows_of(first.get("policies"))]
    return {
        "name": name,
        "currency": currency,
        "what": _what(first),
        "parts": [_part(each, currency) for each in entries],
        "policies": [_policy(each, entries, currency) for each in names],
        "figure": profit_figure(f"profit-{at}", entries),
    }


def _what(entry: Mapping[str, Any]) -> str:
    top = entry.get("top")
    if is_number(top):
        rows = f"{top:,} best-scored rows" if isinstance(top, int) else f"best {percent(top)}"
        return f"acting on the {rows}"
    return _KINDS.get(str(entry.get("kind")), "")


def _part(entry: Mapping[str, Any], currency: Any) -> dict[str, Any]:
    per, total = mapping_of(entry.get("per_1000")), mapping_of(entry.get("total"))
    unknown = entry.get("rows_without_value") or 0
    return {
        "part": text(entry.get("part")),
        "rows": number(entry.get("rows")),
        "without": number(unknown) if unknown else "",
        "per_1000": money(per.get("value"), currency, beside=list(per.values())),
        "between": _between(per),
        "total": money(total.get("value"), currency, beside=list(total.values())),
        "total_between": _between(total),
        "against": list(_against(entry, currency)),
    }


def _against(entry: Mapping[str, Any], currency: Any) -> Iterator[str]:
    """Say by how much the model is over what needs none, and over the champion."""
    policies = [each for each in rows_of(entry.get("policies")) if is_number(each.get("per_1000"))]
    naive = [each for each in policies if each.get("name") != "champion"]
    if naive:
        best = max(naive, key=lambda each: each["per_1000"])
        told = mapping_of(entry.get("uplift_per_1000"))
        yield f"{_over(told, currency)} over {text(best['name'])}, the best without a model"
    if isinstance(entry.get("over_champion_per_1000"), dict):
        yield f"{_over(entry['over_champion_per_1000'], currency)} over the champion"


def _over(told: Mapping[str, Any], currency: Any) -> str:
    value = told.get("value")
    sign = "+" if is_number(value) and value > 0 else ""
    amount = money(value, currency, beside=list(told.values()))
    return f"{sign}{amount} a 1,000 predictions ({_between(told)})"


def _policy(name: Any, entries: list[dict[str, Any]], currency: Any) -> dict[str, Any]:
    cells = []
    for entry in entries:
        here = [each for each in rows_of(entry.get("policies")) if each.get("name") == name]
        found = here[0] if here else {}
        cells += [money(found.get("per_1000"), currency), money(found.get("total"), currency)]
    return {"name": text(name), "cells": cells}


def _answers(entry: Mapping[str, Any]) -> dict[str, Any]:
    kind = entry.get("kind")
    groups = [
        {
            **_said(each, kind),
            "by": text(each.get("by")),
            "group": text(each.get("group")),
            "over": _gap(each.get("over_the_other"), kind),
        }
        for each in rows_of(entry.get("groups"))
    ]
    return {
        **_said(entry, kind),
        "name": text(entry.get("name")),
        "part": text(entry.get("part")),
        "kind": _NAMES.get(str(kind), text(kind)),
        "join": ", ".join(map(str, entry.get("join") or [])),
        "groups": groups,
        "read": mapping_of(entry.get("read")),
    }


def _said(row: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    low, high = (score(row, kind, end) for end in ("low", "high"))
    rate = mapping_of(row.get("response_rate"))
    return {
        "customers": number(row.get("customers")),
        "answered": number(row.get("answered")),
        "rate": percent(rate.get("value")),
        "value": score(row, kind),
        "between": NOTHING if NOTHING in (low, high) else f"{low} to {high}",
        "why": row.get("why") or "",
    }


def _gap(gap: Any, kind: Any) -> str:
    if not isinstance(gap, dict) or not is_number(gap.get("value")):
        return ""
    points = {end: 100 * gap[end] if kind == "csat" else gap[end] for end in _ENDS}
    value, low, high = (score(points, "nps", end) for end in _ENDS)
    return f"{value} points ({low} to {high})"


def _between(ends: Mapping[str, Any]) -> str:
    low, high = ends.get("low"), ends.get("high")
    if not is_number(low) or not is_number(high):
        return NOTHING
    lower, higher = (money(end, beside=list(ends.values())) for end in (low, high))
    return f"{lower} to {higher}"
