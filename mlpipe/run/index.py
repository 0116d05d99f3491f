"""All runs of a run directory in one document, out of their records alone."""

from pathlib import Path
from typing import Any

from mlpipe.errors import StoreError
from mlpipe.run.folders import RunEntry
from mlpipe.run.store import Store

__all__ = ["index"]

_ENDS = ("name", "value", "low", "high", "baseline")
_METRICS = 4
"""How many metrics of a run are shown: those that its spec names first."""


def index(runs_dir: Path) -> dict[str, Any]:
    """Return the runs of each pipeline, oldest first.

    Returns
    -------
    dict
        ``pipelines``: a list of ``name`` and ``runs``. A run has ``run``, ``path`` (of its page,
        relative to the run directory; empty where it has none), ``started``, ``verb``,
        ``status``, ``verdict``, ``monitor``, ``alerts``, ``model``, ``part``, ``metrics``,
        ``rows`` (the digest of the rows it was judged on), ``opened``, ``data``, ``git``,
        ``dirty``. One whose record is damaged has the status ``damaged`` and no more than its
        name.
    """
    store = Store(Path(runs_dir), create=False)
    pipelines: dict[str, list[dict[str, Any]]] = {}
    for entry in store.runs():
        pipelines.setdefault(entry.name, []).append(_row(store, entry))
    return {"pipelines": [{"name": name, "runs": runs} for name, runs in pipelines.items()]}


def _row(store: Store, entry: RunEntry) -> dict[str, Any]:
    page = entry.path / "report.html"
    named = {
        "run": entry.run,
        "path": page.relative_to(store.root).as_posix() if page.exists() else "",
    }
    try:
        record = store.read_run(entry.name, entry.run)
    except StoreError:
        return {**named, "status": "damaged"}
    return {**named, **_told(record)}


def _told(record: dict[str, Any]) -> dict[str, Any]:
    answer, git = record["result"]["answer"], record["git"]
    metrics, watched = answer.get("metrics") or {}, answer.get("monitor") or {}
    return {
        "started": record["started"],
        "verb": record["request"]["verb"],
        "status": record["result"]["status"],
        "verdict": (answer.get("verdict") or {}).get("status", ""),
        # What nobody has silenced; older records know no silence.
        "monitor": watched.get("loud", watched.get("status", "")),
        "alerts": watched.get("alerts", []),
        "model": metrics.get("model", ""),
        "part": metrics.get("part", ""),
        "metrics": [
            {end: row.get(end) for end in _ENDS} for row in metrics.get("rows", [])[:_METRICS]
        ],
        "rows": record["test"]["rows"],
        "opened": record["test"]["opened"],
        "data": record["artifacts"].get("ingest", {}).get("digest", "")[:12],
        "git": git.get("commit", ""),
        "dirty": bool(git.get("dirty")),
    }
