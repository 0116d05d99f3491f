"""The figures of the page as inline SVG: same points, same bytes, in the colours of the page."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup
    from matplotlib.axes import Axes

__all__ = ["ACCENT", "INK", "LINE", "MUTED", "SECOND", "figures", "svg"]

INK, MUTED, LINE, ACCENT, SECOND = "#101112", "#707172", "#d0d1d2", "#1070d0", "#d06010"
"""Stand-ins that become the colours of the page, which knows whether it is dark."""

_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    ACCENT: "--accent",
    SECOND: "--second",
}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "text.parse_math": False,  # a label may hold dollars
    "font.size": 9,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "lines.linewidth": 1.8,
}
_MOST_CLASSES = 12
_LONGEST_LABEL = 18


def figures(
    points: dict[str, Any], threshold: float | None = None, *, of: str = ""
) -> list[dict[str, Any]]:
    """Draw every figure that there are points for.

    Parameters
    ----------
    points : dict
        ``figures`` of the report of evaluate: roc, precision_recall, calibration, confusion,
        residuals, predicted.
    threshold : float or None
        Marked on the curves.
    of : str
        Sets the names inside apart where a page has the same figure of several runs.

    Returns
    -------
    list of dict
        ``name``, ``caption`` and ``svg``, ready to be put into HTML.
    """
    return [
        {"name": name, "caption": caption, "svg": drawn}
        for name, (caption, draw) in _FIGURES.items()
        if points.get(name)
        and (drawn := svg(f"{name}{of}", caption, draw, points[name], threshold))
    ]


def svg(
    name: str,
    caption: str,
    draw: Callable[[Axes, Any, float | None], None],
    points: Any,
    threshold: float | None,
    size: tuple[float, float] = (4.2, 3.4),
) -> Markup | None:
    """Draw one figure, its size in inches; None where its points are not what it takes."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    settings = {**_SETTINGS, "svg.hashsalt": name}
    with rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the browser has its own fonts
        figure = Figure(figsize=size, layout="constrained")
        try:
            draw(figure.add_subplot(), points, threshold)
        except (KeyError, TypeError, ValueError, IndexError):
            return None
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return _inline(out.getvalue(), caption)


def _inline(svg: str, caption: str) -> Markup:
    """Make the SVG part of a page: no prologue, metadata, address, style or fixed size."""
    from markupsafe import Markup, escape

    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # it would style the whole page
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    used = set(re.findall(r'#([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    view_box = re.search(r'viewBox="[\d. ]+"', svg)
    head = f'<svg {view_box[0] if view_box else ""} role="img" aria-label="{escape(caption)}">'
    # matplotlib escapes the text that it writes, so what is left is markup of its own.
    return Markup(re.sub(r"<svg [^>]*>", lambda _: head, svg, count=1))  # noqa: S704


def _roc(axes: Axes, points: Any, threshold: float | None) -> None:
    fpr, tpr = points["fpr"], points["tpr"]
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 4)))
    axes.fill_between(fpr, tpr, color=ACCENT, alpha=0.12, linewidth=0)
    axes.plot(fpr, tpr, color=ACCENT)
    _mark(axes, points, (fpr, tpr), threshold, (0.98, 0.04))
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))


def _precision_recall(axes: Axes, points: Any, threshold: float | None) -> None:
    recall, precision = points["recall"], points["precision"]
    axes.fill_between(recall, precision, color=ACCENT, alpha=0.12, linewidth=0)
    axes.plot(recall, precision, color=ACCENT)
    base = precision[-1]  # with everybody chosen, precision is the share of positives
    axes.axhline(base, color=MUTED, linewidth=1, linestyle=(0, (4, 4)))
    axes.annotate("chosen at random", (0, base), ha="left", va="bottom", color=MUTED, size=8)
    _mark(axes, points, (recall, precision), threshold, (0.98, 0.95))
    axes.set(xlabel="recall", ylabel="precision", xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))


