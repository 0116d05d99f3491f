"""Accept patches: write into the spec what the data says, where a person said so."""

import os
import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.pipeline import load
from mlpipe.run.command import build
from mlpipe.run.proposals import by_file, diff
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from mlpipe.spec.edit import Edit, edited
from mlpipe.spec.rewrite import rewrite
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from mlpipe.run.engine import Watch

__all__ = ["accept"]

ALL = "all"
_LAXER: dict[str | int, Callable[..., Any]] = {"mostly": min, "change": max}
Patches = list[dict[str, Any]]


def accept(
    request: Request, checks: tuple[str, ...], *, force: tuple[str, ...], watch: "Watch"
) -> Result:
    """Validate, and put the patches that were named into the spec.

    Parameters
    ----------
    request : Request
        For the verb validate; its report is reused where it is up to date.
    checks : tuple of str
        The names of patches, or ``all``.
    force, watch
        See `build`.

    Returns
    -------
    Result
        Exit code 0; the answer has the patches ``accepted`` and the ``diff`` of what was written.

    Raises
    ------
    SpecError
        For a patch that does not exist, a value that stands in no file, a file that changed.
    StoreError
        Where a file cannot be written.
    """
    result = build(request, force=force, watch=watch)
    if result.problems:
        return result
    chosen = _chosen(result.answer.get("patches", []), checks)
    shown = _write(request, _edits(chosen)) if chosen else ""
    answer = {"accepted": [patch["check"] for patch in chosen], "diff": shown}
    spec = " ".join([shlex.quote(request.spec), *request.options])
    return replace(result, exit_code=0, answer=answer, warnings=(), next=f"mlpipe validate {spec}")


def _chosen(patches: Patches, checks: tuple[str, ...]) -> Patches:
    """Return the patches named.

    Raises
    ------
    SpecError
        With each name that is none, and each patch that changes nothing.
    """
    if ALL in checks:
        return [patch for patch in patches if patch["changes"]]
    named = {patch["check"]: patch for patch in patches}
    problems = [_unknown(check, named) for check in checks if check not in named]
    problems += [
        Problem(f"nothing is proposed: {named[check]['why']}", f"--accept {check}")
        for check in checks
        if check in named and not named[check]["changes"]
    ]
    if problems:
        raise SpecError(*problems)
    return [named[check] for check in dict.fromkeys(checks)]


def _unknown(check: str, named: Iterable[str]) -> Problem:
    known = ", ".join([*named, ALL])
    hints = [did_you_mean(check, named), f"there are: {known}"]
    if not [*named]:
        hints = ["every check passed; there is nothing to accept"]
    hint = "; ".join(filter(None, hints))
    return Problem(f"there is no patch '{check}'", f"--accept {check}", hint=hint)


def _edits(patches: Patches) -> list[Edit]:
    """Return the edits of all patches; where two set the same value, the laxer one serves both."""
    values: dict[tuple[str | int, ...], Any] = {}
    for patch in patches:
        for change in patch["changes"]:
            path, value = tuple(change["path"]), change["value"]
            if path in values and path[-1] in _LAXER:
                value = _LAXER[path[-1]](values[path], value)
            values[path] = value
    return [Edit(path, value) for path, value in values.items()]


def _write(request: Request, edits: list[Edit]) -> str:
    """Edit every file first, then write them."""
    loaded = load(
        Path(request.spec),
        profile=request.profile,
        overrides=request.overrides,
        environ=os.environ,
    )
    changed = []
    for file, changes in by_file(loaded, edits).items():
        before = Path(file).read_bytes()
        changed.append((file, before, edited(before, changes, file)))
    for file, before, after in changed:
        rewrite(file, before, after)
    return "\n".join(diff(file, before, after) for file, before, after in changed)
