"""A small figure of a measure over the chunks: inline SVG in the colours of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mlpipe.report.scale import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Scale, places
from mlpipe.report.words import is_number, number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markupsafe import Markup

__all__ = ["SHAPES", "Chunks", "Series", "panel", "point_words", "tone_of"]

SHAPES = {
    "ok": "m-1.8 0a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0",
    "warn": "m0-4.4l4.2 7.2h-8.4z",
    "alert": "m0-4.8l4.8 4.8l-4.8 4.8l-4.8-4.8z",
    "insufficient": "m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
}
"""The mark of a status, around its point: a dot, a triangle, a diamond, a ring."""


@dataclass(frozen=True)
class Chunks:
    """What lies along the figure.

    Attributes
    ----------
    labels : tuple of str
    new : tuple of bool
        Whether a chunk is of this window; earlier ones are of the history.
    """

    labels: tuple[str, ...]
    new: tuple[bool, ...]


@dataclass(frozen=True)
class Series:
    """One line of a figure.

    Attributes
    ----------
    label : str
    style : {"line", "dashed", "dotted", "points"}
        With a band, so too when dashed; alone, as the naive model; or points with bars.
    rows : tuple of mapping
        For each chunk ``value``, ``low``, ``high`` and ``status``; empty where there is none.
    """

    label: str
    style: str
    rows: tuple[Mapping[str, Any], ...]


def panel(
    name: str,
    summary: str,
    chunks: Chunks,
    series: Sequence[Series],
    reference: Mapping[str, Any],
    limit: Any = None,
    write: Callable[[Any], str] = number,
) -> Markup | None:
    """Draw a measure.

    Parameters
    ----------
    name, summary : str
        Its text alternative: what it is, and what it shows.
    chunks : Chunks
    series : sequence of Series
    reference : mapping
        ``value``, ``low`` and ``high`` at training; may be empty.
    limit : number, optional
    write : callable
        How a value is written.

    Returns
    -------
    Markup or None
        None where there is nothing to draw.
    """
    from markupsafe import Markup

    rows = [row for each in series for row in each.rows]
    scale = Scale.of(rows, [reference.get(key) for key in ("value", "low", "high")], limit)
    if scale is None:
        return None
    parts = [
        *_window(chunks),
        *_grid(scale, in_percent=write is percent),
        *_reference(scale, reference),
        *_limit(scale, limit),
        *(part for each in series for part in _series(scale, chunks, each, write)),
    ]
    head = Markup('<svg class="panel" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        int(WIDTH), int(HEIGHT), name
    )
    said = Markup("<desc>{}</desc>").format(summary)
    return head + said + Markup("").join(parts) + Markup("</svg>")


def point_words(label: str, row: Mapping[str, Any], write: Callable[[Any], str] = number) -> str:
    """Write a chunk's value in a line.

    >>> point_words("2026-06", {"value": 0.5, "low": 0.4, "high": 0.6, "status": "ok"})
    '2026-06: 0.5 (0.4 to 0.6), ok'
    """
    low, high = row.get("low"), row.get("high")
    ends = f" ({write(low)} to {write(high)})" if is_number(low) and is_number(high) else ""
    status = f", {row['status']}" if isinstance(row.get("status"), str) else ""
    return f"{label}: {write(row.get('value'))}{ends}{status}"


def tone_of(status: Any) -> str:
    """Return the shape of a status that may be any."""
    return status if isinstance(status, str) and status in SHAPES else "ok"


def _window(chunks: Chunks) -> Iterator[Markup]:
    """Shade the chunks of this window, where there are earlier ones beside them."""
    if all(chunks.new):
        return
    at = places(len(chunks.new))
    half = (at[1] - at[0]) / 2
    for new, group in groupby(range(len(at)), key=chunks.new.__getitem__):
        found = list(group)
        if new:
            left = max(at[found[0]] - half, LEFT)
            yield _rect("window", left, TOP, min(at[found[-1]] + half, RIGHT) - left, BOTTOM - TOP)


def _grid(scale: Scale, *, in_percent: bool) -> Iterator[Markup]:
    for value, words in scale.ticks(in_percent=in_percent):
        y = scale.y(value)
        yield _path("grid", f"M{LEFT:g} {y}H{RIGHT:g}")
        yield _text(LEFT - 5, y + 3.8, "end", words)


def _reference(scale: Scale, reference: Mapping[str, Any]) -> Iterator[Markup]:
    value, low, high = (reference.get(key) for key in ("value", "low", "high"))
    if is_number(low) and is_number(high):
        top = scale.y(high)
        yield _rect("training", LEFT, top, RIGHT - LEFT, max(scale.y(low) - top, 0.5))
    if is_number(value):
        yield _path("training", f"M{LEFT:g} {scale.y(value)}H{RIGHT:g}")


def _limit(scale: Scale, limit: Any) -> Iterator[Markup]:
    if scale.holds(limit):
        yield _path("limit", f"M{LEFT:g} {scale.y(limit)}H{RIGHT:g}")


def _series(
    scale: Scale, chunks: Chunks, series: Series, write: Callable[[Any], str]
) -> Iterator[Markup]:
    at = places(len(chunks.labels))
    if series.style == "points":
        bars = [place for place, row in enumerate(series.rows) if _between(row)]
        yield from _bars(scale, at, series, bars)
    else:
        for run in _runs(series.rows, _between):
            yield from _band(scale, at, series, run)
        drawn = "".join(
            _line(at, [scale.y(series.rows[place]["value"]) for place in run], run)
            for run in _runs(series.rows, _valued)
            if len(run) > 1
        )
        if drawn:
            yield _path(f"run {series.style}", drawn)
    if series.style != "dotted":
        yield from _marks(scale, chunks, series, write)


def _band(
    scale: Scale, at: Sequence[float], series: Series, run: Sequence[int]
) -> Iterator[Markup]:
    if len(run) == 1:
        yield from _bars(scale, at, series, run)
        return
    there = _line(at, [scale.y(series.rows[place]["high"]) for place in run], run)
    back = _line(at, [scale.y(series.rows[place]["low"]) for place in run][::-1], run[::-1])
    yield _path(f"band {series.style}", f"{there}L{back[1:]}z")


def _bars(
    scale: Scale, at: Sequence[float], series: Series, run: Sequence[int]
) -> Iterator[Markup]:
    ends = [
        f"M{at[place]} {scale.y(series.rows[place]['low'])}V{scale.y(series.rows[place]['high'])}"
        for place in run
    ]
    if ends:
        yield _path(f"bar {series.style}", "".join(ends))


def _marks(
    scale: Scale, chunks: Chunks, series: Series, write: Callable[[Any], str]
) -> Iterator[Markup]:
    """Mark each chunk by its status; a pointer over the mark reads its value."""
    from markupsafe import Markup

    at = places(len(chunks.labels))
    what = f"{series.label}, " if series.label else ""
    for run in _runs(series.rows, _valued):
        style = series.style if len(run) > 1 else f"{series.style} lone"
        for place in run:
            row = series.rows[place]
            tone = tone_of(row.get("status"))
            yield Markup('<path class="mark {} {}" d="M{} {}{}"><title>{}</title></path>').format(
                tone,
                style,
                at[place],
                scale.y(row["value"]),
                Markup(SHAPES[tone]),  # noqa: S704 - of this file
                what + point_words(chunks.labels[place], row, write),
            )


def _line(at: Sequence[float], heights: Sequence[float], run: Sequence[int]) -> str:
    points = [f"{at[place]} {y}" for place, y in zip(run, heights, strict=True)]
    return f"M{'L'.join(points)}"


def _runs(
    rows: Sequence[Mapping[str, Any]], holds: Callable[[Mapping[str, Any]], bool]
) -> Iterator[list[int]]:
    """Yield the places of rows that lie beside each other: a line does not bridge a gap."""
    for told, group in groupby(range(len(rows)), key=lambda place: holds(rows[place])):
        if told:
            yield list(group)


def _valued(row: Mapping[str, Any]) -> bool:
    return is_number(row.get("value"))


def _between(row: Mapping[str, Any]) -> bool:
    return _valued(row) and is_number(row.get("low")) and is_number(row.get("high"))


def _path(kind: str, d: str) -> Markup:
    from markupsafe import Markup

    return Markup('<path class="{}" d="{}"/>').format(kind, d)


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    from markupsafe import Markup

    made = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
    return made.format(kind, *(round(each, 1) for each in (x, y, width, height)))


def _text(x: float, y: float, anchor: str, words: str) -> Markup:
    from markupsafe import Markup

    made = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    return made.format(round(x, 1), round(y, 1), anchor, words)
