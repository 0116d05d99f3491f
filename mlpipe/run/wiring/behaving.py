"""Behaviour tests: the model as it is asked, and the rows that it is asked about."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.run.events import kept_events
from mlpipe.run.wiring.data import places
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.evaluate.behaviour.spec import Behaviour
    from mlpipe.evaluate.behaviour.subject import Rewrite, Subject
    from mlpipe.run.task import Task

__all__ = ["behaviour"]


def behaviour(task: "Task", model: "Bundle") -> list[dict[str, Any]]:
    """Return what the behaviour tests of the spec find, in their order."""
    from mlpipe.evaluate.behaviour.stage import behave

    tests: tuple[Behaviour, ...] = task.section("evaluate.behaviour")
    if not tests:
        return []
    subject = _subject(task, model, tests)
    rows = _rows(task, subject, tests, [column["name"] for column in model.inputs])
    return behave(tests, rows, subject, task.section("seed"))


def _subject(task: "Task", model: "Bundle", tests: "Sequence[Behaviour]") -> "Subject":
    from mlpipe.bundle.inputs import is_optional
    from mlpipe.checks.places import located
    from mlpipe.evaluate.behaviour.subject import Subject
    from mlpipe.features.computed import computes, raw_columns

    columns, where = task.section("columns"), places(task.folder("ingest"))
    schema = task.json("ingest", "report")["columns"]
    matched = {name for block in model.plan.get("aggregates", []) for name in block["by"]}
    past = {columns.entity, columns.time} if model.plan["look_back"] else set()
    timed = {columns.time} if computes(model.plan) else set()
    read = {name for names in raw_columns(model.plan).values() for name in names}

    needed = [each["name"] for each in model.inputs if not is_optional(each)]

    def locate(rows: Sequence[int]) -> Mapping[int, tuple[str, int]]:
        return located(rows, where, task.session) if where else {}

    return Subject(
        task=model.task,
        classes=model.classes,
        predict=partial(_predict, task, model),
        types={each["name"]: each["type"] for each in schema},
        reads=frozenset(read),
        needs=tuple(name for name in needed if name != columns.target_name),
        fixed=frozenset(name for name in (*matched, *past, *timed) if name is not None),
        part=_part(task),
        keys=columns.keys,
        withheld=columns.withheld(each["name"] for each in schema),
        functions={name: _function(name) for name in _named(tests)},
        locate=locate,
    )


def _part(task: "Task") -> str:
    rows = task.json("split", "report")["rows"]
    return "test" if rows.get("test") else "valid"


def _rows(
    task: "Task", subject: "Subject", tests: "Sequence[Behaviour]", inputs: list[str]
) -> "pd.DataFrame":
    """Return the held-out rows with the columns that the model or a test reads."""
    import pandas as pd

    asked = [name for test in tests for name in test.where]
    asked += [name for test in tests if test.change for _, name in test.change.places]
    asked += [name for test in tests for row in test.given or () for name in row]
    names = dict.fromkeys([*subject.keys, *inputs, *asked])
    table, parts = task.table("ingest"), task.table("split", "parts")
    rows = table.semi_join(parts.filter(parts["part"] == subject.part), ROW).order_by(ROW)
    known = [name for name in names if name in table.columns]
    frame = task.session.pandas(rows.select(ROW, *known))
    # As the model takes them: a frame holds dates as objects, which no time is equal to.
    dates = [name for name in known if subject.types.get(name) == "date"]
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in dates})


def _predict(task: "Task", model: "Bundle", frame: "pd.DataFrame") -> "pd.DataFrame":
    """Predict versions of rows, each with the past of its own row, in scope or not."""
    from mlpipe.bundle.inputs import checked
    from mlpipe.features.computed import computes

    rows = checked(frame, model.inputs)
    if computes(model.plan):
        rows = _with_past(task, model, rows.assign(**{ROW: frame[ROW].to_numpy()}))
    return model.answer(rows)


def _with_past(task: "Task", model: "Bundle", rows: "pd.DataFrame") -> "pd.DataFrame":
    from mlpipe.features.own_past import OF, with_own_past

    session = task.session
    numbered = rows.rename(columns={ROW: OF}).assign(**{ROW: range(len(rows))})
    numbered[OF] = numbered[OF].astype("Int64")
    made = with_own_past(
        model.plan,
        session.frame(numbered),
        task.table("ingest"),
        task.section("columns"),
        session,
        kept_events(task, "ingest"),
    )
    found = session.pandas(made.order_by(ROW))
    found.index = rows.index
    return found


def _named(tests: "Sequence[Behaviour]") -> list[str]:
    """Return the user's functions that tests name, each once."""
    named = [test.change.python for test in tests if test.change and test.change.python]
    return list(dict.fromkeys(named))


def _function(name: str) -> "Rewrite":
    from mlpipe.features.python import call

    path, _, function = name.rpartition(":")
    try:
        source = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise SpecError(Problem(message, path, "evaluate.behaviour")) from error
    made: Callable[[pd.DataFrame], pd.DataFrame] = partial(call, path, function, source)
    return made
