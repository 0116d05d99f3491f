"""What a bundle keeps to tell quality by later, out of rows that the model had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.outcomes import Outcomes
    from mlpipe.run.task import Task

__all__ = ["unlabelled"]


def unlabelled(task: Task, rows: pd.Series[int], outcomes: Outcomes) -> dict[str, Any]:
    """Return the calibration, the learned errors and the loss of out-of-fold predictions.

    Parameters
    ----------
    task : Task
        Of the bundle.
    rows : Series of int, length n
        Their ``_row``.
    outcomes : Outcomes
        In the same order.
    """
    from mlpipe.monitor.estimate.reference import learned

    about = task.json("train", "model")
    time = task.section("columns").time
    leading = _leading(task) if about["task"] == "regression" else []
    wanted = [*leading, *([time] if time else [])]
    frame = task.session.pandas(task.table("ingest").select("_row", *wanted))
    here = frame.set_index("_row").loc[rows]
    return learned(
        about["task"],
        outcomes,
        len(about["classes"]),
        names=leading,
        values=_numbers(here[leading]),
        times=_order(here[time]) if time else None,
    )


def _leading(task: Task) -> list[str]:
    """Return the numbers of the table that matter most to the model."""
    from mlpipe.monitor.estimate.errors import LEADING

    columns = task.section("columns")
    roles = {columns.target_name, columns.time, columns.weight}
    numbers = {
        each["name"]
        for each in task.json("ingest", "report")["columns"]
        if each["kind"] == "number"
    }
    ranked = sorted(
        task.json("train", "report")["importance"], key=lambda row: (-row["value"], row["column"])
    )
    names = [row["column"] for row in ranked if row["value"] > 0]
    return [name for name in names if name in numbers - roles][:LEADING]


def _numbers(frame: pd.DataFrame) -> Any:
    import pandas as pd

    numbers = frame.apply(pd.to_numeric, errors="coerce") if len(frame.columns) else frame
    return numbers.to_numpy(float, na_value=float("nan"))


def _order(times: pd.Series[Any]) -> Any:
    """Return when each row was known, as ranks; nulls come last."""
    return times.rank(method="dense", na_option="bottom").to_numpy(float)
