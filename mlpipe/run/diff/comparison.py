"""Runs side by side in one document: what changed against the first, and what it did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from mlpipe.errors import Problem, SpecError
from mlpipe.report.champion import told
from mlpipe.run.diff.changes import changes, facts, spec_diff
from mlpipe.run.diff.paired import Pairing, gains, pairing
from mlpipe.run.diff.side import Side, side
from mlpipe.run.history import find_run
from mlpipe.run.store import Store

__all__ = ["compared", "comparison"]

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
    parts = _parts(runs)
    pairs = [_paired(first, other, parts) for other in others]
    return {
        "runs": [facts(run) for run in runs],
        "against": [
            _against(first, other, pair) for other, pair in zip(others, pairs, strict=True)
        ],
        "parts": {part: _part(runs, part, pairs) for part in parts},
        "gates": list(_gates(runs)),
    }


class _Paired(NamedTuple):
    """How a run was paired with the first; by part, on how many rows or why not, and the gains."""

    how: Pairing
    rows: dict[str, int | str]
    gains: dict[str, dict[str, dict[str, Any]]]


def _paired(first: Side, other: Side, parts: Sequence[str]) -> _Paired:
    how = pairing(first, other)
    found = _Paired(how, {}, {})
    for part in parts if how.by else ():
        mine, theirs = _metrics(first, part), _metrics(other, part)
        names = [name for name in mine if name in theirs]
        if names:
            found.gains[part], why = gains(first, other, part, names, how.by)
            found.rows[part] = why or first.reports["evaluate"]["parts"][part]["rows"]
    return found


def _against(first: Side, other: Side, pair: _Paired) -> dict[str, Any]:
    return {
        "run": other.called,
        **changes(first, other),
        "spec_diff": spec_diff(first, other),
        "paired": {**asdict(pair.how), "rows": pair.rows},
    }


def _parts(runs: Sequence[Side]) -> list[str]:
    """Return the parts that any of the runs judged, test first."""
    judged = [part for run in runs for part in run.reports["evaluate"].get("parts", {})]
    return sorted(dict.fromkeys(judged), key=("test", "valid").index)


def _part(runs: Sequence[Side], part: str, pairs: Sequence[_Paired]) -> list[dict[str, Any]]:
    judged = [_metrics(run, part) for run in runs]
    found = [{}, *(pair.gains.get(part, {}) for pair in pairs)]
    names = dict.fromkeys(name for each in judged for name in each)
    return [
        {
            "name": name,
            "greater_is_better": next(
                each[name]["greater_is_better"] for each in judged if name in each
            ),
            "runs": [
                {**{end: row.get(name, {}).get(end) for end in _ENDS}, "gain": _said(gain, name)}
                for row, gain in zip(judged, found, strict=True)
            ],
        }
        for name in names
    ]


def _said(found: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any] | None:
    gain = found.get(name)
    return None if gain is None else {**gain, "says": told(gain)}


def _metrics(run: Side, part: str) -> dict[str, dict[str, Any]]:
    found = run.reports["evaluate"].get("parts", {}).get(part) or {}
    return {row["name"]: row for row in found.get("metrics", [])}


def _gates(runs: Sequence[Side]) -> Iterator[dict[str, Any]]:
    """Yield each gate with its status in each run; None where a run has no such gate."""
    judged = [
        {
            (gate["gate"], str(gate.get("slice") or "")): gate
            for gate in (run.record["result"]["answer"].get("verdict") or {}).get("gates", [])
        }
        for run in runs
    ]
    for key in dict.fromkeys(key for each in judged for key in each):
        first = next(each[key] for each in judged if key in each)
        statuses = [each[key]["status"] if key in each else None for each in judged]
        yield {"gate": first["gate"], "slice": first.get("slice"), "status": statuses}
