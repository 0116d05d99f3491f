"""The worst rows of a behaviour test: where they stand, what was changed, what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.behaviour.changes import changed
from mlpipe.evaluate.behaviour.said import looked_at
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.evaluate.behaviour.spec import Behaviour
    from mlpipe.evaluate.behaviour.subject import Subject
    from mlpipe.evaluate.behaviour.tried import Tried

__all__ = ["MOST", "examples"]

MOST = 5
"""How many rows are shown of a test."""
_LONGEST = 80


def examples(test: Behaviour, tried: Tried, subject: Subject) -> list[dict[str, Any]]:
    """Return the rows that are furthest off, each with its place, its key and both answers.

    Values of withheld columns are not shown.
    """
    import numpy as np

    off = np.where(tried.touched, tried.off, 0.0)
    worst = [int(place) for place in np.argsort(-off, kind="stable")[:MOST] if off[place] > 0]
    if test.given is not None:
        return [_of_given(test, tried, place, subject) for place in worst]
    rows = [int(tried.rows["_row"].iloc[place]) for place in worst]
    places = subject.locate(rows)
    return [
        {
            "row": row,
            "key": _key(tried, place, subject),
            "changed": _differences(tried, place, subject),
            "before": _answer(test, tried.said, place, subject),
            "after": _answer(test, tried.answer, place, subject),
            "file": places[row][0] if row in places else None,
            "line": places[row][1] if row in places else None,
        }
        for place, row in zip(worst, rows, strict=True)
    ]


def _of_given(test: Behaviour, tried: Tried, place: int, subject: Subject) -> dict[str, Any]:
    given = (test.given or ())[place]
    return {
        "row": None,
        "key": {},
        "changed": {name: [None, _shown(value)] for name, value in given.items()},
        "before": None,
        "after": _answer(test, tried.answer, place, subject),
        "file": None,
        "line": None,
        "given": place,
    }


def _key(tried: Tried, place: int, subject: Subject) -> dict[str, Any]:
    names = [name for name in subject.keys if name not in subject.withheld]
    return {name: _shown(tried.rows[name].iloc[place]) for name in names}


def _differences(tried: Tried, place: int, subject: Subject) -> dict[str, Any]:
    """Return the columns that were changed: before and after, or nothing of a withheld one."""
    names = [str(name) for name in tried.rows if name in subject.types]
    before, after = (frame.iloc[[place]] for frame in (tried.rows, tried.changed))
    other = changed(before, after, names)[0]
    return {
        name: None
        if name in subject.withheld
        else [_shown(before[name].iloc[0]), _shown(after[name].iloc[0])]
        for name, is_other in zip(names, other, strict=True)
        if is_other
    }


def _answer(test: Behaviour, said: pd.DataFrame, place: int, subject: Subject) -> dict[str, Any]:
    """Return what is predicted for a row; of classes with the score that the test looks at."""
    row = said.iloc[[place]]
    found = {"prediction": _shown(row["prediction"].iloc[0])}
    if subject.task != "regression":
        found["score"] = _shown(float(looked_at(test, row, subject)[0]))
    return found


def _shown(value: Any) -> Any:
    import pandas as pd

    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    found = plain(value)
    return found if not isinstance(found, str) or len(found) <= _LONGEST else found[:_LONGEST] + "…"
