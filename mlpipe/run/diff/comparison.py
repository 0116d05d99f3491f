"""Runs side by side in one document: what changed against the first, and what it did."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, SpecError
from mlpipe.run.diff.changes import changes, facts, spec_diff
from mlpipe.run.diff.paired import gains, pairing
from mlpipe.run.diff.side import Side, side
from mlpipe.run.history import find_run
from mlpipe.run.store import Store

__all__ = ["compared", "comparison", "says"]

_ENDS = ("value", "low", "high", "baseline")


def compared(runs_dir: Path, wanted: Sequence[str]) -> list[Side]:
    """Read the runs that a person means, as `find_run` takes them.

    Raises
    ------
    SpecError
        Where there is none of a name, or more than one; where they are one and the same.
    StoreError
        Where a record is damaged.
    """
    entries = [find_run(runs_dir, name) for name in wanted]
    if len(set(entries)) < len(entries):
        called = f"{entries[0].name}/{entries[0].run}"
        what = f"{' and '.join(wanted)} are the same run, {called}"
        raise SpecError(Problem(what, str(runs_dir), hint="name two: mlpipe runs list"))
    return [side(Store(entry.path.parent.parent, create=False), entry) for entry in entries]


def comparison(runs: Sequence[Side]) -> dict[str, Any]:
    """Return the document of two runs or more, the first of them what the others are held against.

    Returns
    -------
    dict
        JSON-safe. ``runs``: the facts of each. ``against``: for each but the first, what changed
        (see `mlpipe.run.diff.changes.changes`), ``spec_diff``, and ``paired``: ``by`` row or key
        or the reason why not. ``parts``: for each part its metrics, each with one entry a run:
        value, interval and baseline, and the ``gain`` over the first run. ``gates``: the status of
        each gate in each run.
    """
    first, *others = runs
    against = [_against(first, other) for other in others]
    return {
        "runs": [facts(run) for run in runs],
        "against": against,
        "parts": {
            part: _part(runs, part, [each["paired"] for each in against]) for part in _parts(runs)
        },
        "gates": list(_gates(runs)),
    }


def _against(first: Side, other: Side) -> dict[str, Any]:
    how = pairing(first, other)
    return {
        "run": other.called,
        **changes(first, other),
        "spec_diff": spec_diff(first, other),
        "paired": {"by": how.by, "why": how.why, "rows": {}},
    }


def _parts(runs: Sequence[Side]) -> list[str]:
    """Return the parts that any of the runs judged, test first."""
    judged = [part for run in runs for part in run.reports["evaluate"].get("parts", {})]
    return sorted(dict.fromkeys(judged), key=("test", "valid").index)


def _part(
    runs: Sequence[Side], part: str, paired: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    told = [_metrics(run, part) for run in runs]
    better = [_gains(runs[0], run, part, how) for run, how in zip(runs[1:], paired, strict=True)]
    names = dict.fromkeys(name for each in told for name in each)
    return [
        {
            "name": name,
            "greater_is_better": next(
                each[name]["greater_is_better"] for each in told if name in each
            ),
            "runs": [
                {
                    **{end: each.get(name, {}).get(end) for end in _ENDS},
                    "gain": better[at - 1].get(name) if at else None,
                }
                for at, each in enumerate(told)
            ],
        }
        for name in names
    ]


def _metrics(run: Side, part: str) -> dict[str, dict[str, Any]]:
    found = run.reports["evaluate"].get("parts", {}).get(part) or {}
    return {row["name"]: row for row in found.get("metrics", [])}


def _gains(first: Side, other: Side, part: str, how: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the gain of each metric of a part, noting how many rows that rests on."""
    mine, theirs = _metrics(first, part), _metrics(other, part)
    names = [name for name in mine if name in theirs]
    if not how["by"] or not names:
        return {}
    found, why = gains(first, other, part, names, how["by"])
    how["rows"][part] = why or first.reports["evaluate"]["parts"][part]["rows"]
    return {name: {**each, "says": says(each)} for name, each in found.items()}


def says(gain: dict[str, Any]) -> str:
    """Return what a paired interval says: better, worse, the same, or undecided.

    >>> says({"value": 0.1, "low": 0.02, "high": 0.2}), says({"value": 0.0, "low": 0.0, "high": 0})
    ('better', 'the same')
    """
    low, high = gain["low"], gain["high"]
    if low is None or high is None:
        return ""
    if low == high == 0:
        return "the same"
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def _gates(runs: Sequence[Side]) -> Iterator[dict[str, Any]]:
    """Yield each gate with its status in each run; None where a run has no such gate."""
    told = [
        {
            (gate["gate"], str(gate.get("slice") or "")): gate
            for gate in (run.record["result"]["answer"].get("verdict") or {}).get("gates", [])
        }
        for run in runs
    ]
    for key in dict.fromkeys(key for each in told for key in each):
        first = next(each[key] for each in told if key in each)
        statuses = [each[key]["status"] if key in each else None for each in told]
        yield {"gate": first["gate"], "slice": first.get("slice"), "status": statuses}
