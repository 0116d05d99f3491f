"""What a run keeps and says of a search: the trials, their times, and a storage of Optuna."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.run.formats import read_json

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.store import Artifact

__all__ = ["earlier_trials", "searched", "storage"]

Artifacts = Mapping[str, "Artifact"]
Times = Mapping[str, float]


def searched(artifacts: Artifacts, times: Times) -> dict[str, Any]:
    """Return what the terminal says of the search, under ``search``; nothing without one.

    Parameters
    ----------
    artifacts : mapping
        The artifact of each step that ran.
    times : mapping of str to float
        The seconds of the trials that were fitted just now, by their number.
    """
    if "train" not in artifacts:
        return {}
    report = read_json(artifacts["train"], "report")
    search = report.get("search")
    if search is None:
        return {}
    top = [{**row, "seconds": times.get(str(row["trial"]))} for row in search["top"]]
    return {"search": {**search, "top": top, "metric": report["metric"], "fitted": len(times)}}


def storage(pipeline: "Pipeline", artifacts: Artifacts, times: Times) -> dict[str, bytes]:
    """Return the files that a run keeps beside its record, by name: those of Optuna."""
    spec = pipeline.train.search
    if spec is None or spec.method != "optuna" or "train" not in artifacts:
        return {}
    from mlpipe.train.search.storage import NAME, journal

    found = json.loads((artifacts["train"].path / "trials.json").read_bytes())
    models = pipeline.train.candidates(pipeline.task)
    written = journal(spec, models, found, times)
    return {} if written is None else {NAME: written}


def earlier_trials(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the trials of searches that differ in their number alone, from their artifacts."""
    for folder in folders:
        path = folder / "trials.json"
        if path.exists():
            yield from json.loads(path.read_bytes())["trials"]
