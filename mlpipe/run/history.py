"""Looking back: the runs there are, one of them by name, and cleaning up."""

from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, SpecError, StoreError
from mlpipe.run.folders import RunEntry
from mlpipe.run.store import Store

__all__ = ["collect_garbage", "find_run", "opened_before", "read_run", "summaries"]


def find_run(runs_dir: Path, wanted: str) -> RunEntry:
    """Return the run that a person means.

    Parameters
    ----------
    runs_dir : Path
        Where runs are kept.
    wanted : str
        ``latest`` (of all pipelines), ``churn`` (its latest), ``churn/0007-3f9a`` or any unique
        start of it, ``7`` or ``0007`` where one pipeline alone has it, or a path.

    Raises
    ------
    SpecError
        Where there is none, or more than one.
    """
    store = Store(Path(runs_dir), create=False)
    entries = store.runs()
    found = _matching(store, entries, wanted)
    if len(found) == 1:
        return found[0]
    near = [f"{entry.name}/{entry.run}" for entry in (found or entries)[-5:]]
    known = ", ".join(near) or "none yet"
    what = f"'{wanted}' names {len(found)} runs" if found else f"there is no run '{wanted}'"
    raise SpecError(Problem(what, str(runs_dir), hint=f"runs: {known}"))


def read_run(entry: RunEntry) -> dict[str, Any]:
    """Return the record of a run."""
    return Store(entry.path.parent.parent, create=False).read_run(entry.name, entry.run)


def opened_before(store: Store, name: str, split: str) -> int:
    """Return how often the test part of this split was evaluated before, by the record."""
    tests = [_test_of(store, entry) for entry in store.runs(name)]
    return max((test["opened"] for test in tests if test.get("split") == split), default=0)


def _test_of(store: Store, entry: RunEntry) -> dict[str, Any]:
    try:
        found: dict[str, Any] = store.read_run(entry.name, entry.run).get("test", {})
    except StoreError:  # a damaged record costs its count; the others still tell
        return {}
    return found


def summaries(runs_dir: Path) -> list[dict[str, Any]]:
    """Return a row a run, oldest first."""
    if not Path(runs_dir).exists():
        return []
    store = Store(Path(runs_dir), create=False)
    rows = [_summary(entry, store.read_run(entry.name, entry.run)) for entry in store.runs()]
    return sorted(rows, key=lambda row: (row["started"], row["run"]))


def collect_garbage(runs_dir: Path, *, keep: int, dry_run: bool) -> dict[str, Any]:
    """Remove old runs and what only they refer to; return what went."""
    from mlpipe.run.gc import gc

    done = gc(Store(Path(runs_dir), create=False), keep, dry_run=dry_run)
    return {
        "runs": list(done.runs),
        "artifacts": list(done.artifacts),
        "damaged": list(done.damaged),
        "bytes": done.size,
    }


def _matching(store: Store, entries: list[RunEntry], wanted: str) -> list[RunEntry]:
    if wanted == "latest":
        newest = max(entries, key=lambda entry: read_run(entry)["started"], default=None)
        return [newest] if newest else []
    latest = {entry.name: store.latest(entry.name) for entry in entries}
    if wanted in latest:
        return [entry for entry in entries if (entry.name, entry.run) == (wanted, latest[wanted])]
    if wanted.isdecimal():
        return [entry for entry in entries if entry.number == int(wanted)]
    path = Path(wanted).resolve()
    return [
        entry
        for entry in entries
        if entry.path.resolve() == path
        or ("/" in wanted and f"{entry.name}/{entry.run}".startswith(wanted))
    ]


def _summary(entry: RunEntry, record: dict[str, Any]) -> dict[str, Any]:
    answer = record["result"]["answer"]
    metrics = answer.get("metrics") or {}
    first = metrics["rows"][0] if metrics.get("rows") else None
    return {
        "run": f"{entry.name}/{entry.run}",
        "started": record["started"],
        "verb": record["request"]["verb"],
        "status": record["result"]["status"],
        "model": metrics.get("model", ""),
        "metric": f"{first['name']} {first['value']:.4f}" if first else "",
        "verdict": (answer.get("verdict") or {}).get("status", ""),
    }
