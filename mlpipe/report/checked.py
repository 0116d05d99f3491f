"""What is shown of the current rows themselves: checks that failed, labels, what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.words import is_number, number, where

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["checked", "example_lines", "label_words"]

_SHOWN = 3
_MOST = 100


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section on the current data; empty where the report says nothing of it."""
    data = mapping_of(report.get("data"))
    if not data:
        return {}
    checks = rows_of(report.get("checks"))
    return {
        **data,
        "checks": checks[:_MOST],
        "more": max(0, len(checks) - _MOST),
        "left_out": rows_of(data.get("left_out")),
        "labels": mapping_of(report.get("labels")),
        "label_words": label_words(report),
    }


def example_lines(report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the first rows of each failed check, a line each, by the name of its alert."""
    return {
        f"data.{check.get('key') or check.get('check')}": [
            where(each) for each in (check.get("examples") or [])[:_SHOWN]
        ]
        for check in rows_of(report.get("checks"))
    }


def label_words(report: Mapping[str, Any]) -> str:
    """Say how many labels have come, and what is the matter with the others.

    >>> label_words({"labels": {"labelled": 900, "waiting": 100, "doubled": 2, "unknown": 0}})
    '900 of 1,000 rows have one; 2 are there twice and count once'
    """
    labels = mapping_of(report.get("labels"))
    labelled, waiting = labels.get("labelled"), labels.get("waiting")
    if not is_number(labelled) or not is_number(waiting):
        return ""
    rows = labelled + waiting + labels.get("unknown", 0)
    told = {
        "doubled": "are there twice and count once",
        "contradicting": "contradict another of the same key and are left out",
        "unmatched": "belong to no row",
        "unknown": "are of no class that the model knows and are left out",
    }
    said = [f"{number(labels[name])} {what}" for name, what in told.items() if labels.get(name)]
    if not rows and not said:
        return ""
    return "; ".join([f"{number(labelled)} of {number(rows)} rows have one", *said])
