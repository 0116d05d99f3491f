"""The trials of a search as a storage of Optuna: for its plots and its dashboard.

It is written beside the record of a run, from what the artifact says: the artifact itself holds
no time, and so no storage of Optuna.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.scores import METRICS
from mlpipe.train.models import AnyModel
from mlpipe.train.search.spec import Search
from mlpipe.train.search.tpe import direction, distributions, given, goal, is_missing, quiet, within

if TYPE_CHECKING:
    import optuna

__all__ = ["NAME", "journal"]

NAME = "optuna.journal"
"""``optuna.load_study(study_name="boosted", storage=JournalStorage(JournalFileBackend(NAME)))``."""


def journal(
    spec: Search,
    models: Mapping[str, AnyModel],
    found: Mapping[str, Any],
    times: Mapping[str, float],
) -> bytes | None:
    """Return a journal file with a study for each candidate that was searched.

    Parameters
    ----------
    spec : Search
    models : mapping of str to Model
        The candidates as the spec writes them: a trial too where the space holds them.
    found : mapping
        The output ``trials`` of the train step.
    times : mapping of str to float
        Seconds by the number of the trial, of those that were fitted in this run.

    Returns
    -------
    bytes or None
        None where Optuna is not installed.
    """
    if is_missing():
        return None
    metric = METRICS[found["metric"]]
    names = dict.fromkeys(row["candidate"] for row in found["trials"])
    with TemporaryDirectory() as folder, quiet():
        from optuna import create_study
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        path = Path(folder) / NAME
        storage = JournalStorage(JournalFileBackend(str(path)))
        for name in spec.searched(names):
            study = create_study(study_name=name, storage=storage, direction=direction(metric))
            own = within(spec, name, models[name])
            rows = [
                {**row, "params": row["params"] or own}
                for row in found["trials"]
                if row["candidate"] == name and (row["params"] or own)
            ]
            study.add_trials(_frozen(spec, rows, metric, times))
        return path.read_bytes()


def _frozen(
    spec: Search, rows: list[dict[str, Any]], metric: Any, times: Mapping[str, float]
) -> "Iterator[optuna.trial.FrozenTrial]":
    from optuna.trial import TrialState, create_trial

    for row in rows:
        name, seconds = row["candidate"], times.get(str(row["trial"]))
        value = goal(metric, row["mean"])
        yield create_trial(
            state=TrialState.FAIL if value is None else TrialState.COMPLETE,
            value=value,
            params=given(spec, name, row["params"]),
            distributions=distributions(spec, name),
            user_attrs={
                "trial": row["trial"],
                "std": row["std"],
                "folds": [fold["value"] for fold in row["folds"]],
                **({} if seconds is None else {"seconds": seconds}),
            },
        )
