"""The figures of how predictions follow a column, small, with how the data lies beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["curve_figures"]

_SIZE = (3.4, 2.4)
_ROOM = 0.2
"""Of the height, for the bars that show how many rows there are."""

_LONGEST = 12


def curve_figures(curves: list[dict[str, Any]], part: Any) -> list[dict[str, Any]]:
    """Draw a figure for each curve of the report of explain; matplotlib loads only for some.

    Returns
    -------
    list of dict
        ``column`` and ``svg``, ready to be put into HTML.
    """
    if not curves:
        return []
    from mlpipe.report.figures import svg

    found = []
    for number, each in enumerate(curves):
        column = str(each.get("column"))
        caption = f"predictions over {column}, on {part}"
        drawn = svg(f"curve-{number}", caption, _draw, each, None, _SIZE)
        if drawn:
            found.append({"column": column, "svg": drawn})
    return found


def _draw(axes: Axes, points: Any, _: float | None) -> None:
    levels = points["kind"] in ("category", "boolean")
    at = list(range(len(points["at"]))) if levels else _placed(points["at"], points["kind"])
    ends = [end for line in points["lines"] for end in _ends(line)]
    low, high = min(ends), max(ends)
    room = (high - low) or abs(high) * 0.1 or 1.0
    floor = low - _ROOM * room
    (_draw_levels if levels else _draw_rows)(axes, points, floor, _ROOM * room * 0.8)
    for line, colour, style in zip(points["lines"], _colours(), _STYLES, strict=False):
        if levels:
            _draw_dots(axes, at, line, colour)
        else:
            _draw_line(axes, at, line, colour, style)
    if len(points["lines"]) > 1:
        axes.legend(frameon=False, fontsize=7)
    axes.set_ylim(floor, high + 0.06 * room)
    axes.tick_params(labelsize=8)


_STYLES = ("-", "-", "--", ":", "-.")


def _colours() -> tuple[str, ...]:
    from mlpipe.report.figures import ACCENT, INK, MUTED, SECOND

    return ACCENT, SECOND, INK, MUTED, ACCENT


def _ends(line: dict[str, Any]) -> list[float]:
    return [*line["mean"], *line.get("low", []), *line.get("high", [])]


def _placed(values: list[Any], kind: str) -> Any:
    import numpy as np

    return np.array(values, "datetime64[s]") if kind == "date" else np.array(values, float)


def _draw_line(axes: Axes, at: Any, line: dict[str, Any], colour: str, style: str) -> None:
    if "low" in line:
        axes.fill_between(at, line["low"], line["high"], color=colour, alpha=0.14, linewidth=0)
    label = str(line["of"])[:_LONGEST]
    axes.plot(at, line["mean"], style, color=colour, marker="o", markersize=3, label=label)


def _draw_dots(axes: Axes, at: Any, line: dict[str, Any], colour: str) -> None:
    if "low" in line:
        axes.vlines(at, line["low"], line["high"], color=colour, alpha=0.35, linewidth=4)
    axes.plot(at, line["mean"], "o", color=colour, markersize=5, label=str(line["of"])[:_LONGEST])


def _draw_rows(axes: Axes, points: Any, floor: float, room: float) -> None:
    """Draw the histogram of the rows along the bottom: where there are few, a curve is a guess."""
    from mlpipe.report.figures import MUTED

    most = max(points["counts"], default=0)
    if not most:
        return
    tops = [floor + room * count / most for count in points["counts"]]
    edges: Any = _placed(points["edges"], points["kind"])
    if points["kind"] == "date":
        from matplotlib import dates

        axis: Any = dates  # it has no types
        edges, locator = axis.date2num(edges), axis.AutoDateLocator(maxticks=5)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(axis.ConciseDateFormatter(locator))
    axes.stairs(tops, edges, baseline=floor, fill=True, color=MUTED, alpha=0.35)


def _draw_levels(axes: Axes, points: Any, floor: float, room: float) -> None:
    from mlpipe.report.figures import MUTED

    most = max(points["shares"], default=0) or 1
    for place, share in enumerate(points["shares"]):
        axes.fill_between([place - 0.4, place + 0.4], floor, floor + room * share / most,
                          color=MUTED, alpha=0.35, linewidth=0)  # fmt: skip
    names = ["missing" if value is None else _short(value) for value in points["at"]]
    turned: dict[str, Any] = {"rotation": 35, "ha": "right"} if len("".join(names)) > 26 else {}
    axes.set_xticks(range(len(names)), names, **turned)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.grid(visible=False, axis="x")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
