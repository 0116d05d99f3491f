"""What changed from one run to another: spec, data, code, packages. Pure."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from mlpipe.run.diff.side import Side
from mlpipe.run.reproduce.differences import Difference, between, of_environments, of_specs
from mlpipe.spec.dump import to_yaml

__all__ = ["changes", "columns_changed", "facts", "spec_diff"]

_CODE = ".py"
_SECTIONS = {
    "data": ("data",),
    "code": ("code", "git"),
    "packages": ("packages",),
    "environment": ("Python", "mlpipe", "champion"),
}


def facts(run: Side) -> dict[str, Any]:
    """Return what a reader knows a run by: name, time, verdict, model, data, git."""
    result, git = run.record["result"], run.record["git"]
    answer = result["answer"]
    ingest = run.reports["ingest"]
    return {
        "run": run.called,
        "started": run.record["started"],
        "command": run.record["command"],
        "status": result["status"],
        "verdict": (answer.get("verdict") or {}).get("status", ""),
        "model": (answer.get("metrics") or {}).get("model", ""),
        "rows": ingest.get("rows"),
        "rejected": ingest.get("rejected"),
        "columns": len(ingest["columns"]) if ingest.get("columns") else None,
        "parts": dict(run.reports["split"].get("rows") or {}),
        "data": run.digest("ingest")[:12],
        "git": git.get("commit", ""),
        "dirty": bool(git.get("dirty")),
    }


def changes(old: Side, new: Side) -> dict[str, Any]:
    """Return what changed, by what it is of; each change has ``what``, ``old`` and ``new``.

    Returns
    -------
    dict
        ``spec``, ``data``, ``code``, ``packages``, ``environment``: lists; ``columns``: see
        `columns_changed`; ``counted``: the packages among them that a step rests on.
    """
    made = between(old.made_from, new.made_from, _code_files(old, new))
    here, there = old.record["environment"], new.record["environment"]
    found = [each for each in made if each.kind != "spec"]
    found += of_environments(here, there, found)
    found += _git(old.record["git"], new.record["git"])
    known = {each.what for each in found if each.kind == "mlpipe"}
    if not known and here["mlpipe"] != there["mlpipe"]:
        found.append(Difference("mlpipe", "", here["mlpipe"], there["mlpipe"]))
    return {
        "spec": _listed(of_specs(old.spec, new.spec)),
        **{
            name: _listed(each for each in found if each.kind in kinds)
            for name, kinds in _SECTIONS.items()
        },
        "columns": columns_changed(old.reports["ingest"], new.reports["ingest"]),
        "counted": [each.what for each in made if each.kind == "packages"],
    }


def columns_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns that were ``added``, ``removed`` and ``retyped``, by name.

    >>> was, now = ({"columns": [{"name": "age", "type": kind}]} for kind in ("integer", "number"))
    >>> columns_changed(was, now)["retyped"]
    [{'what': 'age', 'old': 'integer', 'new': 'number'}]
    """
    before, now = (
        {each["name"]: each["type"] for each in report.get("columns") or ()}
        for report in (old, new)
    )
    both = [name for name in before if name in now]
    return {
        "added": [name for name in now if name not in before],
        "removed": [name for name in before if name not in now],
        "retyped": [
            {"what": name, "old": before[name], "new": now[name]}
            for name in both
            if before[name] != now[name]
        ],
    }


def spec_diff(old: Side, new: Side) -> str:
    """Return the two specs as a unified diff of YAML; empty where they say the same."""
    before, now = (to_yaml(each.written).splitlines(keepends=True) for each in (old, new))
    return "".join(difflib.unified_diff(before, now, old.called, new.called, n=3))


def _code_files(*runs: Side) -> set[str]:
    """Return the input files that are Python: code of the user, and no data."""
    names = {name for run in runs for made in run.made_from.values() for name in made}
    files = (name.removeprefix("file ") for name in names if name.startswith("file "))
    return {file for file in files if file.endswith(_CODE)}


def _git(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return the commits where they differ; a changed work tree is told by ``+``."""
    before, now = (
        each.get("commit", "")[:12] + ("+" if each.get("dirty") else "") for each in (old, new)
    )
    same = before == now and old.get("diff") == new.get("diff")
    return [] if same else [Difference("git", "commit", before or None, now or None)]


def _listed(found: Iterable[Difference]) -> list[dict[str, Any]]:
    rows = (asdict(each) for each in found)
    return [{key: row[key] for key in ("kind", "what", "old", "new")} for row in rows]
