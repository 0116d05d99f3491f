"""Learning: what featurize, train and bundle are handed."""

from typing import TYPE_CHECKING, Any

from mlpipe.run.events import kept_events
from mlpipe.run.searched import earlier_trials
from mlpipe.table.duration import parse
from mlpipe.train.spec import Train

if TYPE_CHECKING:
    from mlpipe.run.task import Task

__all__ = ["bundle", "featurize", "train"]

Outputs = dict[str, Any]


def featurize(task: "Task") -> Outputs:
    """Decide the features of every model, and compute those that look back."""
    from mlpipe.featurize.stage import featurize as stage

    what = task.section("task")
    return stage(
        task.section("featurize"),
        task.section("columns"),
        task.json("ingest", "report")["columns"],
        task.pipeline.train.families(what),
        task.table("ingest"),
        task.table("split", "parts"),
        task.session,
        task.section("seed"),
        task=what,
        events=kept_events(task, "ingest"),
    )


def train(task: "Task") -> Outputs:
    """Compare the candidates and fit the best one."""
    from mlpipe.train.stage import train as stage

    folds, gap = task.json("split", "report")["folds"], task.section("split.gap")
    return stage(
        _train_section(task),
        task.section("task"),
        task.section("columns"),
        task.section("seed"),
        task.json("featurize", "plan"),
        task.table("featurize"),
        task.table("split", "parts"),
        folds["kind"],
        folds["count"],
        task.session,
        on_progress=task.progress,
        on_time=lambda trial, seconds: task.times(str(trial), seconds),
        earlier=earlier_trials(task.earlier),
        gap=parse(gap) if gap else None,
    )


def bundle(task: "Task") -> Outputs:
    """Set the threshold and put all that predicts into one folder."""
    from mlpipe.run.assembly import assemble

    return assemble(task)


def _train_section(task: "Task") -> Any:
    """Return ``train`` without ``decide``, which is the business of the bundle."""
    names = Train.model_fields.keys() - {"decide"}
    return Train(**{name: task.section(f"train.{name}") for name in names})
