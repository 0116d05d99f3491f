"""From resolved values to parts, or to every problem of the file at its place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Path, dotted
from mlpipe.spec.part import Part
from mlpipe.spec.resolve import Resolved
from mlpipe.spec.shape import Fault, faults, part_at, settled
from mlpipe.spec.suggest import did_you_mean
from mlpipe.spec.words import explain

__all__ = ["build", "in_file_order", "problem", "told"]

T = TypeVar("T", bound=Part)

_NUMBERS = re.compile(r"\d+")
_MOST_NAMED = 12
MOST_TOLD = 100
_MOST_READ = 5_000
NEWER = "newer_version"
"""The type of the error that alone is told: a newer spec is not read by the old rules."""


def build(model: type[T], resolved: Resolved) -> T:
    """Validate the values and return the part.

    Raises
    ------
    SpecError
        With every problem, in the order of the file.
    """
    try:
        return model.read(resolved.values)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    found = settled(faults(errors[:_MOST_READ], resolved.values))
    newer = [fault for fault in found if fault.kind == NEWER]
    unique = {(fault.path, fault.kind, fault.message): fault for fault in newer or found}
    first, more = _first(resolved, list(unique.values()))
    told = _without_echoes([_told(model, fault) for fault in first])
    raise SpecError(*in_file_order(_located(resolved, *each) for each in told), *more)


def _first(resolved: Resolved, found: list[Fault]) -> tuple[list[Fault], list[Problem]]:
    """Keep as many faults as a person reads, and say where the others start."""
    if len(found) <= MOST_TOLD:
        return found, []
    found = sorted(found, key=lambda fault: _position(problem(resolved, fault.path, "")))
    more = problem(resolved, found[MOST_TOLD].path, "there are more problems from here on")
    return found[:MOST_TOLD], [more]


def problem(resolved: Resolved, path: Path, message: str, hint: str = "") -> Problem:
    """Return a problem of a value of the spec, at its place."""
    return Problem(message, resolved.place(path), dotted(path), hint)


def told(error: ValidationError) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, message, hint) of each fault of a part that was made of several sections."""
    errors = error.errors()
    for fault, each in zip(faults(errors, None), errors, strict=True):
        seen = replace(fault, path=fault.location, value=each["input"])
        yield fault.location, *explain(seen)


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by file, line and column."""
    return sorted(problems, key=_position)


def _position(problem: Problem) -> tuple[str, list[int]]:
    return _NUMBERS.sub("", problem.place), [int(n) for n in _NUMBERS.findall(problem.place)]


def _told(model: type[BaseModel], fault: Fault) -> tuple[Fault, Path, str, str]:
    message, hint = explain(fault)
    path = fault.path
    if fault.kind == "extra_forbidden":
        hint = _known_keys(model, fault)
    elif fault.kind == "missing":
        hint = _description(model, fault)
    elif fault.kind in ("union_tag_invalid", "union_tag_not_found"):
        path = (*path, str(fault.context["discriminator"]).strip("'"))
    if fault.kind == "union_tag_not_found":
        message = "this key is missing"
    return fault, path, message, hint


def _known_keys(model: type[BaseModel], fault: Fault) -> str:
    part = part_at(model, fault.location[:-1])
    known = [field.alias or name for name, field in part.model_fields.items()] if part else []
    near = did_you_mean(str(fault.path[-1]), known)
    return near or (f"known here: {', '.join(known)}" if 0 < len(known) <= _MOST_NAMED else "")


def _description(model: type[BaseModel], fault: Fault) -> str:
    """Say what a missing key is for, in the words of its docstring."""
    part = part_at(model, fault.location[:-1])
    for name, field in (part.model_fields if part else {}).items():
        if (field.alias or name) == fault.location[-1]:
            return field.description or ""
    return ""


def _without_echoes(
    told: list[tuple[Fault, Path, str, str]],
) -> list[tuple[Fault, Path, str, str]]:
    """Leave out that a key is missing where a key beside it is a misspelling of it."""
    meant = {
        (*path[:-1], hint.split("'")[1])
        for fault, path, _, hint in told
        if fault.kind == "extra_forbidden" and hint.startswith("did you mean")
    }
    return [each for each in told if each[0].kind != "missing" or each[1] not in meant]


def _located(resolved: Resolved, fault: Fault, path: Path, message: str, hint: str) -> Problem:
    at_key = fault.kind == "extra_forbidden" or fault.location[-1:] == ("[key]",)
    return Problem(message, resolved.place(path, key=at_key), dotted(path), hint)