def _mark(
    axes: Axes,
    points: Any,
    at: tuple[Any, Any],
    threshold: float | None,
    corner: tuple[float, float],
) -> None:
    """Mark the point of the curve whose threshold is the nearest to the model's."""
    thresholds = points.get("threshold") or []
    if threshold is None or len(thresholds) != len(at[0]):
        return
    place = min(range(len(thresholds)), key=lambda i: abs(thresholds[i] - threshold))
    axes.plot(at[0][place], at[1][place], "o", color=SECOND, markersize=6)
    axes.annotate(f"● threshold {threshold:.3g}", corner, ha="right", color=SECOND, size=8)


def _calibration(axes: Axes, points: Any, _: float | None) -> None:
    score, positive = ([each[key] for each in points] for key in ("score", "positive"))
    low = [max(each["positive"] - each["low"], 0) for each in points]
    high = [max(each["high"] - each["positive"], 0) for each in points]
    end = max([*score, *(each["high"] for each in points)]) * 1.05
    axes.plot([0, end], [0, end], color=MUTED, linewidth=1, linestyle=(0, (4, 4)))
    axes.errorbar(score, positive, yerr=[low, high], color=ACCENT, marker="o", markersize=4,
                  elinewidth=1.2, linewidth=1)  # fmt: skip
    axes.set(xlabel="mean score of the bin", ylabel="share of positives")
    axes.set(xlim=(-0.02 * end, end), ylim=(-0.02 * end, end))


def _confusion(axes: Axes, points: Any, _: float | None) -> None:
    """Shade each cell by its share of the true class."""
    labels, matrix = [_short(name) for name in points["labels"]], points["matrix"]
    size = len(matrix)
    if size > _MOST_CLASSES:
        raise ValueError(size)
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            share = count / (sum(counts) or 1)
            axes.fill_between([column - 0.47, column + 0.47], row - 0.47, row + 0.47,
                              color=ACCENT, alpha=0.06 + 0.5 * share, linewidth=0)  # fmt: skip
            axes.annotate(f"{count:,}", (column, row - 0.04), ha="center", va="bottom", size=10)
            axes.annotate(f"{share:.0%}", (column, row + 0.06), ha="center", va="top", size=8,
                          color=INK, alpha=0.75)  # fmt: skip
    axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), xlabel="predicted", ylabel="true")
    turned: dict[str, Any] = (
        {"rotation": 30, "ha": "right"} if max(map(len, labels)) * size > 36 else {}
    )
    axes.set_xticks(range(size), labels, **turned)
    axes.set_yticks(range(size), labels)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _short(label: Any) -> str:
    text = str(label)
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _residuals(axes: Axes, points: Any, _: float | None) -> None:
    axes.stairs(points["counts"], points["edges"], fill=True, color=ACCENT, alpha=0.35)
    axes.stairs(points["counts"], points["edges"], color=ACCENT, linewidth=1)
    axes.axvline(0, color=MUTED, linewidth=1, linestyle=(0, (4, 4)))
    axes.set(xlabel="predicted − actual", ylabel="rows")
    axes.grid(visible=False, axis="x")


def _predicted(axes: Axes, points: Any, _: float | None) -> None:
    actual, predicted = points["actual"], points["predicted"]
    ends = [min([*actual, *predicted]), max([*actual, *predicted])]
    axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle=(0, (4, 4)))
    axes.plot(actual, predicted, ".", color=ACCENT, alpha=0.45, markersize=5, markeredgewidth=0)
    axes.set(xlabel="actual", ylabel="predicted")


_FIGURES: dict[str, tuple[str, Callable[[Axes, Any, float | None], None]]] = {
    "roc": ("ROC curve", _roc),
    "precision_recall": ("Precision and recall", _precision_recall),
    "calibration": ("Calibration", _calibration),
    "confusion": ("Confusion, with the share of each true class", _confusion),
    "predicted": ("Predicted against actual", _predicted),
    "residuals": ("Residuals", _residuals),
}
