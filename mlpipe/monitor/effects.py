"""What decisions were worth, and how far groups were apart, where labels are: against training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import decide, worst
from mlpipe.monitor.losses import scarcity, spread
from mlpipe.monitor.worse import worse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EFFECTS", "effects"]

EFFECTS = ("business", "fairness")
"""The kinds of quantities that are effects of the decisions."""


def effects(
    estimate: Mapping[str, Any], kind: str, loss: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Judge the realised figures of a kind by the rule of quality: see `worse`.

    Parameters
    ----------
    estimate : mapping
        From `estimated`: each quantity with what was realised of it.
    kind : {"business", "fairness"}
    loss : mapping, optional
        From `loss_reference`: how much more chunks vary than their rows explain, and how many rows
        training had. Gaps are not widened by it: what makes a day hard is hard for all groups.

    Returns
    -------
    dict
        ``status`` (the worst) and ``measures``: each with ``key``, ``name``, ``unit``,
        ``greater_is_better``, ``reference``, ``margin``, ``status``, ``chunks`` (with ``naive``)
        and ``notes``.
    """
    wide = loss if kind == "business" else None
    measures = [_measure(each, wide) for each in estimate["quantities"] if each["kind"] == kind]
    return {"status": worst(each["status"] for each in measures), "measures": measures}


def _measure(quantity: Mapping[str, Any], loss: Mapping[str, Any] | None) -> dict[str, Any]:
    rows = [_row(quantity, each, loss) for each in quantity["chunks"]]
    status, _ = decide([row["status"] for row in rows])
    kept = ("key", "name", "unit", "greater_is_better", "reference", "margin")
    return {
        **{name: quantity[name] for name in kept},
        "status": status,
        "chunks": rows,
        "notes": [],
    }


def _row(
    quantity: Mapping[str, Any], chunk: Mapping[str, Any], loss: Mapping[str, Any] | None
) -> dict[str, Any]:
    realised = chunk["realised"] or {}
    labelled = realised.get("labelled", 0)
    ends = {name: realised.get(name) for name in ("value", "low", "high", "naive")}
    judged = worse(
        ends,
        quantity["reference"],
        quantity["margin"],
        greater_is_better=quantity["greater_is_better"],
        spread=spread(loss, labelled),
        scarcity=scarcity(loss, labelled),
    )
    why = realised.get("why") or judged["why"] if realised else chunk["why"] or "too few labels"
    return {
        "chunk": chunk["chunk"],
        "rows": chunk["rows"],
        "labelled": labelled,
        **ends,
        **judged,
        "why": why,
    }
