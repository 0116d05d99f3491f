"""What the page tells of the chosen model: parameters, learning curve, importance, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.spans import span
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["training"]

_MOST_COLUMNS = 20


def training(
    compared: dict[str, Any], report: dict[str, Any], parity: dict[str, Any]
) -> dict[str, Any]:
    """Return the variables of the section on training; empty where nothing was trained.

    Parameters
    ----------
    compared : dict
        ``candidates.json`` of the train step.
    report : dict
        Its report: ``fitted_on``, ``learning_curve``, ``importance``, ``calibration``, ``valid``.
    parity : dict
        How the ONNX graph compares with the model; empty where none was asked for.
    """
    curve, calibration = _mapping(report, "learning_curve"), _mapping(report, "calibration")
    found = {
        "fitted_on": _mapping(report, "fitted_on"),
        "parameters": _parameters(compared, report.get("chosen")),
        "curve": curve,
        "calibration": calibration,
        "importance": _importance(report),
        "parity": parity,
        "figures": _figures(curve, calibration),
    }
    return {**found, "any": any(value for value in found.values())}


def _mapping(report: dict[str, Any], name: str) -> dict[str, Any]:
    value = report.get(name)
    return dict(value) if isinstance(value, dict) else {}


def _parameters(compared: dict[str, Any], chosen: Any) -> dict[str, Any]:
    """Return the parameters of the chosen model, those that are not set left out."""
    models = compared.get("models")
    rows = models if isinstance(models, list) else []
    given = next(
        (row.get("params") for row in rows if isinstance(row, dict) and row.get("name") == chosen),
        None,
    )
    params = given if isinstance(given, dict) else {}
    return {name: value for name, value in params.items() if value is not None}


def _importance(report: dict[str, Any]) -> dict[str, Any]:
    """Return the most important columns, each with a bar from 0, and how many are left out."""
    found = report.get("importance")
    rows = [
        row
        for row in (found if isinstance(found, list) else [])
        if isinstance(row, dict) and is_number(row.get("value"))
    ]
    if not rows:
        return {}
    shown = rows[:_MOST_COLUMNS]
    ends = [end for row in shown for end in _ends(row)]
    return {
        "on": report.get("importance_on"),
        "metric": report.get("metric"),
        "rest": len(rows) - len(shown),
        "rows": [{**row, **_bar(row, [*ends, 0.0])} for row in shown],
    }


def _ends(row: dict[str, Any]) -> tuple[float, float]:
    std = row["std"] if is_number(row.get("std")) else 0.0
    return row["value"] - std, row["value"] + std


def _bar(row: dict[str, Any], ends: list[float]) -> dict[str, Any]:
    """Place a bar from 0 to the value, and its spread, on the line that all columns share."""
    low, high = _ends(row)
    bar = span(0.0, min(0.0, row["value"]), max(0.0, row["value"]), (), ends)
    spread = span(row["value"], low, high, (0.0,), ends)
    others = [name for name in row.get("columns") or [] if name != row.get("column")]
    return {"bar": bar, "spread": spread, "others": others}


def _figures(curve: dict[str, Any], calibration: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw what there is to draw; only then is matplotlib loaded."""
    if not curve and not calibration:
        return []
    from mlpipe.report.figures import svg

    drawings = (
        ("learning", "Learning curve", _draw_curve, curve),
        ("reliability", "Calibration out of fold", _draw_calibration, calibration),
    )
    return [
        {"name": name, "caption": caption, "svg": drawn}
        for name, caption, draw, points in drawings
        if points and (drawn := svg(name, caption, draw, points, None))
    ]


def _draw_curve(axes: Axes, curve: Any, _: float | None) -> None:
    from mlpipe.report.figures import ACCENT, SECOND

    for side, colour, words in (
        ("train", SECOND, "rows fitted on"),
        ("held_out", ACCENT, "rows held out"),
    ):
        points = [each for each in curve["points"] if is_number(each[side]["mean"])]
        rows = [each["rows"] for each in points]
        means = [each[side]["mean"] for each in points]
        stds = [each[side]["std"] or 0.0 for each in points]
        low = [mean - std for mean, std in zip(means, stds, strict=True)]
        high = [mean + std for mean, std in zip(means, stds, strict=True)]
        axes.fill_between(rows, low, high, color=colour, alpha=0.14, linewidth=0)
        axes.plot(rows, means, color=colour, marker="o", markersize=4, label=words)
    axes.legend(frameon=False, fontsize=8)
    axes.set(xlabel="rows, mean of the folds", ylabel=curve["metric"])
    axes.set_xlim(left=0)


def _draw_calibration(axes: Axes, told: Any, _: float | None) -> None:
    from mlpipe.report.figures import ACCENT, MUTED, SECOND

    end = 0.0
    for side, colour in (("before", SECOND), ("after", ACCENT)):
        if not told.get(side):
            continue
        bins = told[side]["bins"]
        score, true = ([each[key] for each in bins] for key in ("score", "positive"))
        low = [max(each["positive"] - each["low"], 0) for each in bins]
        high = [max(each["high"] - each["positive"], 0) for each in bins]
        words = f"{side}, off by {told[side]['ece']:.3f}"
        axes.errorbar(score, true, yerr=[low, high], color=colour, marker="o", markersize=4,
                      elinewidth=1, linewidth=1, label=words)  # fmt: skip
        end = max([end, *score, *(each["high"] for each in bins)])
    end = min(end * 1.05, 1.02)
    axes.plot([0, end], [0, end], color=MUTED, linewidth=1, linestyle=(0, (4, 4)))
    axes.legend(frameon=False, fontsize=8)
    of = "positives" if told["of"] == "the positive class" else "rows that were right"
    axes.set(xlabel=f"mean score of {told['of']}", ylabel=f"share of {of}")
    axes.set(xlim=(-0.02 * end, end), ylim=(-0.02 * end, end))
