"""The ONNX graph beside the model of a run, compared on rows that it was not fitted to fit."""

from typing import TYPE_CHECKING, Any

from mlpipe.run.named import trusted

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.run.task import Task

__all__ = ["graph_beside"]


def graph_beside(
    task: "Task", threshold: float | None
) -> tuple[bytes | None, dict[str, Any] | None]:
    """Return the ONNX file and the report on its parity; both None where it is not asked for."""
    asked = task.section("bundle").asked_onnx()
    if asked is None:
        return None, None
    from mlpipe.bundle.model import Model
    from mlpipe.bundle.onnx.parity import beside

    facts = task.json("train", "model")
    data = (task.folder("train") / "model.skops").read_bytes()
    model = Model.loads(data, allow_code=True, trust=trusted(task.pipeline))
    counts = task.json("split", "report")["rows"]
    part = "valid" if counts.get("valid") else "test"
    return beside(
        model,
        facts,
        _rows(task, facts["trained_on"]["parts"], facts),
        _rows(task, [part], facts, at_most=asked.rows),
        threshold=threshold,
        tolerance=asked.tolerance,
        part=part,
    )


def _rows(
    task: "Task", names: list[str], facts: dict[str, Any], at_most: int | None = None
) -> "pd.DataFrame":
    """Return what the model reads of some parts, never the target; if need be every n-th row."""
    parts = task.table("split", "parts")
    chosen = parts.filter(parts["part"].isin(names)).select("_row")
    if at_most is not None:
        positions = task.session.pandas(chosen.order_by("_row"))
        step = -(-len(positions) // at_most)
        chosen = task.session.frame(positions.iloc[::step])
    columns = [each["name"] for each in facts["inputs"]]
    table = task.table("featurize").semi_join(chosen, "_row").order_by("_row")
    return task.session.pandas(table.select(*columns))
