"""The champion of the registry on the rows that the model is judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, MlpipeError, Problem
from mlpipe.evaluate.champion import Champion
from mlpipe.run.events import kept_events
from mlpipe.run.named import trusted

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.run.task import Task
    from mlpipe.table.fingerprints import Fingerprints

__all__ = ["champion_on"]

_SHOWN = 5


def champion_on(task: Task, model: Bundle, predictions: pd.DataFrame) -> Champion | None:
    """Return what the champion says of the rows that the model was asked about.

    Its own features and its own threshold are used, and features of the past are made of the
    whole table, as they were made for the model.

    Parameters
    ----------
    task : Task
        Of evaluate.
    model : Bundle
        The model under test.
    predictions : DataFrame
        What it says of valid and test.

    Raises
    ------
    StoreError
        Where the champion is damaged, or holds what is not trusted.
    """
    from mlpipe.bundle.bundle import Bundle

    if task.rival is None:
        return None
    rival = Bundle.load(task.rival.folder, allow_code=True, trust=trusted(task.pipeline))
    words = f"{task.rival.name} version {task.rival.version}"
    try:
        _ask_the_same(rival, model)
        said = _said(task, rival, list(predictions["_row"]))
    except DataError as error:
        what = f"{words} cannot score these rows: {_told(error)}"
        hint = "promote a champion that takes these columns, or leave the gate out"
        why = Problem(what, hint=hint)
        return Champion(words, predictions[:0], dict.fromkeys(("test", "valid"), why))
    if rival.seen is None:
        note = f"{words} does not say which rows it was fitted on: it may know the test rows"
        return Champion(words, said, notes=(note,))
    return Champion(words, said, _seen(task, rival.seen, words))


def _ask_the_same(rival: Bundle, model: Bundle) -> None:
    """Refuse a champion that answers another question."""
    for what, theirs, mine in (
        ("task", rival.task, model.task),
        ("target", rival.about.get("target"), model.about.get("target")),
        ("positive class", rival.positive, model.positive),
        ("classes", _names(rival), _names(model)),
    ):
        if theirs != mine:
            raise DataError(Problem(f"its {what} is {theirs!r}, that of the model {mine!r}"))


def _names(bundle: Bundle) -> list[Any]:
    return sorted(bundle.classes, key=str)


def _told(error: MlpipeError) -> str:
    """Write the problems of an error in a line; a column stands before what is wrong with it."""
    return "; ".join(
        f"{each.key}: {each.message}" if each.key and each.key not in each.message else each.message
        for each in error.problems
    )


def _said(task: Task, rival: Bundle, rows: list[int]) -> pd.DataFrame:
    from mlpipe.predict.stage import fitting

    events = kept_events(task, "ingest")
    _require_events(rival, events)
    fits = fitting(rival, task.table("ingest"), task.session)
    table = rival.look_back(fits, task.session, events, whole=True)
    names = list(dict.fromkeys(["_row", *(column["name"] for column in rival.plan["inputs"])]))
    parts = task.table("split", "parts")
    held_out = table.select(*names).semi_join(
        parts.filter(parts["part"].isin(["test", "valid"])), "_row"
    )
    frame = task.session.pandas(held_out.order_by("_row"))
    found = rival.answer(frame)
    found.insert(0, "_row", frame["_row"])
    return found[found["_row"].isin(rows)].reset_index(drop=True)


def _require_events(rival: Bundle, events: dict[str, ir.Table]) -> None:
    """Refuse a champion whose aggregates are over what this pipeline does not read."""
    from mlpipe.features.aggregates.events import event_columns

    for block in rival.plan.get("aggregates", []):
        there = events[block["source"]].columns if block["source"] in events else ()
        gone = [name for name in event_columns(block) if name not in there]
        if gone:
            what = f"its aggregates read {', '.join(gone)} of {block['source']}"
            raise DataError(Problem(f"{what}, which no aggregate reads here"))


def _seen(task: Task, seen: Fingerprints, words: str) -> dict[str, Problem]:
    """Return the parts of which the champion was fitted on a row, each with the reason."""
    from mlpipe.table.fingerprints import rows_among

    table, parts = task.table("ingest"), task.table("split", "parts")
    gone = [name for name in seen["by"] if name not in table.columns]
    if gone:
        what = f"whether {words} was fitted on these rows cannot be told: there is no {gone[0]}"
        hint = "its rows are told apart by " + ", ".join(seen["by"])
        return dict.fromkeys(("test", "valid"), Problem(what, hint=hint))

    def of(part: str) -> ir.Table:
        return table.semi_join(parts.filter(parts["part"] == part), "_row")

    found = {}
    for part in ("test", "valid"):
        rows, looked_up = rows_among(seen, of(part), of("train"), task.session)
        if rows:
            found[part] = _fitted_on(words, part, rows, looked_up)
    return found


def _fitted_on(words: str, part: str, rows: list[int], looked_up: int) -> Problem:
    shown = ", ".join(map(str, rows[:_SHOWN])) + (", …" if len(rows) > _SHOWN else "")
    what = (
        f"{words} was fitted on {len(rows):,} of {looked_up:,} rows of {part} (row {shown}): "
        "it knows their answers"
    )
    hint = "promote a champion that was trained with this split, or judge later rows: split.test"
    return Problem(what, hint=hint)
