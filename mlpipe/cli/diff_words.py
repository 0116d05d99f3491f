"""How two data sets differ, in words for a terminal and for a page."""

from typing import Any

from mlpipe.cli import render

__all__ = ["cell", "count", "headline", "moved", "schema_lines", "verdict", "words"]

LONGEST = 60
CELLS = 4
"""How many changed cells of an example are shown in a line."""

SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def words(found: dict[str, Any]) -> None:
    """Print the diff."""
    for side in ("a", "b"):
        render.say(f"{side.upper()}        {cell(found[side]['name'])}  {_rows(found[side])}")
    render.say(f"key      {cell(', '.join(found['key'])) or 'none: rows are compared whole'}")
    for line in schema_lines(found["schema"]):
        render.say(f"  {line}")
    render.say(f"rows     {headline(found)}")
    for change, sign in SIGNS.items():
        for example in found["rows"]["examples"][change]:
            render.say(f"  {sign} {_example(example)}")
    if found["columns"]:
        titles = ["column", "cells", "missing", "distinct", "effect"]
        lines = [[*_facts(column), cell(moved(column), 120)] for column in found["columns"]]
        widest = max(len(line[-1]) for line in lines)  # words stand to the left, numbers do not
        lines = [[*line[:-1], line[-1].ljust(widest)] for line in lines]
        render.table(
            [*titles, "moved".ljust(widest)], lines, title="columns, those that moved most first"
        )
    if found["unchanged"]:
        render.say(f"same     {cell(', '.join(found['unchanged']), 200)}")
    render.say(f"verdict  {verdict(found)}")


def verdict(found: dict[str, Any]) -> str:
    """Return the answer in a word or two."""
    return "equal" if found["equal"] else "they differ"


def headline(found: dict[str, Any]) -> str:
    """Return ``7 added, 3 removed, 12 changed, 7,028 the same``."""
    rows = found["rows"]
    kinds = ("added", "removed", "changed") if found["key"] else ("added", "removed")
    return ", ".join([*(f"{rows[each]:,} {each}" for each in kinds), f"{rows['same']:,} the same"])


def schema_lines(schema: dict[str, Any]) -> list[str]:
    """Return a line for each way in which the columns differ."""
    lines = [f"+ column {cell(each['column'])} {each['type']}" for each in schema["added"]]
    lines += [f"- column {cell(each['column'])} {each['type']}" for each in schema["removed"]]
    for each in schema["retyped"]:
        how = "compared by value" if each["compared"] else "not compared"
        lines.append(f"~ column {cell(each['column'])} {each['a']} → {each['b']} ({how})")
    return [*lines, *(["~ the order of columns"] if schema["reordered"] else [])]


def moved(column: dict[str, Any]) -> str:
    """Return how the values of a column have moved."""
    shift = column["shift"]
    if column["kind"] == "category":
        return _categories(shift)
    ends = [f"{_value(shift['low'][side])} … {_value(shift['high'][side])}" for side in "ab"]
    ranges = ends[0] if ends[0] == ends[1] else " → ".join(ends)
    if column["kind"] == "date":
        return ranges
    parts = []
    for name in ("mean", "median"):
        a, b, by = shift[name]["a"], shift[name]["b"], shift[f"{name}_in_iqr"]
        units = "" if by is None or a == b else f" ({by:+.2g} IQR)"
        parts.append(f"{name} {_value(a)}" + ("" if a == b else f" → {_value(b)}{units}"))
    return ", ".join(parts)


def count(pair: dict[str, int]) -> str:
    """Return ``3 → 5``, or one number where both are the same."""
    a, b = pair["a"], pair["b"]
    return f"{a:,}" if a == b else f"{a:,} → {b:,}"


def cell(text: Any, longest: int = LONGEST) -> str:
    """Return a value on one line, its control characters escaped, cut where it is long."""
    if text is None:
        return "missing"
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in str(text)[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _rows(side: dict[str, Any]) -> str:
    return f"{side['rows']:,} rows"


def _facts(column: dict[str, Any]) -> list[str]:
    changed = "" if column["changed"] is None else f"{column['changed']:,}"
    effect = f"{column['effect']:.3f}"
    return [cell(column["column"], 40), changed, count(column["nulls"]),
            count(column["distinct"]), effect]  # fmt: skip


def _example(example: dict[str, Any]) -> str:
    key = ", ".join(f"{cell(name)}={cell(value)}" for name, value in example["key"].items())
    cells = example.get("cells", [])
    changes = [f"{cell(c['column'])} {cell(c['a'])} → {cell(c['b'])}" for c in cells[:CELLS]]
    more = [f"and {len(cells) - CELLS} more"] if len(cells) > CELLS else []
    return cell(key, 200) + (f": {'; '.join([*changes, *more])}" if cells else "")


def _categories(shift: dict[str, Any]) -> str:
    parts = []
    for name in ("gone", "new"):
        if shift[name]:
            listed = ", ".join(cell(value, 20) for value in shift[f"{name}_values"][:3])
            parts.append(f"{shift[name]:,} {name}" + (f" ({listed})" if listed else ""))
    for share in shift["shares"][:2]:
        value = "missing" if share["value"] is None else cell(share["value"], 20)
        parts.append(f"{value} {share['a']:.1%} → {share['b']:.1%}")
    return ", ".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if 10_000 <= abs(value) < 1e15 else f"{value:.4g}"
    return "–" if value is None else cell(value)
