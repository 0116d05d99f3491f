"""What is kept of a search: every trial, and in the report the best of them and the spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.train.search.sampling import points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.metrics.scores import Metric
    from mlpipe.train.models import AnyModel
    from mlpipe.train.search.search import Searched
    from mlpipe.train.search.spec import Search
    from mlpipe.train.search.trial import Tried

__all__ = ["summary", "trials"]

SHOWN = 10
"""So many of the best trials are in the report; ``trials.json`` has them all."""


def trials(spec: Search | None, searched: Searched, metric: Metric) -> dict[str, Any]:
    """Return the output ``trials``: every trial with its parameters and scores, and no times.

    A trial of halving is what its last rung said of it; ``rungs`` has the means of them all.
    Without a search there is no such output.
    """
    if spec is None:
        return {}
    return {
        "trials": {
            "method": spec.method,
            "metric": metric.name,
            "greater_is_better": metric.greater_is_better,
            "trials": _rows(searched),
        }
    }


def _rows(searched: Searched) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for tried in searched.tried:
        row = tried.to_json()
        before = rows.get(row["trial"], {"rungs": [], "fits": 0})
        rung = {"share": row["share"], "mean": row["mean"]}
        row["rungs"] = [*before["rungs"], rung]
        row["fits"] += before["fits"]
        rows[row["trial"]] = row
    return [rows[number] for number in sorted(rows)]


def summary(spec: Search | None, searched: Searched, metric: Metric, chosen: str) -> dict[str, Any]:
    """Return what the report says of the search, under ``search``; nothing without one.

    Parameters
    ----------
    spec : Search or None
    searched : Searched
    metric : Metric
    chosen : str
        The candidate that won.
    """
    return {} if spec is None else {"search": _summary(spec, searched, metric, chosen)}


def _summary(spec: Search, searched: Searched, metric: Metric, chosen: str) -> dict[str, Any]:
    rows = _rows(searched)
    full = [row for row in rows if row["share"] >= 1 and row["mean"] is not None]
    ranked = sorted(full, key=lambda row: float(metric.goodness(row["mean"])), reverse=True)
    best = searched.best[chosen]
    given = next(row for row in rows if row["candidate"] == chosen and not row["params"])
    return {
        "method": spec.method,
        "trials": len(rows),
        "failed": sum(bool(row["error"]) for row in rows),
        "repeated": sum(row["same_as"] is not None for row in rows),
        "best": best.trial.number,
        "params": dict(best.trial.params),
        "yaml": {"train": {"models": {chosen: _written(best.trial.model)}}},
        "given": given["mean"],
        "top": [_short(row) for row in ranked[:SHOWN]],
        "spread": _spread([row["mean"] for row in ranked]),
        "candidates": [_side(name, rows, searched) for name in searched.best],
        "note": _part(spec, rows, searched) + _note(rows, best, given["mean"], metric),
    }


def _written(model: AnyModel) -> dict[str, Any]:
    """Return a model as one would write it in the spec: what differs from its defaults."""
    return {"type": model.type, **model.model_dump(mode="json", exclude_defaults=True)}


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    values = [fold["value"] for fold in row["folds"] if fold["value"] is not None]
    names = ("trial", "candidate", "params", "mean", "std")
    return {**{name: row[name] for name in names}, "low": min(values), "high": max(values)}


def _spread(means: Sequence[float]) -> dict[str, float]:
    """Return the best, middle and worst mean of the trials with all of the resource."""
    if not means:
        return {}
    return {"best": means[0], "median": means[len(means) // 2], "worst": means[-1]}


def _side(name: str, rows: Sequence[Mapping[str, Any]], searched: Searched) -> dict[str, Any]:
    """Say how one candidate did: as it is written, and at its best."""
    mine = [row for row in rows if row["candidate"] == name]
    best = searched.best[name]
    return {
        "name": name,
        "trials": len(mine),
        "given": next(row["mean"] for row in mine if not row["params"]),
        "best": best.mean,
        "trial": best.trial.number,
    }


def _part(spec: Search, rows: Sequence[Mapping[str, Any]], searched: Searched) -> str:
    """Say so where a part of a grid was tried alone."""
    if spec.method != "grid":
        return ""
    whole = sum(points(spec, name) for name in spec.searched(searched.best))
    tried = sum(bool(row["params"]) for row in rows)
    return f"the first {tried:,} of {whole:,} points of the grid: " if tried < whole else ""


def _note(
    rows: Sequence[Mapping[str, Any]], best: Tried, given: float | None, metric: Metric
) -> str:
    """Say how much the best mean is worth, and what the search gained."""
    if not best.trial.params:
        gained = f"no other parameters were better than those of {best.trial.candidate} as written"
    else:
        was = "undefined" if given is None else f"{given:.4f}"
        gained = f"{metric.name} {best.mean:.4f} against {was} as written"
    return (
        f"{gained}; the best of {len(rows)} trials is partly luck, so that this mean over the "
        "folds is optimistic: judge by the parts that the search did not look at, valid and test"
    )
