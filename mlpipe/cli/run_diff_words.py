"""How two runs differ, in words for a terminal and for a page."""

from collections.abc import Iterator
from typing import Any

from mlpipe.cli import render
from mlpipe.cli.diff_words import cell

__all__ = ["changed", "gate_lines", "metric_rows", "paired", "sections", "words"]

MOST = 40
"""How many changes of one kind are said; ``--json`` says all."""

NAMES = {"spec": "spec", "data": "data", "code": "code", "packages": "packages",
         "environment": "runs on"}  # fmt: skip


def words(found: dict[str, Any]) -> None:
    """Print the comparison of two runs."""
    against = found["against"][0]
    for letter, run in zip("AB", found["runs"], strict=True):
        told = [
            run["started"][:16].replace("T", " "),
            run["model"],
            run["verdict"] or run["status"],
        ]
        render.say(f"{letter:<8} {run['run']}  {', '.join(filter(None, told))}")
    for name, lines in sections(found).items():
        render.say(f"{name:<8} {changed(lines)}")
        for line in lines[:MOST]:
            render.say(f"  {line}")
        if len(lines) > MOST:
            render.say(f"  and {len(lines) - MOST} more")
    for part, rows in found["parts"].items():
        titles = ["metric", "A", "B", "B is better by", "95 % interval", "says"]
        table = metric_rows(rows)
        widest = max(len(titles[-1]), *(len(row[-1]) for row in table))
        table = [[*row[:-1], row[-1].ljust(widest)] for row in table]
        titles[-1] = titles[-1].ljust(widest)
        render.table(titles, table, title=f"{part}: {paired(against, part)}")
    for line in gate_lines(found):
        render.say(f"  {line}")


def sections(found: dict[str, Any]) -> dict[str, list[str]]:
    """Return what changed, a line each, by what it is of."""
    against = found["against"][0]
    lines = {
        name: [_change(each) for each in against[kind] if _said(each, against)]
        for kind, name in NAMES.items()
    }
    others = sum(not _said(each, against) for each in against["packages"])
    if others:
        lines["packages"].append(f"{others:,} that no step rests on")
    lines["data"] = [*lines["data"], *_rows(found["runs"]), *_columns(against["columns"])]
    return lines


def changed(lines: list[str]) -> str:
    """Say how many changes there are."""
    return f"{len(lines):,} changed" if lines else "the same"


def paired(against: dict[str, Any], part: str) -> str:
    """Say how the rows of a part were paired, or why they were not."""
    how = against["paired"]
    rows = how["rows"].get(part)
    if isinstance(rows, int):
        return f"both judged the same {rows:,} rows, paired by {how['by']}"
    return f"not paired: {rows or how['why'] or 'only one run judged it'}"


def metric_rows(rows: list[dict[str, Any]]) -> list[list[str]]:
    """Return a line of cells a metric: its name, both values, the gain, and what that says."""
    return [_metric(row) for row in rows]


def gate_lines(found: dict[str, Any]) -> list[str]:
    """Return a line for each gate that came out otherwise."""
    otherwise = [gate for gate in found["gates"] if len(set(gate["status"])) > 1]
    return [f"gate {cell(gate['gate'], 120)}: {_statuses(gate)}" for gate in otherwise]


def _statuses(gate: dict[str, Any]) -> str:
    return " → ".join(each or "not there" for each in gate["status"])


def _metric(row: dict[str, Any]) -> list[str]:
    one, two = row["runs"]
    gain = two["gain"] or {}
    up = {True: " ↑", False: " ↓"}.get(row["greater_is_better"], "")
    ends = "–" if gain.get("low") is None else f"{_signed(gain['low'])} to {_signed(gain['high'])}"
    said = gain.get("says") or gain.get("why") or ""
    values = [_number(each["value"]) for each in (one, two)]
    return [f"{cell(row['name'])}{up}", *values, _signed(gain.get("value")), ends, said]


def _said(change: dict[str, Any], against: dict[str, Any]) -> bool:
    """Whether a change is worth a line: of packages, whether a step rests on it."""
    return change["kind"] != "packages" or change["what"] in against["counted"]


def _change(change: dict[str, Any]) -> str:
    old, new = (_value(change[side]) for side in ("old", "new"))
    what = change["what"] or change["kind"]
    return f"{cell(what, 120)} {old} → {new}"


def _rows(runs: list[dict[str, Any]]) -> Iterator[str]:
    for name in ("rows", "rejected"):
        one, two = (run[name] for run in runs)
        if one != two:
            yield f"{name} {_number(one)} → {_number(two)}"
    one, two = (run["parts"] for run in runs)
    for part in dict.fromkeys([*one, *two]):
        if one.get(part, 0) != two.get(part, 0):
            yield f"rows of {part} {one.get(part, 0):,} → {two.get(part, 0):,}"


def _columns(columns: dict[str, list[Any]]) -> Iterator[str]:
    yield from (f"+ column {cell(name)}" for name in columns["added"])
    yield from (f"- column {cell(name)}" for name in columns["removed"])
    yield from (
        f"~ column {cell(each['what'])} {each['old']} → {each['new']}"
        for each in columns["retyped"]
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        from mlpipe.spec.dump import flow

        return cell(flow(value))
    return "none" if value is None else cell(value)


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _signed(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:+.4g}" if value else "0"
