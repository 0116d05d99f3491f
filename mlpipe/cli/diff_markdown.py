"""How two data sets differ, as a page of Markdown for a pull request."""

from typing import Any

from mlpipe.cli import diff_words as say

__all__ = ["line", "page", "text"]

MARKS = "\\`*_{}[]()#+-!|~"


def page(found: dict[str, Any]) -> str:
    """Return the page; values are escaped, so that they are text and nothing else."""
    a, b = (f"{text(found[side]['name'])} ({found[side]['rows']:,} rows)" for side in "ab")
    key = text(", ".join(found["key"])) or "none, rows are compared whole"
    parts = [f"## Data diff: {say.verdict(found)}", f"{a} → {b}; key: {key}"]
    schema = [f"- {text(line)}" for line in say.schema_lines(found["schema"])]
    if schema:
        parts.append("\n".join(["**Columns**", "", *schema]))
    parts.append(f"**Rows**: {say.headline(found)}")
    if examples := _examples(found):
        parts.append(
            "\n".join(["| row | column | before | after |", "|---|---|---|---|", *examples])
        )
    if found["columns"]:
        parts.append(_columns(found["columns"]))
    return "\n\n".join(parts) + "\n"


def _examples(found: dict[str, Any]) -> list[str]:
    lines = []
    for change, examples in found["rows"]["examples"].items():
        for example in examples:
            key = ", ".join(f"{name}={say.cell(value)}" for name, value in example["key"].items())
            row = f"{change}: {say.cell(key, 200)}"
            cells = example.get("cells") or [{"column": "", "a": "", "b": ""}]
            lines += [line([row, each["column"], each["a"], each["b"]]) for each in cells]
    return lines


def _columns(columns: list[dict[str, Any]]) -> str:
    head = "| column | cells | missing | distinct | effect | moved |"
    lines = [
        line(
            [
                column["column"],
                "" if column["changed"] is None else f"{column['changed']:,}",
                say.count(column["nulls"]),
                say.count(column["distinct"]),
                f"{column['effect']:.3f}",
                say.moved(column),
            ]
        )
        for column in columns
    ]
    return "\n".join([head, "|---|--:|--:|--:|--:|---|", *lines])


def line(cells: list[Any]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(text(each, 300) for each in cells)} |"


def text(value: Any, longest: int = 300) -> str:
    """Return a value as text: no Markdown, no HTML, no control characters."""
    shown = say.cell(value, longest)
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        shown = shown.replace(letter, entity)
    return "".join(f"\\{letter}" if letter in MARKS else letter for letter in shown)
