"""Looking back: the runs there are, one of them by name, and cleaning up."""

from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, SpecError, StoreError
from mlpipe.run.folders import RunEntry
from mlpipe.run.store import Store

__all__ = [
    "collect_garbage",
    "find_model",
    "find_run",
    "newest_model",
    "newest_with",
    "opened_before",
    "read_run",
    "summaries",
    "tracked",
]

SUMMARY = ("run", "started", "verb", "status", "model", "metric", "verdict")


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


def tracked(entry: RunEntry, runs_dir: str) -> list[dict[str, str]]:
    """Return where a run was told of, from the note beside its record."""
    from mlpipe.run.tracked import of_run, shown

    return [shown(each, f"{entry.name}/{entry.run}", runs_dir) for each in of_run(entry.path)]


def newest_with(
    store: Store, name: str, step: str, *, beside: str = ""
) -> tuple[RunEntry, dict[str, str]] | None:
    """Return the newest run of a pipeline that has an artifact of a step, and the link to it.

    ``beside`` is another step that the run must have.
    """
    for entry in reversed(store.runs(name)):
        links = _links(store, entry)
        if step in links and (beside or step) in links:
            return entry, links[step]
    return None


def newest_model(store: Store, name: str) -> tuple[RunEntry, dict[str, str]] | None:
    """Return the newest run that made a model: one that only used one does not count."""
    return newest_with(store, name, "bundle", beside="train")


def find_model(store: Store, wanted: str) -> tuple[RunEntry, dict[str, str]]:
    """Return the run of the model that a person means, and the link to its bundle.

    ``latest`` and the name of a pipeline pass over runs without a model, such as those that
    failed; a run that is named itself is taken as it is.

    Raises
    ------
    SpecError
        Where there is none.
    """
    names = sorted({entry.name for entry in store.runs()})
    if wanted == "latest":
        found = [each for name in names if (each := newest_model(store, name))]
        if found:
            return max(found, key=lambda pair: (_started(store, pair[0]), pair[0].number))
    elif wanted in names and (newest := newest_model(store, wanted)):
        return newest
    entry = find_run(store.root, wanted)
    link = _links(store, entry).get("bundle")
    if link is None:
        what = f"the run {entry.name}/{entry.run} has no model"
        raise SpecError(Problem(what, str(store.root), hint="mlpipe train SPEC"))
    return entry, link


def opened_before(store: Store, rows: str) -> int:
    """Return how often these test rows were evaluated before, by the records of all runs."""
    tests = [_record(store, entry).get("test", {}) for entry in store.runs()]
    return max((test["opened"] for test in tests if test.get("rows") == rows), default=0)


def summaries(runs_dir: Path) -> list[dict[str, Any]]:
    """Return a row a run, oldest first."""
    if not Path(runs_dir).exists():
        return []
    store = Store(Path(runs_dir), create=False)
    records = [(entry, _record(store, entry)) for entry in store.runs()]
    rows = [_summary(entry, record) for entry, record in records]
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
        newest = max(
            entries, key=lambda entry: (_started(store, entry), entry.number), default=None
        )
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


def _record(store: Store, entry: RunEntry) -> dict[str, Any]:
    """Return the record of a run; nothing where it is damaged: the others still tell."""
    try:
        return store.read_run(entry.name, entry.run)
    except StoreError:
        return {}


def _links(store: Store, entry: RunEntry) -> dict[str, dict[str, str]]:
    links: dict[str, dict[str, str]] = _record(store, entry).get("artifacts", {})
    return links


def _started(store: Store, entry: RunEntry) -> str:
    return str(_record(store, entry).get("started", ""))


def _summary(entry: RunEntry, record: dict[str, Any]) -> dict[str, Any]:
    run = f"{entry.name}/{entry.run}"
    if not record:
        return {**dict.fromkeys(SUMMARY, ""), "run": run, "status": "damaged"}
    answer = record["result"]["answer"]
    metrics = answer.get("metrics") or {}
    first = metrics["rows"][0] if metrics.get("rows") else None
    return {
        "run": run,
        "started": record["started"][:19],
        "verb": record["request"]["verb"],
        "status": record["result"]["status"],
        "model": metrics.get("model", ""),
        "metric": _measured(first) if first else "",
        "verdict": (answer.get("verdict") or {}).get("status", ""),
    }


def _measured(row: dict[str, Any]) -> str:
    """Write a metric; one that is undefined has no value."""
    return f"{row['name']} –" if row["value"] is None else f"{row['name']} {row['value']:.4f}"
