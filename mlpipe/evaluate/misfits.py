"""What of the `evaluate` section does not fit the rest of the spec."""

from collections.abc import Iterator
from typing import TypeAlias

from mlpipe.evaluate.behaviour.misfits import misfits as behaviour_misfits
from mlpipe.evaluate.business.misfits import misfits as business_misfits
from mlpipe.evaluate.groups.spec import Fairness
from mlpipe.evaluate.spec import Custom, Evaluate, Gate
from mlpipe.metrics.fairness import DISPARITIES, disparities_of
from mlpipe.metrics.losses import losses_of
from mlpipe.metrics.operational import OPERATIONAL, fewest
from mlpipe.metrics.scores import METRICS, names_for
from mlpipe.table.columns import Columns

__all__ = ["misfits"]

Misfit: TypeAlias = tuple[tuple[str | int, ...], str, str]


def misfits(spec: Evaluate, task: str, columns: Columns) -> Iterator[Misfit]:
    """Yield ``(place, message, hint)`` for all that contradicts the task or the columns.

    Parameters
    ----------
    spec : Evaluate
    task : str
    columns : Columns

    Yields
    ------
    tuple
        The place is the path of keys below ``evaluate``, e.g. ``("gates", 0, "metric")``.
    """
    for number, metric in enumerate(spec.metrics):
        if isinstance(metric, Custom):
            yield from metric.misfits(("metrics", number), task)
        else:
            yield from _other_task(("metrics", number), metric, task)
    for number, gate in enumerate(spec.gates):
        yield from _gate(("gates", number), gate, spec, task, columns)
    for at, what, hint in behaviour_misfits(spec.behaviour, task, columns):
        yield ("behaviour", *at), what, hint
    yield from business_misfits(spec, task)
    if spec.fairness:
        yield from _fairness(spec.fairness, task, columns)
    if spec.scanned and spec.scanned.metric not in (None, *losses_of(task)):
        what = f"'{spec.scanned.metric}' is no loss of single rows of {task}"
        yield ("scan", "metric"), what, f"there are: {', '.join(losses_of(task))}"


def _gate(
    at: tuple[str | int, ...], gate: Gate, spec: Evaluate, task: str, columns: Columns
) -> Iterator[Misfit]:
    if gate.class_ is not None:
        yield from _of_class(at, gate, task)
    elif gate.metric in METRICS:
        yield from _other_task((*at, "metric"), gate.metric, task)
    elif gate.metric in OPERATIONAL:
        yield from _undecided((*at, "metric"), gate.metric, spec)
    elif gate.metric in DISPARITIES:
        refused = list(_disparity((*at, "metric"), gate.metric, _seen(spec.fairness, task)))
        yield from refused
        reported = spec.fairness.columns if spec.fairness else None
        if not (refused or gate.groups or reported or columns.sensitive):
            yield at, "no columns to compare groups of", "add across: COLUMN"


def _fairness(spec: Fairness, task: str, columns: Columns) -> Iterator[Misfit]:
    at = ("fairness",)
    if not (spec.columns or columns.sensitive):
        yield at, "no columns to compare groups of", "name them in columns.sensitive"
    if spec.positive is not None and task == "regression":
        yield (*at, "positive"), "regression has no classes", "leave it out"
    if spec.positive is not None and task == "binary":
        yield (*at, "positive"), "columns.target says what is positive", "leave it out"
    for number, name in enumerate(spec.metrics or ()):
        yield from _disparity((*at, "metrics", number), name, _seen(spec, task))


def _seen(spec: Fairness | None, task: str) -> str:
    """Return the task whose rates there are: one class of many is looked at as chosen or not."""
    return "binary" if task == "multiclass" and spec and spec.positive is not None else task


def _disparity(at: tuple[str | int, ...], name: str, task: str) -> Iterator[Misfit]:
    known = disparities_of(task)
    if name not in known:
        tasks = " and ".join(DISPARITIES[name].tasks)
        hint = f"task {task} has: {', '.join(known)}"
        if task == "multiclass" and "binary" in DISPARITIES[name].tasks:
            hint += "; fairness: {positive: CLASS} looks at one class of many"
        yield at, f"'{name}' compares groups of {tasks} tasks, not {task}", hint


def _of_class(at: tuple[str | int, ...], gate: Gate, task: str) -> Iterator[Misfit]:
    """Yield what is wrong with a gate on one class: it is judged as the positive of two."""
    known = names_for("binary")
    if task == "regression":
        yield (*at, "class"), "a regression has no classes", ""
    elif gate.metric not in METRICS or "binary" not in METRICS[gate.metric].tasks:
        near = METRICS.nearest(gate.metric, "binary")
        hint = near or f"metrics of a class: {', '.join(known)}"
        yield (*at, "metric"), f"'{gate.metric}' is no metric of one class", hint


def _undecided(at: tuple[str | int, ...], name: str, spec: Evaluate) -> Iterator[Misfit]:
    """Refuse a gate that no measurement could decide: too few of them have no interval."""
    share, timing = OPERATIONAL[name].quantile, spec.timing
    if share is None or timing is None:
        return
    field = {"one_row": "repetitions", "batch": "batches"}.get(OPERATIONAL[name].of, "starts")
    count, needed = getattr(timing, field), fewest(share)
    if count < needed:
        what = f"'{name}' has an interval from {needed} measurements on; {count} are asked for"
        yield at, what, f"operational: {{{field}: {needed}}}"


def _other_task(at: tuple[str | int, ...], name: str, task: str) -> Iterator[Misfit]:
    tasks = METRICS[name].tasks
    if task not in tasks:
        hint = METRICS.nearest(name, task) or f"task {task} has: {', '.join(names_for(task))}"
        yield at, f"'{name}' is a metric of {' and '.join(tasks)}, not of {task}", hint
