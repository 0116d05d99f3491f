"""What a bundle keeps to tell quality by later, out of rows that the model had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.metrics.outcomes import Outcomes
    from mlpipe.monitor.estimate.asked import Asked
    from mlpipe.run.task import Task

__all__ = ["asked", "effects", "unlabelled"]


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
        periods=_periods(here[time], task.section("monitor.every")) if time else None,
    )


def asked(
    task: Task, names: Sequence[str] = (), *, business: bool = True, fairness: bool = True
) -> Asked:
    """Return what is looked at in every chunk, and at training: of the spec, what can be.

    Parameters
    ----------
    task : Task
        Of the bundle, or of monitor.
    names : sequence of str
        Metrics; each counts once.
    business, fairness : bool
        Whether what evaluate names of them is asked too.
    """
    from mlpipe.metrics.fairness import disparities_of
    from mlpipe.monitor.estimate.asked import Asked
    from mlpipe.monitor.estimate.gaps import LEAST_GROUP

    spec = task.section("evaluate.fairness")
    metrics: Sequence[str] = ()
    if spec and fairness:
        metrics = disparities_of(task.section("task")) if spec.metrics is None else spec.metrics
    return Asked(
        tuple(dict.fromkeys(names)),
        task.section("evaluate.business") if business else {},
        tuple(metrics),
        task.section("columns").sensitive,
        spec.min_rows if spec else LEAST_GROUP,
    )


def effects(task: Task, rows: pd.Series[int], outcomes: Outcomes) -> dict[str, Any]:
    """Return ``business`` and ``fairness`` on rows the model had not seen, by name.

    Parameters are those of `unlabelled`.
    """
    from mlpipe.monitor.estimate.reference import realised_at_training

    wanted = asked(task)
    table = task.table("ingest")
    names = [name for name in wanted.columns({}) if name in table.columns]
    frame = task.session.pandas(table.select("_row", *names)).set_index("_row").loc[rows]
    about = task.json("train", "model")
    return realised_at_training(
        wanted, about["task"], outcomes, frame, about["classes"], seed=task.section("seed")
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


def _periods(times: pd.Series[Any], every: Any) -> Any:
    """Return the calendar period of each row, null where its time is; None of other chunks."""
    from mlpipe.monitor.chunks import CALENDAR
    from mlpipe.table.stamps import stamps

    known = stamps(times) if every in CALENDAR else None
    if known is None:
        return None
    return known.dt.to_period({"day": "D", "week": "W", "month": "M"}[every]).to_numpy()


def _order(times: pd.Series[Any]) -> Any:
    """Return when each row was known, as ranks; nulls come last."""
    return times.rank(method="dense", na_option="bottom").to_numpy(float)
