"""Quality over the chunks on the page: estimated, realised, naive, and whether the loss rose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.panel import Chunks, Series
from mlpipe.report.timeline import drawn
from mlpipe.report.words import is_number, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["decay_words", "estimate_lines", "estimates"]

_MOST_FIGURES = 12

_TONES = {
    "replaced": "ok",
    "contradicted": "alert",
    "untrusted": "warn",
    "unjudged": "insufficient",
}
"""The pill of what a chunk says of its estimate."""


def estimates(report: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of the section; empty where nothing was watched.

    Parameters
    ----------
    report : dict
        Of monitor: ``quality``, ``estimate`` and ``decay``.
    """
    estimate, decay = (mapping_of(report.get(key)) for key in ("estimate", "decay"))
    quantities = rows_of(estimate.get("quantities"))
    if not quantities and not is_number(decay.get("batches")):
        return {}
    naive = _naive(mapping_of(report.get("quality")))
    where = {row.get("chunk"): row for row in rows_of(estimate.get("chunks"))}
    shown = [_quantity(place, each, where, naive) for place, each in enumerate(quantities)]
    wanted = [
        each for each in shown if each.get("kind") == "metric" or each.get("status") == "warn"
    ]
    return {
        **estimate,
        "quantities": shown,
        "open": wanted,
        "folded": [each for each in shown if each not in wanted],
        "columns_outside": rows_of(estimate.get("outside")),
        "joint": any(is_number(row.get("apart")) for row in where.values()),
        "decay": {**decay, "words": decay_words(decay)} if is_number(decay.get("batches")) else {},
    }


def estimate_lines(report: Mapping[str, Any]) -> list[str]:
    """Return what the terminal says: the latest estimate or truth of each metric."""
    lines = []
    estimate = mapping_of(report.get("estimate"))
    for each in rows_of(estimate.get("quantities")):
        chunks = rows_of(each.get("chunks"))
        if each.get("kind") != "fairness" and chunks:
            lines.append(_line(str(estimate.get("method")), each, chunks[-1]))
        lines += [str(note) for note in each.get("notes") or []]
    chunks = rows_of(estimate.get("chunks"))
    shares, apart = ([row.get(key) for row in chunks] for key in ("outside", "apart"))
    if any(" estimated " in line for line in lines):
        beyond = f"; outside it: {percent(shares[-1])}" if shares else ""
        if beyond and is_number(apart[-1]):
            beyond += f"; values that were never together: {percent(apart[-1])}"
        lines.append(
            f"estimates assume no concept drift, and rows inside the reference's support{beyond}"
        )
    return lines


def _line(method: str, quantity: dict[str, Any], last: dict[str, Any]) -> str:
    name, chunk = quantity.get("name"), last.get("chunk")
    realised = last.get("realised")
    if isinstance(realised, dict):
        was = number(realised.get("expected"))
        return (
            f"quality  {name} of {chunk}: {number(realised.get('value'))} realised, {was} expected"
        )
    ends = f"{number(last.get('low'))} to {number(last.get('high'))}"
    doubt = ", not trusted" if last.get("status") == "untrusted" else ""
    value = number(last.get("value"))
    return f"quality  {name} of {chunk}: estimated {value} ({ends}), {method}{doubt}"


def _quantity(
    place: int,
    each: dict[str, Any],
    where: dict[Any, dict[str, Any]],
    naive: dict[str, dict[Any, Any]],
) -> dict[str, Any]:
    chunks = [
        {
            **row,
            "realised": mapping_of(row.get("realised")),
            "tone": _tone(row),
            **{key: where.get(row.get("chunk"), {}).get(key) for key in ("outside", "apart")},
        }
        for row in rows_of(each.get("chunks"))
    ]
    beside = naive.get(str(each.get("name")), {})
    wanted = place < _MOST_FIGURES and len(chunks) > 1
    figure = _figure({**each, "chunks": chunks, "naive": beside}) if wanted else None
    return {**each, "chunks": chunks, "figure": figure}


def _tone(row: dict[str, Any]) -> Any:
    """Return the pill of a chunk; a truth that is better than expected is no alarm."""
    if row.get("status") == "contradicted" and row.get("alone") == "ok":
        return "warn"
    return _TONES.get(str(row.get("status")), row.get("status"))


def _figure(quantity: dict[str, Any]) -> dict[str, Any] | None:
    """Draw the estimate as a dashed line, what was realised as points, and the naive model."""
    rows = quantity["chunks"]
    labels = tuple(str(row.get("chunk")) for row in rows)
    estimated = tuple({key: row.get(key) for key in ("value", "low", "high")} for row in rows)
    realised = tuple({**row["realised"], "status": row["tone"]} for row in rows)
    series = [Series("estimated", "dashed", estimated)]
    naive = tuple({"value": quantity["naive"].get(row.get("chunk"))} for row in rows)
    if any(is_number(row["value"]) for row in naive):
        series.append(Series("naive", "dotted", naive))
    chunks = Chunks(labels, (True,) * len(labels))
    name, reference = str(quantity.get("name")), mapping_of(quantity.get("reference"))
    found = drawn(name, chunks, [*series, Series("realised", "points", realised)], reference)
    return found and {**found, "unit": quantity.get("unit")}


def decay_words(decay: Mapping[str, Any]) -> str:
    """Say whether the loss of the rows changed for good, since when and by how much."""
    if decay.get("direction") not in ("up", "down"):
        return "no lasting change of the loss of the rows"
    word = "rose" if decay["direction"] == "up" else "fell"
    back = ", and came back" if decay.get("status") == "warn" else ""
    return (
        f"the {decay.get('loss')} {word} in {decay.get('since')}: {number(decay.get('reference'))} "
        f"at training, {number(decay.get('current'))} since{back}"
    )


def _naive(quality: dict[str, Any]) -> dict[str, dict[Any, Any]]:
    rows = rows_of(quality.get("chunks"))
    return {str(quality.get("metric")): {row.get("chunk"): row.get("naive") for row in rows}}
