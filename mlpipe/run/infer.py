"""Propose the section ``validate`` from the ingested data, and put it into the spec."""

import os
import shlex
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import Loaded, load
from mlpipe.run.command import build
from mlpipe.run.proposals import diff
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from mlpipe.spec.dump import flow
from mlpipe.spec.edit import Edit, edited, home
from mlpipe.spec.mark import Path as Keys
from mlpipe.spec.rewrite import rewrite
from mlpipe.spec.yaml import parse

if TYPE_CHECKING:
    from mlpipe.run.engine import Watch
    from mlpipe.validate.infer import Proposal

__all__ = ["Inferred", "infer"]

_SECTION: Keys = ("validate",)
_COLUMNS: Keys = ("validate", "columns")


@dataclass(frozen=True)
class Inferred:
    """A proposed section.

    Attributes
    ----------
    result : Result
        That of ingest; its answer has the section, the reasons and the diff.
    text : str
        What to print: the section as YAML, or the diff of the spec.
    """

    result: Result
    text: str = ""


def infer(request: Request, *, force: tuple[str, ...], watch: "Watch", write: bool) -> Inferred:
    """Ingest where needed, and propose checks that the table passes.

    Parameters
    ----------
    request : Request
        For the verb ingest.
    force, watch
        See `mlpipe.run.command.build`.
    write : bool
        Put the proposal into the spec: the whole section, or, where there is one, the columns
        that it does not name.

    Raises
    ------
    SpecError
        Where the section cannot be edited.
    StoreError
        Where the file cannot be written.
    """
    result = build(request, force=force, watch=watch)
    if result.problems:
        return Inferred(result)
    loaded = load(
        Path(request.spec),
        profile=request.profile,
        overrides=request.overrides,
        environ=os.environ,
    )
    found = _proposals(loaded, Path(result.steps[-1].path) / "table.parquet")
    text = "validate:\n" + "".join(f"  {line}\n" for line in _lines(found))
    changed = _written(loaded, found) if write else ""
    spec = " ".join([shlex.quote(request.spec), *request.options])
    answer = {
        "section": _section(found),
        "reasons": [{"column": each.column, "reason": each.reason} for each in found],
        "diff": changed,
    }
    following = f"mlpipe validate {spec}" + ("" if write else " --infer --write")
    result = replace(result, answer=answer, warnings=(), next=following)
    return Inferred(result, _told(changed) if write else text)


def _told(changed: str) -> str:
    return f"{changed}\n" if changed else "every column has its checks; nothing was added\n"


def _proposals(loaded: Loaded, table: Path) -> "list[Proposal]":
    from mlpipe.table.session import Session
    from mlpipe.validate.infer import infer as of_table

    with tempfile.TemporaryDirectory() as scratch, Session(Path(scratch)) as session:
        return of_table(loaded.pipeline.columns, session.read(table), session)


def _section(found: "list[Proposal]") -> dict[str, Any]:
    columns = {each.column: each.checks for each in found if each.column}
    checks = [each.checks for each in found if not each.column]
    return {"columns": columns, **({"checks": checks} if checks else {})}


def _lines(found: "list[Proposal]") -> list[str]:
    """Return the section as YAML, each line with its reason."""
    columns = [each for each in found if each.column]
    checks = [each for each in found if not each.column]
    return [
        "columns:",
        *(f"  {flow(each.column)}: {flow(each.checks)}  # {each.reason}" for each in columns),
        *(["checks:"] if checks else []),
        *(f"  - {flow(each.checks)}  # {each.reason}" for each in checks),
    ]


def _written(loaded: Loaded, found: "list[Proposal]") -> str:
    """Put the proposal into the spec; return the diff, empty where nothing was to be added."""
    section = loaded.resolved.values.get("validate")
    if section:
        named = {name.lower() for name in section.get("columns") or {}}
        missing = [each for each in found if each.column and each.column.lower() not in named]
        file, edits = (
            home(loaded.resolved, _COLUMNS),
            [Edit((*_COLUMNS, each.column), each.checks, note=each.reason) for each in missing],
        )
    else:
        file = home(loaded.resolved, _SECTION)
        there = parse(Path(file).read_bytes(), file).value
        after = next((name for name in ("split", "ingest") if name in there), "")
        written = "\n".join(_lines(found))
        edits = [Edit(_SECTION, _section(found), after=after, written=written)]
    before = Path(file).read_bytes()
    new = edited(before, edits, file)
    if new == before:
        return ""
    rewrite(file, before, new)
    return diff(file, before, new)
