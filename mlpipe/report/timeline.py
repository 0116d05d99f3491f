"""Every measure over the chunks: of this window, and of earlier nights."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.measured import LATE, alone, estimate_of, measure_name, writer
from mlpipe.report.panel import Chunks, Series, panel, point_words
from mlpipe.report.spans import span
from mlpipe.report.words import is_number, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["DRIFT", "chunks_of", "drawn", "rows_over", "timeline"]

DRIFT = "drift."
"""How the name of a measure of drift begins; the column follows."""

MOST_CHUNKS = 60
_MOST_FIGURES = 80
_OPEN = 9
"""With more figures than this, only those of quality and those that are not ok are open."""

_GROUPS = ("quality", "estimate", "business", "fairness", "prediction", "served", "data")
_FIRST = ("quality", "business")
_BAD = ("alert", "warn")


def timeline(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of the section; empty where monitor kept no timeline.

    Parameters
    ----------
    report : mapping
        Of monitor: ``timeline`` with ``measures`` (name -> group, unit, reference, limit) and
        ``chunks`` (records of history, oldest first, each with its own ``measures``).

    Returns
    -------
    dict
        ``open`` and ``more``: figures, each with ``name``, ``group``, ``svg`` and the ``rows`` of
        its table; ``chunks``, ``new``, ``first``, ``last``.
    """
    records = chunks_of(report)
    if not records:
        return {}
    told = mapping_of(mapping_of(report.get("timeline")).get("measures"))
    figures = [
        figure
        for name in _ordered(told, records)[:_MOST_FIGURES]
        if (figure := _figure(name, told, records))
    ]
    wanted = [each for each in figures if _first(each) or len(figures) <= _OPEN]
    return {
        "open": figures if len(records) == 1 else wanted,
        "more": [] if len(records) == 1 else [each for each in figures if each not in wanted],
        "served": any(each["group"] == "served" for each in figures),
        "chunks": len(records),
        "new": sum(bool(each.get("new")) for each in records),
    }


def chunks_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the latest records of the timeline, oldest first."""
    return rows_of(mapping_of(report.get("timeline")).get("chunks"))[-MOST_CHUNKS:]


def rows_over(records: Sequence[Mapping[str, Any]], name: str) -> tuple[dict[str, Any], ...]:
    """Return what each chunk says of a measure; empty where it says nothing."""
    return tuple(mapping_of(mapping_of(each.get("measures")).get(name)) for each in records)


def drawn(
    name: str,
    chunks: Chunks,
    series: Sequence[Series],
    reference: Mapping[str, Any],
    limit: Any = None,
    write: Callable[[Any], str] | None = None,
) -> dict[str, Any] | None:
    """Draw a figure with its table and what it says in words; None where it has no value."""
    written = write or writer("")
    known = [each for each in series if _last(each) is not None]
    series = sorted(known, key=lambda each: each.style != "dotted")  # what it is of stands last
    if not series:
        return None
    svg = panel(name, _summary(chunks, series, written), chunks, series, reference, limit, written)
    if svg is None:
        return None
    at = _last(series[-1]) or 0
    main = series[-1].rows[at]
    ends = [reference.get("value"), limit]
    return {
        "name": name,
        "svg": svg,
        "first": chunks.labels[0],
        "last": chunks.labels[-1],
        "single": len(chunks.labels) == 1,
        "span": span(main.get("value"), main.get("low"), main.get("high"), ends),
        "key": [(each.style, _keyed(each, written)) for each in series if each.label],
        "latest": written(main.get("value")),
        "when": "" if at == len(chunks.labels) - 1 else chunks.labels[at],
        "training": written(reference.get("value")) if is_number(reference.get("value")) else "",
        "limit": written(limit) if is_number(limit) else "",
        "status": main.get("status"),
        "heads": [each.label or "value" for each in series],
        "rows": _table(chunks, series, written),
    }


def _figure(
    name: str, measures: Mapping[str, Any], records: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    about = mapping_of(measures.get(name))
    group = str(about.get("group") or name.partition(".")[0])
    labels = tuple(str(each.get("chunk")) for each in records)
    chunks = Chunks(labels, tuple(bool(each.get("new")) for each in records))
    reference, limit = mapping_of(about.get("reference")), about.get("limit")
    limit = None if limit == reference.get("value") else limit  # one line for both
    title, unit = measure_name(name, group, about.get("unit"))
    series = _together(name, group, measures, records)
    if group in LATE and not reference and limit is None:
        series = [*series[:-1], _unjudged(series[-1])]
    found = drawn(title, chunks, series, reference, limit, writer(unit))
    better = about.get("greater_is_better")
    return found and {
        **found, "group": group, "unit": unit, "better": better, **_decided(about)
    }  # fmt: skip


def _decided(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the chunks of all nights come to, where that is known: it outranks the latest."""
    status = about.get("status")
    if status not in ("ok", *_BAD):
        return {}
    since = about.get("since") if status in _BAD else ""
    return {"status": status, "since": since if isinstance(since, str) else ""}


