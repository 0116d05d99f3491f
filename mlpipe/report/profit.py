"""The profit curve: what 1,000 predictions are worth over the threshold, the chosen one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.axes import Axes

__all__ = ["profit_figure"]

_CAPTION = "Value over the threshold"


def profit_figure(name: str, entries: list[dict[str, Any]]) -> Markup | None:
    """Draw the curves of the parts of a business metric; None where it has none.

    Parameters
    ----------
    name : str
        Of the figure; the ids in it follow from it.
    entries : list of dict
        ``business`` of the report of evaluate, one for each part.
    """
    drawn = [each for each in entries if isinstance(each.get("curve"), dict)]
    if not drawn:
        return None
    from mlpipe.report.figures import svg

    return svg(name, _CAPTION, _draw, drawn, None)


def _draw(axes: Axes, entries: Any, _: float | None) -> None:
    from mlpipe.report.figures import ACCENT, LINE, MUTED, SECOND

    axes.axhline(0, color=LINE, linewidth=1)
    for entry, colour in reversed(list(zip(entries, (ACCENT, MUTED), strict=False))):
        curve = entry["curve"]
        style: Any = "-" if colour == ACCENT else (0, (4, 3))
        axes.plot(
            curve["threshold"], curve["per_1000"], color=colour, linestyle=style,
            label=str(entry["part"]), drawstyle="steps-post",
        )  # fmt: skip
    chosen = entries[0]["curve"].get("chosen")
    if chosen:
        axes.axvline(chosen["threshold"], color=SECOND, linewidth=1, linestyle=(0, (2, 2)))
        axes.plot(chosen["threshold"], chosen["per_1000"], "o", color=SECOND, markersize=6)
        axes.annotate(
            f"● chosen {chosen['threshold']:.3g}", (0.98, 0.03), xycoords="axes fraction",
            ha="right", color=SECOND, size=8,
        )  # fmt: skip
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    currency = f"{entries[0]['currency']} " if entries[0].get("currency") else ""
    axes.set(xlabel="threshold: act on scores from here on")
    axes.set(ylabel=f"{currency}a 1,000 predictions")
