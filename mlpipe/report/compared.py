"""Runs side by side: one HTML file that says what changed, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.bounded import within
from mlpipe.report.page import environment
from mlpipe.report.spans import span
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["compared"]

_DIFF = {"+": "added", "-": "removed", "@": "at"}
_LINES = 400
"""How many lines of a diff are shown."""

_OUTCOMES = {"better": "good", "worse": "bad"}


def compared(document: Mapping[str, Any]) -> str:
    """Write the comparison of two runs or more.

    Parameters
    ----------
    document : mapping
        Plain JSON, as `mlpipe.run.diff.comparison.comparison` tells it; each run also with the
        ``href`` of its page, the ``figures`` of its report of evaluate, and its ``threshold``.

    Returns
    -------
    str
        HTML that needs nothing but itself; its links lead to the pages of the runs.
    """
    shown = {
        "runs": [_named(run, at) for at, run in enumerate(document["runs"])],
        "against": [_against(each) for each in document["against"]],
        "parts": {part: [_metric(row) for row in rows] for part, rows in document["parts"].items()},
        "gates": document["gates"],
        "figures": list(_figures(document["runs"])),
    }
    return within(environment().get_template("compared.html.j2").render, shown)


def _named(run: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Give a run a letter, by which the tables call it."""
    rest = {name: value for name, value in run.items() if name not in ("figures", "threshold")}
    return {**rest, "letter": chr(ord("A") + at), "outcome": run["verdict"] or run["status"]}


def _against(each: Mapping[str, Any]) -> dict[str, Any]:
    lines = each["spec_diff"].splitlines()[2:]  # the names of the two stand above
    said = [{"line": line, "is": _DIFF.get(line[:1], "")} for line in lines[:_LINES]]
    counted = set(each["counted"])
    return {
        **each,
        "lines": said,
        "more": len(lines) - len(said),
        "rests_on": [row for row in each["packages"] if row["what"] in counted],
        "others": [row for row in each["packages"] if row["what"] not in counted],
    }


def _metric(row: Mapping[str, Any]) -> dict[str, Any]:
    """Place the intervals of all runs on one scale, and the gains around nothing."""
    runs = row["runs"]
    held = _numbers(run[end] for run in runs for end in ("value", "low", "high"))
    gains = [run["gain"] or {} for run in runs]
    around = _numbers(gain.get(end) for gain in gains for end in ("value", "low", "high"))
    return {
        **row,
        "runs": [
            {
                **run,
                "span": span(run["value"], run["low"], run["high"], (), held),
                "gain_span": span(
                    gain.get("value"), gain.get("low"), gain.get("high"), [0], around
                ),
                "tone": _OUTCOMES.get(gain.get("says", ""), "plain"),
            }
            for run, gain in zip(runs, gains, strict=True)
        ],
    }


def _numbers(values: Iterator[Any]) -> list[float]:
    return [float(value) for value in values if is_number(value)]


def _figures(runs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each figure that any run has, as the runs drew it."""
    if not any(run.get("figures") for run in runs):
        return
    from mlpipe.report.figures import figures

    drawn = [
        {each["name"]: each for each in figures(run["figures"], run["threshold"], of=f" {at}")}
        if run.get("figures")
        else {}
        for at, run in enumerate(runs)
    ]
    for name in dict.fromkeys(name for each in drawn for name in each):
        rows = [each.get(name) for each in drawn]
        caption = next(row["caption"] for row in rows if row)
        yield {"caption": caption, "drawn": [row["svg"] if row else None for row in rows]}
