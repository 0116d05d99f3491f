"""The rows around explanations: those that a bundle keeps, and those that it is asked about."""

from typing import TYPE_CHECKING, Any

from mlpipe.explain.background import drawn
from mlpipe.explain.explained import columns_read
from mlpipe.explain.held import Held

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.features.plan import Plan
    from mlpipe.metrics.arrays import Array
    from mlpipe.run.task import Task

__all__ = ["MOST_ROWS", "background_rows", "held_rows", "rows_to_ask"]

MOST_ROWS = 50_000
"""Of larger parts so many rows, taken at random, are looked through for the worst."""


def background_rows(
    task: "Task", plan: "Plan", count: int, longest: int | None = None
) -> bytes | None:
    """Return the rows of train that the bundle keeps, as Parquet; None where it keeps none.

    Of strings, as many characters as `longest` says.
    """
    names = columns_read(plan, task.section("columns").target_name)
    if not count or not names:
        return None
    chosen = drawn(_positions(task, "train"), count, task.section("seed"))
    path = task.session.path("background")
    rows = rows_to_ask(task, names, chosen)
    if longest is not None:
        strings = [name for name, dtype in rows.schema().items() if dtype.is_string()]
        rows = rows.mutate(**{name: rows[name].left(longest) for name in strings})
    task.session.copy(task.session.con.compile(rows.order_by("_row").drop("_row")), path)
    return path.read_bytes()


def rows_to_ask(task: "Task", names: list[str], rows: "Array") -> "ir.Table":
    """Return some rows with ``_row`` and the columns named, made ones among them."""
    made, raw = task.table("featurize"), task.table("ingest")
    chosen = _only(made, rows, task)
    there = [name for name in names if name in made.columns]
    missing = [name for name in names if name not in made.columns]
    found = chosen.select("_row", *there)
    if missing:
        found = found.inner_join(raw.select("_row", *missing), "_row")
    return found.select("_row", *names)


def held_rows(task: "Task", model: "Bundle") -> Held:
    """Return rows of the part that is judged: of test, or of valid where there is no test.

    Rows of a class that training never saw are left out: no score is about them.
    """
    from mlpipe.evaluate.judged import Classes, encode_target

    columns, what = task.section("columns"), task.section("task")
    part, positions = next(
        ((part, rows) for part in ("test", "valid") if len(rows := _positions(task, part))),
        ("test", _positions(task, "test")),
    )
    rows = drawn(positions, MOST_ROWS, task.section("seed"))
    names = columns_read(model.plan, columns.target_name)
    frame = task.session.pandas(rows_to_ask(task, names, rows).order_by("_row"))
    facts = _facts(task, rows)
    classes = Classes.of(what, model.classes, model.positive)
    y = encode_target(what, columns.target_name, facts[columns.target_name], classes)
    known = (y < len(classes.names)) if what != "regression" else y == y  # noqa: PLR0124
    scores = _said(task, model, part, rows, frame)
    hidden = columns.withheld(each["name"] for each in model.ingest["schema"])
    keys = [name for name in columns.keys if name not in hidden]
    return Held(
        task=what,
        part=part,
        of=len(positions),
        rows=rows[known],
        frame=frame.drop(columns="_row")[known].reset_index(drop=True),
        y=y[known],
        scores=scores[known],
        classes=classes.names,
        threshold=model.threshold,
        keys=facts[keys][known].reset_index(drop=True),
        kinds=_kinds(model),
        withheld=hidden,
        weight=facts[columns.weight].to_numpy(float)[known] if columns.weight else None,
    )


def _positions(task: "Task", part: str) -> "Array":
    import numpy as np

    parts = task.table("split", "parts")
    rows = parts.filter(parts["part"] == part).select("_row").order_by("_row")
    return np.asarray(task.session.con.to_pyarrow(rows)["_row"].to_numpy())


def _only(table: "ir.Table", rows: "Array", task: "Task") -> "ir.Table":
    import pandas as pd

    return table.semi_join(task.session.frame(pd.DataFrame({"_row": rows})), "_row")


def _facts(task: "Task", rows: "Array") -> "pd.DataFrame":
    """Return key, target and weight of some rows, by their position."""
    columns, table = task.section("columns"), task.table("ingest")
    names = dict.fromkeys([*columns.keys, columns.target_name, columns.weight])
    chosen = _only(table.select("_row", *(name for name in names if name)), rows, task)
    found = task.session.pandas(chosen.order_by("_row"))
    return found.set_index("_row")


def _said(task: "Task", model: "Bundle", part: str, rows: "Array", frame: "pd.DataFrame") -> Any:
    """Return what was said of rows by a model that had not seen them."""
    from mlpipe.bundle.answer import score_names
    from mlpipe.explain.explained import Explained
    from mlpipe.explain.permutation import one_thread

    if part == "test":
        with one_thread():
            explained = Explained(model.model, model.plan, task.session)
            return explained.scores(frame.drop(columns="_row"))
    valid = task.session.pandas(task.table("train", "valid")).set_index("_row")
    scores = valid.loc[rows, score_names(model.task, model.classes)].to_numpy(float)
    return scores[:, 0] if scores.shape[1] == 1 else scores


def _kinds(model: "Bundle") -> dict[str, str]:
    """Return the kind of each column: as featurize has it, else as ingest found it."""
    inputs, schema = model.plan["inputs"], model.ingest["schema"]
    return {each["name"]: each["kind"] for each in [*schema, *inputs]}
