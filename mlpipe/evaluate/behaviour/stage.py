"""Ask the model, and find what each behaviour test says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from mlpipe.errors import Problem, SpecError
from mlpipe.evaluate.behaviour.changes import changed, constant, versions
from mlpipe.evaluate.behaviour.examples import examples
from mlpipe.evaluate.behaviour.misfits import misfits_of_data
from mlpipe.evaluate.behaviour.said import moved_wrongly, not_as_expected
from mlpipe.evaluate.behaviour.share import finding
from mlpipe.evaluate.behaviour.tried import Tried

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.evaluate.behaviour.spec import Behaviour, Change
    from mlpipe.evaluate.behaviour.subject import Subject
    from mlpipe.metrics.arrays import Array

__all__ = ["behave"]


def behave(
    tests: Sequence[Behaviour], rows: pd.DataFrame, subject: Subject, seed: int
) -> list[dict[str, Any]]:
    """Return a finding for each test, in their order.

    Parameters
    ----------
    tests : sequence of Behaviour
    rows : DataFrame
        The held-out rows: ``_row`` and the columns that the model or a test reads.
    subject : Subject
    seed : int
        Says which rows are drawn.

    Returns
    -------
    list of dict
        JSON-safe, each like the finding of a gate: ``gate`` (the name), ``kind`` ``behaviour``,
        ``status``, ``counts_as``, the share that passed with its interval, ``examples``.

    Raises
    ------
    SpecError
        A column, a value or a class that the table or the model does not have.
    """
    found = [
        Problem(what, key=".".join(["evaluate", "behaviour", *map(str, at)]), hint=hint)
        for at, what, hint in misfits_of_data(tests, subject)
    ]
    if found:
        raise SpecError(*found)
    return [_tested(test, rows, subject, seed) for test in tests]


def _tested(test: Behaviour, rows: pd.DataFrame, subject: Subject, seed: int) -> dict[str, Any]:
    if test.change is None:
        tried = _given(test, rows, subject)
    else:
        chosen = _chosen(test, rows, seed)
        tried = _changed(test, test.change, chosen, subject)
    return {
        **finding(test, tried.off[tried.touched], len(tried.rows), subject),
        "examples": examples(test, tried, subject),
    }


def _chosen(test: Behaviour, rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the held-out rows to change: those that `where` means, or some of them by chance."""
    import numpy as np

    mask = np.ones(len(rows), bool)
    for name, value in test.where.items():
        asked = constant(value, rows[name])
        mask &= ~changed(rows[[name]], asked.to_frame(name), [name])[:, 0]
    places = np.flatnonzero(mask)
    if len(places) > test.rows:
        generator = np.random.default_rng((seed, crc32(test.name.encode())))
        places = np.sort(generator.choice(places, test.rows, replace=False))
    return rows.iloc[places].reset_index(drop=True)


def _changed(test: Behaviour, change: Change, rows: pd.DataFrame, subject: Subject) -> Tried:
    """Predict every version of the rows, and keep of each row the one that is furthest off."""
    import numpy as np

    said = subject.predict(rows)
    tried = Tried(rows, said, rows, said, np.zeros(len(rows)), np.zeros(len(rows), bool))
    function = subject.functions[change.python] if change.python else None
    names = [str(name) for name in rows if name in subject.types]
    for version in versions(change, rows, subject.types, function):
        touched: Array = np.asarray(changed(rows, version, names).any(axis=1))
        if touched.any():
            _keep_worse(test, tried, version, touched, subject)
    return tried


def _keep_worse(
    test: Behaviour, tried: Tried, version: pd.DataFrame, touched: Array, subject: Subject
) -> None:
    answer = subject.predict(version)
    off = moved_wrongly(test, tried.said, answer, subject)
    worse = touched & ((off > tried.off) | ~tried.touched)
    tried.changed = _replaced(tried.changed, version, worse)
    tried.answer = _replaced(tried.answer, answer, worse)
    tried.off[worse] = off[worse]
    tried.touched |= touched


def _replaced(frame: pd.DataFrame, other: pd.DataFrame, rows: Array) -> pd.DataFrame:
    made = frame.astype(object)
    made.loc[rows] = other.astype(object).loc[rows]
    return made


def _given(test: Behaviour, rows: pd.DataFrame, subject: Subject) -> Tried:
    """Predict the given rows; what they leave out is typical, or missing."""
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame(index=range(len(test.given or ())))
    for name in (str(column) for column in rows if column in subject.types):
        left_out = _typical(rows[name], subject.types[name]) if test.others else None
        values = [row.get(name, left_out) for row in test.given or ()]
        frame[name] = _like(values, rows[name])
    frame["_row"] = pd.Series([None] * len(frame), dtype=object)
    said = subject.predict(frame)
    off = not_as_expected(test, said, subject)
    return Tried(frame, said, frame, said, off, np.ones(len(frame), bool))


def _like(values: list[Any], like: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    parts = [constant(value, like.iloc[:1]).iloc[0] for value in values] if len(like) else values
    dtype = like.dtype if pd.api.types.is_datetime64_any_dtype(like.dtype) else object
    return pd.Series(parts, dtype=dtype)


def _typical(values: pd.Series[Any], type_: str) -> Any:
    """Return the median of a number, the latest date, or the most frequent value."""
    from mlpipe.table.kinds import kind_of_type

    known = values.dropna()
    if not len(known):
        return None
    kind = kind_of_type(type_)
    if kind == "number":
        middle = float(known.astype("float64").median())
        return round(middle) if type_ == "integer" else middle
    return known.max() if kind == "date" else known.mode().iloc[0]
