"""The labels that have come: how many, and what is the matter with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["doubtful", "label_words"]

_TOLD = {
    "doubled": "are there twice and count once",
    "contradicting": "contradict another of the same key and are left out",
    "unmatched": "belong to no row",
    "unknown": "are of no class that the model knows and are left out",
}


def doubtful(labels: Mapping[str, int]) -> bool:
    """Tell whether labels deserve a look: they contradict, mean nothing, or belong to no row.

    >>> doubtful({"labelled": 90, "waiting": 10, "unmatched": 3})
    False
    >>> doubtful({"labelled": 0, "waiting": 10, "unmatched": 3})
    True
    """
    lost = not labels["labelled"] and labels.get("unmatched", 0) > 0
    return lost or any(labels.get(name, 0) for name in ("contradicting", "unknown"))


def label_words(labels: Mapping[str, int]) -> str:
    """Say how many labels have come, and what is the matter with the others.

    >>> label_words({"labelled": 900, "waiting": 98, "doubled": 2, "unknown": 2})
    '900 of 1,000 rows have one; 2 are there twice and count once; 2 are of no class that the \
model knows and are left out'
    """
    rows = labels["labelled"] + labels["waiting"] + labels.get("unknown", 0)
    said = [f"{labels[name]:,} {what}" for name, what in _TOLD.items() if labels.get(name)]
    return "; ".join([f"{labels['labelled']:,} of {rows:,} rows have one", *said])
