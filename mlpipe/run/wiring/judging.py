"""Judging: what evaluate and explain are handed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import Pipeline
from mlpipe.run.named import trusted
from mlpipe.run.wiring.behaving import behaviour
from mlpipe.run.wiring.rival import champion_on
from mlpipe.table.columns import RESERVED

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.run.task import Task
    from mlpipe.table.columns import Columns

__all__ = ["evaluate", "expected", "explain"]

Outputs = dict[str, Any]


def evaluate(task: "Task") -> Outputs:
    """Judge the model on held-out rows."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.evaluate.stage import evaluate as stage
    from mlpipe.run.assembly import held_out
    from mlpipe.run.code import source_text
    from mlpipe.run.feedback import joined

    spec, columns = _evaluate_section(task), task.section("columns")
    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    predictions = held_out(task, model)
    answers, bad = joined(task)
    outputs = stage(
        spec,
        task=task.section("task"),
        columns=columns,
        seed=task.section("seed"),
        frame=_rows_to_judge(task, spec, columns),
        predictions=predictions,
        classes=model.classes or None,
        positive=model.positive,
        threshold=model.threshold,
        champion=champion_on(task, model, predictions),
        behaviour=behaviour(task, model),
        feedback=answers,
        code={each.path: source_text(each.path) for each in spec.custom},
    )
    return {**outputs, **bad, "predictions": task.session.frame(outputs["predictions"])}


def explain(task: "Task") -> Outputs:
    """Say what the model uses, and which rows it is most wrong about."""
    from mlpipe.bundle.bundle import Bundle
    from mlpipe.checks.places import located
    from mlpipe.explain.background import background_of
    from mlpipe.explain.explained import Explained
    from mlpipe.explain.spec import Explain, asked
    from mlpipe.explain.stage import explain as stage
    from mlpipe.run.explaining import held_rows
    from mlpipe.run.wiring.data import places

    model = Bundle.load(task.folder("bundle"), allow_code=True, trust=trusted(task.pipeline))
    breaks = places(task.folder("ingest"))
    outputs = stage(
        asked(task.section("evaluate.explain")) or Explain(),
        Explained(model.model, model.plan, task.session),
        held_rows(task, model),
        metric=task.json("train", "report")["metric"],
        background=background_of(model),
        places=lambda rows: located(rows, breaks, task.session) if breaks else {},
        seed=task.section("seed"),
    )
    fitted = model.about["trained_on"]["parts"]
    seen = outputs["report"]["part"] in fitted
    return {"report": {**outputs["report"], "seen": seen}}


def expected(pipeline: Pipeline, known: Sequence[str]) -> None:
    """Refuse columns that ``evaluate`` names and the ingested table does not have."""
    from mlpipe.evaluate.reading import columns_needed, refuse_unknown

    there = [name for name in known if name not in RESERVED]
    refuse_unknown(
        pipeline.evaluate, columns_needed(pipeline.evaluate, pipeline.columns, there), there
    )


def _evaluate_section(task: "Task") -> "Evaluate":
    """Return ``evaluate`` without ``explain``, which is a step of its own."""
    from mlpipe.evaluate.spec import Evaluate

    names = Evaluate.model_fields.keys() - {"explain", "operational"}
    given = {name: task.section(f"evaluate.{name}") for name in names}
    # Not in the key, and it changes nothing here: gates on it are judged after the steps, but
    # only with it is the section whole enough to be checked.
    return Evaluate(**given, operational=task.pipeline.evaluate.operational)


def _rows_to_judge(task: "Task", spec: "Evaluate", columns: "Columns") -> "pd.DataFrame":
    """Return the columns that evaluate reads, with the part of each row."""
    from mlpipe.evaluate.reading import columns_needed

    table, parts = task.table("ingest"), task.table("split", "parts")
    names = columns_needed(spec, columns, list(table.columns))
    chosen = table.select("_row", *names).inner_join(parts.select("_row", "part"), "_row")
    return task.session.pandas(chosen.order_by("_row"))