def _together(
    name: str, group: str, measures: Mapping[str, Any], records: Sequence[Mapping[str, Any]]
) -> list[Series]:
    """Return a measure with what is drawn beside it: its estimate, and the naive model."""
    rows = rows_over(records, name)
    estimate, naive = estimate_of(name), f"naive.{name.partition('.')[2]}"
    if group == "estimate":
        return [Series("estimated", "dashed", rows)]
    beside = []
    if group in LATE and estimate in measures:
        beside.append(Series("estimated", "dashed", rows_over(records, estimate)))
    if group == "quality" and naive in measures:
        beside.append(Series("naive", "dotted", rows_over(records, naive)))
    if not beside:
        return [Series("", "line", rows)]
    style = "points" if estimate in measures else "line"
    return [*beside, Series("realised" if style == "points" else "model", style, rows)]


def _unjudged(series: Series) -> Series:
    """Leave out statuses: with nothing to hold it against, a measure is not too little of it."""
    return replace(series, rows=tuple({**row, "status": None} for row in series.rows))


def _ordered(measures: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the measures that have a figure of their own, group by group."""
    names = dict.fromkeys([*measures, *(name for each in records for name in _names(each))])
    groups = {
        name: str(mapping_of(measures.get(name)).get("group") or name.partition(".")[0])
        for name in names
        if not name.startswith(DRIFT) and alone(name, names)
    }
    place = {group: at for at, group in enumerate(_GROUPS)}
    return sorted(groups, key=lambda name: place.get(groups[name], len(place)))


def _names(record: Mapping[str, Any]) -> list[str]:
    return list(mapping_of(record.get("measures")))


def _first(figure: Mapping[str, Any]) -> bool:
    return figure["group"] in _FIRST or figure["status"] in _BAD


def _last(series: Series) -> int | None:
    """Return the place of the latest value."""
    known = [at for at, row in enumerate(series.rows) if is_number(row.get("value"))]
    return known[-1] if known else None


def _keyed(series: Series, write: Callable[[Any], str]) -> str:
    at = _last(series)
    return series.label if at is None else f"{series.label} {write(series.rows[at]['value'])}"


def _summary(chunks: Chunks, series: Sequence[Series], write: Callable[[Any], str]) -> str:
    """Say in words what the figure shows, for those who do not see it."""
    said = [f"{plural(len(chunks.labels), 'chunk')}, {chunks.labels[0]} to {chunks.labels[-1]}"]
    for each in series:
        at = _last(each) or 0
        values = [row["value"] for row in each.rows if is_number(row.get("value"))]
        last = point_words(chunks.labels[at], each.rows[at], write)
        ends = f"{write(min(values))} to {write(max(values))}"
        said.append(f"{each.label or 'value'} from {ends}, last in {last}")
    counts = Counter(str(row.get("status")) for row in series[-1].rows)
    said += [plural(counts[each], noun) for each, noun in _NOUNS if counts[each]]
    return "; ".join(said)


_NOUNS = (("alert", "alert"), ("warn", "warning"))


def _table(
    chunks: Chunks, series: Sequence[Series], write: Callable[[Any], str]
) -> list[dict[str, Any]]:
    """Return the same data as rows, the latest chunk first."""
    rows = [
        {
            "chunk": label,
            "new": chunks.new[at],
            "cells": [_cell(each.rows[at], write) for each in series],
            "status": series[-1].rows[at].get("status") or series[0].rows[at].get("status"),
        }
        for at, label in enumerate(chunks.labels)
    ]
    return rows[::-1]


def _cell(row: Mapping[str, Any], write: Callable[[Any], str]) -> dict[str, str]:
    low, high = row.get("low"), row.get("high")
    ends = f"{write(low)} to {write(high)}" if is_number(low) and is_number(high) else ""
    return {"value": write(row.get("value")), "ends": ends}
