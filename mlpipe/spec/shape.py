"""Where an error of pydantic stands: its location, read against the values and the model.

A location of pydantic also holds names of union members and of words, which are no keys of the
YAML; and a value that fits no member of a union brings the errors of every member.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from mlpipe.spec.mark import Path

__all__ = ["Fault", "faults", "part_at", "settled"]

_MISSING = object()
_INNER = ("schema", "python_schema", "strict_schema", "values_schema", "items_schema")
_KEY = "[key]"


@dataclass(frozen=True)
class Fault:
    """One error of pydantic.

    Attributes
    ----------
    kind, message, context
        The error's type, text and values.
    path : tuple
        Where it is in the YAML values.
    labels : tuple of (int, str)
        The names of union members in its location, each with the length of the path before it.
    location : tuple
        Its location as pydantic gives it.
    value : Any
        The YAML value there; what pydantic saw where the YAML has none.
    others : tuple of Fault
        What the other members of the union say about the same value.
    """

    kind: str
    message: str
    context: dict[str, Any]
    path: Path
    labels: tuple[tuple[int, str], ...]
    location: tuple[str | int, ...]
    value: Any
    others: tuple["Fault", ...] = ()


def faults(errors: Iterable[Any], values: Any) -> list[Fault]:
    """Locate each error of ``ValidationError.errors()`` in the values."""
    return [_fault(error, values) for error in errors]


def _fault(error: Any, values: Any) -> Fault:
    location = tuple(error["loc"])
    path: Path = ()
    labels: list[tuple[int, str]] = []
    here = values
    for at, part in enumerate(location):
        below = _below(here, part)
        if below is not _MISSING:
            path, here = (*path, part), below
        elif error["type"] == "missing" and at == len(location) - 1:
            path, here = (*path, part), None
        elif part != _KEY:
            labels.append((len(path), str(part)))
    if location[-1:] == (_KEY,):
        here = path[-1]
    return Fault(
        kind=_kind(error),
        message=error["msg"],
        context=error.get("ctx", {}),
        path=path,
        labels=tuple(labels),
        location=location,
        value=here,
    )


def _kind(error: Any) -> str:
    """Return the error's type; "custom" where one of ours has taken a name of pydantic's."""
    kind = str(error["type"])
    own = kind.endswith("_type") and not error["msg"].startswith("Input should")
    return "custom" if own else kind


def _below(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part, _MISSING) if isinstance(part, str) else _MISSING
    inside = isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
    return value[part] if inside else _MISSING


def settled(found: list[Fault]) -> list[Fault]:
    """Keep, of each union, the errors of the member that the value was most likely meant for."""
    kept = [fault for fault in found if not fault.labels and not _echo(fault)]
    unions: dict[Path, dict[str, list[Fault]]] = {}
    for fault in found:
        if fault.labels:
            length, label = fault.labels[0]
            members = unions.setdefault(fault.path[:length], {})
            members.setdefault(label, []).append(replace(fault, labels=fault.labels[1:]))
    for at, members in unions.items():
        kept.extend(_member(at, [settled(inner) for inner in members.values()]))
    return kept


def _echo(fault: Fault) -> bool:
    """Tell whether a list is called too short only because its items were refused."""
    if fault.kind != "too_short" or not isinstance(fault.value, list):
        return False
    return len(fault.value) >= int(fault.context["min_length"])


def _member(at: Path, members: list[list[Fault]]) -> list[Fault]:
    near = [inner for inner in members if not any(_misfit(fault, at) for fault in inner)]
    if near:
        return min(near, key=len)
    first, *others = [next(f for f in inner if _misfit(f, at)) for inner in members]
    return [replace(first, others=tuple(others))]


def _misfit(fault: Fault, at: Path) -> bool:
    """Tell whether the whole value has another shape than the member."""
    shape = fault.kind.endswith("_type") or fault.kind in ("int_from_float", "literal_error")
    return shape and fault.path == at


def part_at(model: type[BaseModel], location: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the model at a location of pydantic, to know which keys it has."""
    schema: Any = model.__pydantic_core_schema__
    definitions = {each["ref"]: each for each in schema.get("definitions", ())}
    found = _Search(definitions).at(schema, location)
    return next(found, None)


class _Search:
    """Walks a core schema along a location."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions

    def at(self, schema: Any, location: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
        kind = schema["type"]
        if kind == "definition-ref":
            yield from self.at(self.definitions[schema["schema_ref"]], location)
        elif kind == "model":
            yield from self._model(schema, location)
        elif kind == "model-fields":
            yield from self._fields(schema, location)
        elif kind in ("union", "tagged-union"):
            yield from self._union(schema, location)
        elif kind in ("dict", "list", "tuple"):
            yield from self._inner(schema, location[1:]) if location else ()
        else:
            yield from self._inner(schema, location)

    def _model(self, schema: Any, location: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
        if not location and not schema.get("root_model"):
            yield schema["cls"]
        else:
            yield from self.at(schema["schema"], location)

    def _fields(self, schema: Any, location: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
        for name, field in schema["fields"].items():
            if location and location[0] == field.get("validation_alias", name):
                yield from self.at(field["schema"], location[1:])

    def _union(self, schema: Any, location: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
        choices = schema["choices"]
        if isinstance(choices, dict):
            named = list(choices.items())
        else:
            named = [each if isinstance(each, tuple) else (each, "") for each in choices]
            named = [(label or _label(each), each) for each, label in named]
        for label, choice in named:
            if location and label in (location[0], ""):
                yield from self.at(choice, location[1:])

    def _inner(self, schema: Any, location: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
        for name in _INNER:
            inner = schema.get(name)
            for each in inner if isinstance(inner, list) else [inner] if inner else []:
                if isinstance(each, dict):
                    yield from self.at(each, location)


def _label(schema: Any) -> str:
    """Return the label of a model in a union; any label for what wraps one."""
    return schema["cls"].__name__ if schema["type"] == "model" else ""
