"""How two runs differ, as a page of Markdown for a pull request."""

from typing import Any

from mlpipe.cli import run_diff_words as say
from mlpipe.cli.diff_markdown import line, text

__all__ = ["page"]


def page(found: dict[str, Any]) -> str:
    """Return the page; names and values are escaped, so that they are text and nothing else."""
    one, two = found["runs"]
    parts = [f"## {text(one['run'])} → {text(two['run'])}"]
    parts += [_part(part, rows, found["against"][0]) for part, rows in found["parts"].items()]
    if gates := say.gate_lines(found):
        parts.append("\n".join(f"- {text(each)}" for each in gates))
    for name, lines in say.sections(found).items():
        head = f"**{name}**: {say.changed(lines)}"
        parts.append("\n".join([head, "", *(f"- {text(each)}" for each in lines[: say.MOST])]))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _part(part: str, rows: list[dict[str, Any]], against: dict[str, Any]) -> str:
    head = f"**{part}**: {text(say.paired(against, part))}"
    titles = ["| metric | A | B | B is better by | 95 % interval | |", "|---|--:|--:|--:|--:|---|"]
    return "\n".join([head, "", *titles, *(line(row) for row in say.metric_rows(rows))])
