"""What of behaviour tests does not fit the task, the columns, the table or the model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from mlpipe.evaluate.behaviour.spec import TEXT_WORDS
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.kinds import kind_of_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.evaluate.behaviour.spec import Behaviour, Change
    from mlpipe.evaluate.behaviour.subject import Subject
    from mlpipe.table.columns import Columns

__all__ = ["misfits", "misfits_of_data"]

Misfit: TypeAlias = tuple[tuple[str | int, ...], str, str]

_MOST_SHOWN = 12


def misfits(tests: Sequence[Behaviour], task: str, columns: Columns) -> Iterator[Misfit]:
    """Yield ``(place, message, hint)`` for what contradicts the task or the roles of columns.

    Parameters
    ----------
    tests : sequence of Behaviour
    task : str
    columns : Columns

    Yields
    ------
    tuple
        The place is the path of keys below ``evaluate.behaviour``.
    """
    names = [test.name for test in tests]
    for number, test in enumerate(tests):
        if names.index(test.name) != number:
            yield (number, "name"), f"'{test.name}' is the name of another test", ""
        for at, what, hint in (*_of_task(test, task), *_of_target(test, columns)):
            yield (number, *at), what, hint


def misfits_of_data(tests: Sequence[Behaviour], subject: Subject) -> Iterator[Misfit]:
    """Yield what contradicts the table or the model: columns, types of values, classes."""
    for number, test in enumerate(tests):
        for at, what, hint in (*_columns(test, subject), *_classes(test, subject)):
            yield (number, *at), what, hint


def _of_task(test: Behaviour, task: str) -> Iterator[Misfit]:
    if test.expect is not None:
        if task == "regression" and (test.expect.label is not None or test.expect.score):
            yield ("expect",), "regression has no classes: expected prediction", ""
        if task != "regression" and test.expect.prediction is not None:
            yield ("expect", "prediction"), f"a {task} task has label and score", ""
    of_one = test.direction is not None or (test.expect is not None and test.expect.score)
    if task == "multiclass" and of_one and test.score_of is None:
        yield (), "the score of which class?", "score_of: CLASS"
    if task != "multiclass" and test.score_of is not None:
        yield ("score_of",), "score_of is for tasks of many classes", ""


def _of_target(test: Behaviour, columns: Columns) -> Iterator[Misfit]:
    target = columns.target_name
    for at, name in _places(test):
        if name == target and at[0] != "where":
            yield at, f"'{name}' is the target: the model does not read it", ""


def _places(test: Behaviour) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every place that names a column."""
    if test.change is not None:
        for word, name in test.change.places:
            at = (test.kind, word)
            yield (*at, name) if word in {"set", "add", "multiply"} else at, name
    for number, row in enumerate(test.given or ()):
        yield from ((("given", number, name), name) for name in row)
    yield from ((("where", name), name) for name in test.where)


def _columns(test: Behaviour, subject: Subject) -> Iterator[Misfit]:
    for at, name in _places(test):
        if name not in subject.types:
            yield at, f"the table has no column '{name}'", _known(name, list(subject.types))
        elif name in subject.fixed and at[0] not in {"given", "where"}:
            yield at, f"'{name}' says which rows a row looks back at: it may not be changed", ""
        else:
            yield from _of_type(test, at, name, subject.types[name])
    for number, row in enumerate(test.given or ()):
        left_out = [name for name in subject.needs if name not in row]
        if left_out and test.others is None:
            what = f"the model needs {_listed(left_out)}"
            yield ("given", number), what, "name them, or others: typical"


def _of_type(test: Behaviour, at: tuple[str | int, ...], name: str, type_: str) -> Iterator[Misfit]:
    kind, word = kind_of_type(type_), at[1] if test.change is not None else at[0]
    if at[0] == "where":
        wrong = _wrong(test.where[name], type_)
        values: list[Any] = [test.where[name]] if wrong else []
    elif at[0] == "given":
        found = (test.given or ())[int(at[1])][name]
        values = [found] if _wrong(found, type_) else []
    elif word == "set" and test.change is not None:
        values = [each for each in _each(test.change, name) if _wrong(each, type_)]
    else:
        yield from _of_word(test.change, at, str(word), name, kind, type_)
        return
    for value in values:
        yield at, f"expected {type_}; {value!r} is something else", ""


def _each(change: Change, name: str) -> tuple[Any, ...]:
    value = change.set[name]
    return value if isinstance(value, tuple) else (value,)


def _of_word(
    change: Change | None,
    at: tuple[str | int, ...],
    word: str,
    name: str,
    kind: str,
    type_: str,
) -> Iterator[Misfit]:
    if word in {"add", "multiply"} and kind != "number":
        yield at, f"'{name}' is of type {type_}; {word} is for numbers", ""
    elif word == "add" and type_ == "integer" and change and not change.add[name].is_integer():
        yield at, f"'{name}' is an integer; adding {change.add[name]:g} makes it none", ""
    elif word in TEXT_WORDS and kind != "string":
        yield at, f"'{name}' is of type {type_}; {word} is for text", ""


def _wrong(value: Any, type_: str) -> bool:
    """Whether a value of the spec is not of the type of its column; null is of every type."""
    if value is None:
        return False
    kind = kind_of_type(type_)
    if kind == "number":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return not number or (type_ == "integer" and not float(value).is_integer())
    if kind == "boolean":
        return not isinstance(value, bool)
    if kind == "date":
        return not _is_iso(value)
    return kind == "string" and not isinstance(value, str)


def _is_iso(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _classes(test: Behaviour, subject: Subject) -> Iterator[Misfit]:
    named: list[tuple[tuple[str, ...], Any]] = [(("score_of",), test.score_of)]
    named += [(("expect", "label"), test.expect.label)] if test.expect else []
    for at, label in named:
        if label is not None and label not in subject.classes:
            known = _listed([repr(name) for name in subject.classes])
            yield at, f"there is no class {label!r}", f"the classes are {known}"


def _known(name: str, names: list[str]) -> str:
    return did_you_mean(name, names) or f"columns: {_listed(names)}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")
