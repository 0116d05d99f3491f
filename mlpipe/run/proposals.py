"""What the spec would have to say for the failed checks to pass, as diffs of its YAML."""

import difflib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mlpipe.errors import Problem, SpecError
from mlpipe.run.formats import read_json
from mlpipe.spec.edit import Edit, applied, edited, home
from mlpipe.spec.mark import dotted
from mlpipe.validate.patch import Patch, patches
from mlpipe.validate.spec import Validate

if TYPE_CHECKING:
    from mlpipe.pipeline import Loaded
    from mlpipe.run.store import Artifact

__all__ = ["by_file", "diff", "proposals"]


def proposals(loaded: "Loaded", artifacts: Mapping[str, "Artifact"]) -> list[dict[str, Any]]:
    """Return a patch for each check that failed or warned; nothing is written.

    Parameters
    ----------
    loaded : Loaded
        The spec.
    artifacts : mapping
        Those of ingest and validate.

    Returns
    -------
    list of dict
        ``check`` (its name for ``--accept``), ``status``, ``why``, ``changes`` (path, key and
        value of each; empty where nothing is proposed) and ``diff`` of the YAML.
    """
    report = read_json(artifacts["validate"], "report")
    if report["status"] == "passed":
        return []
    hidden = frozenset(name.lower() for name in loaded.pipeline.columns.sensitive)
    section = loaded.resolved.values.get("validate") or {}
    found = patches(section, report, hidden, _unseen(report, hidden, artifacts["ingest"].path))
    return [_document(patch, loaded) for patch in found]


def by_file(loaded: "Loaded", edits: list[Edit]) -> dict[str, list[Edit]]:
    """Return the edits by the file that each belongs into.

    Raises
    ------
    SpecError
        Where a value stands in no file.
    """
    files: dict[str, list[Edit]] = {}
    for edit in edits:
        files.setdefault(home(loaded.resolved, edit.path), []).append(edit)
    return files


def diff(file: str, before: bytes, after: bytes) -> str:
    """Return a unified diff of two versions of a YAML file, without a byte order mark."""
    old, new = ([line.rstrip("\r") for line in _lines(data)] for data in (before, after))
    lines = difflib.unified_diff(old, new, file, file, n=1, lineterm="")
    return "\n".join(lines)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8-sig").removesuffix("\n").split("\n")


def _unseen(report: Any, hidden: frozenset[str], folder: Path) -> dict[str, list[Any]]:
    """Look for values outside the lists only where the report does not show them all."""
    asked = [each for each in report["checks"] if each["check"] == "in" and each["failing"]]
    if all(each["failing"] <= len(each["examples"]) for each in asked):
        return {}
    from mlpipe.table.session import Session
    from mlpipe.validate.unseen import unseen

    with tempfile.TemporaryDirectory() as scratch, Session(Path(scratch)) as session:
        return unseen(report, hidden, session.read(folder / "table.parquet"), session)


def _document(patch: Patch, loaded: "Loaded") -> dict[str, Any]:
    edits = [Edit(path, value) for path, value in patch.changes]
    why = patch.why
    try:
        _check_section(loaded, edits)
        shown = "\n".join(_diffs(loaded, edits))
    except SpecError as error:
        edits, shown, why = [], "", error.problems[0].message
    return {
        "check": patch.check,
        "status": patch.status,
        "why": why,
        "changes": [
            {"key": dotted(edit.path), "path": list(edit.path), "value": edit.value}
            for edit in edits
        ],
        "diff": shown,
    }


def _check_section(loaded: "Loaded", edits: list[Edit]) -> None:
    """Refuse a change that the section itself would refuse."""
    values = loaded.resolved.values
    for edit in edits:
        values = applied(values, edit)
    try:
        Validate.read(values.get("validate") or {})
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise SpecError(Problem(f"no single change of this check would do: {said}")) from None


def _diffs(loaded: "Loaded", edits: list[Edit]) -> Iterator[str]:
    for file, changes in by_file(loaded, edits).items():
        before = Path(file).read_bytes()
        yield diff(file, before, edited(before, changes, file))
