"""How a row of a behaviour test is written: where it is, what was changed, what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.words import pairs, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["behaved"]


def behaved(example: Mapping[str, Any]) -> str:
    """Write one row in a line.

    >>> behaved({"row": 7, "key": {"id": "k7"}, "changed": {"tenure": [3, 15], "gender": None},
    ...          "before": {"prediction": "no", "score": 0.25}, "file": "a.csv", "line": 9,
    ...          "after": {"prediction": "yes", "score": 0.5}})
    'a.csv:9 (id = k7): tenure 3 → 15, gender changed: no (0.25) → yes (0.5)'
    >>> behaved({"given": 0, "changed": {"tenure": [None, 1]}, "after": {"prediction": 12}})
    'given row 1 (tenure = 1): 12'
    """
    given, after = example.get("given"), _said(example.get("after") or {})
    changed = example.get("changed") or {}
    if given is not None:
        values = {name: each[1] for name, each in changed.items() if each}
        return f"given row {given + 1} ({pairs(values)}): {after}"
    place = f"row {text(example.get('row'))}"
    if example.get("file"):
        place = f"{example['file']}:{example.get('line')}"
    key = f" ({pairs(example['key'])})" if example.get("key") else ""
    what = ", ".join(_change(name, each) for name, each in changed.items())
    return f"{place}{key}: {what}: {_said(example.get('before') or {})} → {after}"


def _change(name: str, values: Any) -> str:
    """Write a change; the values of a sensitive column are not there."""
    return f"{name} {text(values[0])} → {text(values[1])}" if values else f"{name} changed"


def _said(answer: Mapping[str, Any]) -> str:
    score = f" ({text(answer['score'])})" if answer.get("score") is not None else ""
    return f"{text(answer.get('prediction'))}{score}"
