"""What gates name and the rows do not have: an error, since nothing would have been judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.evaluate.cases import part_of
from mlpipe.evaluate.judged import class_code
from mlpipe.evaluate.slices import one_slice
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.gate import Gate
    from mlpipe.evaluate.judged import Classes, Judged

__all__ = ["refuse_absent"]

_SHOWN = 10


def refuse_absent(
    gates: Sequence[Gate], parts: Mapping[str, Judged], every: pd.DataFrame, classes: Classes
) -> None:
    """Refuse gates on a part, a slice or a class that is not there.

    Parameters
    ----------
    gates : sequence of Gate
    parts : mapping of str to Judged
        The parts that are judged.
    every : DataFrame
        All rows of all parts.
    classes : Classes

    Raises
    ------
    DataError
        With a problem for each of them, at its gate.
    """
    found = [
        Problem(message, key=f"evaluate.gates.{number}.{key}", hint=hint)
        for number, gate in enumerate(gates)
        for key, message, hint in _absent(gate, parts, every, classes)
    ]
    if found:
        raise DataError(*found)


def _absent(
    gate: Gate, parts: Mapping[str, Judged], every: pd.DataFrame, classes: Classes
) -> Iterator[tuple[str, str, str]]:
    part = part_of(gate, parts)
    if part not in parts:
        yield "part", f"there are no {part} rows to judge", f"give the part a share: split.{part}"
    elif gate.slice_value:
        yield from _slice(gate.slice_value, parts[part], every)
    if gate.class_ is not None and class_code(classes, gate.class_) is None:
        known = [plain(name) for name in classes.names]
        yield "class", f"{gate.class_!r} is no class of the target", _hint(gate.class_, known)


def _slice(
    value: Mapping[str, Any], judged: Judged, every: pd.DataFrame
) -> Iterator[tuple[str, str, str]]:
    for column, wanted in value.items():
        if not one_slice(every, {column: wanted}).mask.any():
            known = [plain(each) for each in every[column].value_counts().index.tolist()]
            yield "slice", f"no row has {column} = {wanted!r}", _hint(wanted, known)
            return
    if not one_slice(judged.frame, value).mask.any():
        name = " and ".join(f"{column} = {wanted!r}" for column, wanted in value.items())
        yield "slice", f"no row of {judged.part} has {name}", "there is nothing to judge it by"


def _hint(wanted: Any, known: Sequence[Any]) -> str:
    close = did_you_mean(str(wanted), [str(each) for each in known])
    more = ", …" if len(known) > _SHOWN else ""
    return close or f"there are: {', '.join(repr(each) for each in known[:_SHOWN])}{more}"
