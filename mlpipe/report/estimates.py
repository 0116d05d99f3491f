"""Quality over the chunks on the page: estimated, realised, naive, and whether the loss rose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.words import is_number, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

__all__ = ["estimate_lines", "estimates"]

_SIZE = (6.4, 2.6)
_MOST_FIGURES = 4
_MOST_TICKS = 8

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
    estimate, decay = (_mapping(report.get(key)) for key in ("estimate", "decay"))
    quantities = _rows(estimate.get("quantities"))
    if not quantities and not is_number(decay.get("batches")):
        return {}
    naive = _naive(_mapping(report.get("quality")))
    outside = {row.get("chunk"): row.get("outside") for row in _rows(estimate.get("chunks"))}
    return {
        **estimate,
        "quantities": [
            _quantity(place, each, outside, naive) for place, each in enumerate(quantities)
        ],
        "columns_outside": _rows(estimate.get("outside")),
        "decay": {**decay, "words": _decay(decay)} if is_number(decay.get("batches")) else {},
    }


def estimate_lines(report: Mapping[str, Any]) -> list[str]:
    """Return what the terminal says: the latest estimate or truth of each metric."""
    lines = []
    estimate = _mapping(report.get("estimate"))
    for each in _rows(estimate.get("quantities")):
        chunks = _rows(each.get("chunks"))
        if each.get("kind") != "fairness" and chunks:
            lines.append(_line(str(estimate.get("method")), each, chunks[-1]))
        lines += [str(note) for note in each.get("notes") or []]
    shares = [row.get("outside") for row in _rows(estimate.get("chunks"))]
    if any(" estimated " in line for line in lines):
        beyond = f"; outside it: {percent(shares[-1])}" if shares else ""
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
    place: int, each: dict[str, Any], outside: dict[Any, Any], naive: dict[str, dict[Any, Any]]
) -> dict[str, Any]:
    chunks = [
        {
            **row,
            "realised": _mapping(row.get("realised")),
            "tone": _TONES.get(str(row.get("status")), row.get("status")),
            "outside": outside.get(row.get("chunk")),
        }
        for row in _rows(each.get("chunks"))
    ]
    beside = naive.get(str(each.get("name")), {})
    drawn = place < _MOST_FIGURES and len(chunks) > 1
    figure = _figure(place, {**each, "chunks": chunks, "naive": beside}) if drawn else None
    return {**each, "chunks": chunks, "figure": figure}


def _figure(place: int, quantity: dict[str, Any]) -> Any:
    from mlpipe.report.figures import svg

    caption = f"{quantity.get('name')} by period: estimated and realised"
    return svg(f"estimate-{place}", caption, _draw, quantity, None, _SIZE)


def _draw(axes: Axes, quantity: Any, _: float | None) -> None:
    from mlpipe.report.figures import ACCENT, MUTED, SECOND

    chunks = quantity["chunks"]
    labels = [str(row.get("chunk"))[:18] for row in chunks]
    told = [(at, row) for at, row in enumerate(chunks) if is_number(row.get("value"))]
    at = [place for place, _ in told]
    axes.plot(at, [row["value"] for _, row in told], color=ACCENT, marker=".", label="estimated")
    lows, highs = ([row[end] for _, row in told] for end in ("low", "high"))
    axes.fill_between(at, lows, highs, color=ACCENT, alpha=0.15, linewidth=0)
    known = [(at, row["realised"]) for at, row in enumerate(chunks)]
    known = [(at, row) for at, row in known if is_number(row.get("value"))]
    for place, row in known:
        axes.plot([place] * 2, [row["low"], row["high"]], color=SECOND, linewidth=1.2)
    places = [place for place, _ in known]
    if places:
        values = [row["value"] for _, row in known]
        axes.plot(places, values, "o", color=SECOND, markersize=5, label="realised")
    naive = [quantity["naive"].get(row.get("chunk")) for row in chunks]
    if any(is_number(value) for value in naive):
        shown = [value if is_number(value) else float("nan") for value in naive]
        axes.plot(shown, color=MUTED, linestyle=":", label="naive")
    was = _mapping(quantity.get("reference")).get("value")
    if is_number(was):
        axes.axhline(was, color=MUTED, linewidth=1, linestyle=(0, (4, 4)), label="at training")
    step = max(1, -(-len(labels) // _MOST_TICKS))
    axes.set_xticks(range(0, len(labels), step), labels[::step])
    axes.tick_params(labelsize=8)
    axes.legend(frameon=False, fontsize=7, ncols=4, loc="lower left", bbox_to_anchor=(0, 1))


def _decay(decay: dict[str, Any]) -> str:
    if decay.get("direction") not in ("up", "down"):
        return "no lasting change of the loss of the rows"
    word = "rose" if decay["direction"] == "up" else "fell"
    back = ", and came back" if decay.get("status") == "warn" else ""
    return (
        f"the {decay.get('loss')} {word} in {decay.get('since')}: {number(decay.get('reference'))} "
        f"at training, {number(decay.get('current'))} since{back}"
    )


def _naive(quality: dict[str, Any]) -> dict[str, dict[Any, Any]]:
    rows = _rows(quality.get("chunks"))
    return {str(quality.get("metric")): {row.get("chunk"): row.get("naive") for row in rows}}


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
