"""The table of the classes on the page: how well each is told from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.spans import span

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["per_class"]


def per_class(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each class, its recall with a span on the scale of 0 to 1.

    Parameters
    ----------
    report : mapping
        ``report`` of evaluate.
    """
    return [_row(each) for each in rows_of(report.get("per_class"))]


def _row(each: dict[str, Any]) -> dict[str, Any]:
    precision, recall = (mapping_of(each.get(name)) for name in ("precision", "recall"))
    line = span(recall.get("value"), recall.get("low"), recall.get("high"), [], [0.0, 1.0])
    return {**each, "precision": precision, "recall": recall, "span": line}
