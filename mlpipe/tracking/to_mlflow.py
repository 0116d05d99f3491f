"""A run in MLflow: found by the digest of its record, so that sending twice makes one run.

Everything here runs in a process of its own (`mlpipe.tracking.send`): MLflow keeps its address,
its active run and its settings in globals and in the environment.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from mlpipe.tracking.mlflow_model import log_model
from mlpipe.tracking.names import cut, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.tracking.content import Content
    from mlpipe.tracking.send import Asked

__all__ = ["send"]

DIGEST = "mlpipe.digest"
COMPLETE = "mlpipe.complete"
"""The tag that a run gets last: without it, sending was interrupted and goes on."""
LONGEST_PARAM, LONGEST_TAG, LONGEST_DIGEST = 6000, 5000, 36
BATCH = 100
MOST_DATASETS = 100


def send(asked: Asked) -> dict[str, str]:
    """Send a run, or go on where sending it was interrupted.

    Returns
    -------
    dict
        ``run`` (its id there), ``link``, ``model``, ``note``, ``there`` (it was): texts, empty
        where there is nothing to say.
    """
    import mlflow
    from mlflow import MlflowClient

    settings, content = asked["settings"], asked["content"]
    settings = asked["settings"] = {**settings, "uri": _logged_in(settings)}
    mlflow.set_tracking_uri(settings["uri"])
    client = MlflowClient()
    experiment = _experiment(client, settings, asked["project"])
    run = _found(client, experiment, content) or _created(client, experiment, content)
    run_id, there = str(run.info.run_id), COMPLETE in run.data.tags
    if not there:
        _log(client, run, content, settings["tags"])
        client.log_artifacts(run_id, asked["folder"])
    model, note = log_model(client, run_id, asked)
    if not there:
        client.set_tag(run_id, COMPLETE, "true")
    status = "FAILED" if content["failed"] else "FINISHED"
    client.set_terminated(run_id, status, end_time=_end(content))
    return {
        "run": run_id,
        "link": _link(settings["uri"], experiment, run_id),
        "model": model,
        "note": note,
        "there": "yes" if there else "",
    }


def _logged_in(settings: dict[str, Any]) -> str:
    """Return the address without a login: of a server, MLflow takes that from the environment.

    So no password is part of an address that MLflow prints or stores.
    """
    uri = str(settings["uri"])
    given = {name: settings[name] for name in ("username", "password", "token")}
    if uri.startswith("http"):
        parts = urlsplit(uri)
        given["username"] = given["username"] or unquote(parts.username or "")
        given["password"] = given["password"] or unquote(parts.password or "")
        uri = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    for name, value in given.items():
        if value:
            os.environ[f"MLFLOW_TRACKING_{name.upper()}"] = value
    return uri


def _experiment(client: Any, settings: dict[str, Any], name: str) -> str:
    """Return the id of the experiment, made where there is none.

    Raises
    ------
    ValueError
        Where it was deleted: MLflow keeps its name.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name, _artifacts(settings)))
        except MlflowException:
            found = client.get_experiment_by_name(name)  # somebody else was faster
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        message = f"the experiment '{name}' was deleted there; restore it, or name another one"
        raise ValueError(message)
    return str(found.experiment_id)


def _artifacts(settings: dict[str, Any]) -> str | None:
    """Return where a new experiment keeps its files; None leaves it to the server.

    MLflow would put those of a database into ``mlruns``, wherever it is called from.
    """
    uri, given = str(settings["uri"]), settings["artifacts"]
    if given:
        return str(given) if "://" in given else Path(given).resolve().as_uri()
    if not uri.startswith(("sqlite", "postgresql", "mysql", "mssql")):
        return None
    base = Path(uri.partition(":///")[2]).parent if uri.startswith("sqlite") else Path()
    return (base / "mlartifacts").resolve().as_uri()


def _found(client: Any, experiment: str, content: Content) -> Any:
    wanted = f"tags.`{DIGEST}` = '{content['digest']}'"
    return next(iter(client.search_runs([experiment], wanted, max_results=1)), None)


def _created(client: Any, experiment: str, content: Content) -> Any:
    tags = {DIGEST: content["digest"], "mlflow.source.name": content["tags"]["mlpipe.command"]}
    if "mlpipe.git.commit" in content["tags"]:
        tags["mlflow.source.git.commit"] = content["tags"]["mlpipe.git.commit"]
    return client.create_run(experiment, _start(content), tags, content["run"])


def _log(client: Any, run: Any, content: Content, own: dict[str, str]) -> None:
    """Log values; what is there already is the same: names, steps and times are those of the run.

    Params, metrics and tags go in batches, since a server takes so many at once.
    """
    from mlflow.entities import Metric, Param, RunTag

    run_id, at = run.info.run_id, _end(content)
    params = [Param(name, _text(value)) for name, value in named(content["params"]).items()]
    metrics = [Metric(name, value, at, 0) for name, value in named(content["metrics"]).items()]
    for step, values in content["folds"]:
        metrics += [Metric(name, value, at, step) for name, value in named(values).items()]
    tags = [
        RunTag(name, cut(value, LONGEST_TAG))
        for name, value in named({**own, **content["tags"]}).items()
    ]
    for batch in _batches(params):
        client.log_batch(run_id, params=batch)
    for batch in _batches(metrics):
        client.log_batch(run_id, metrics=batch)
    for batch in _batches(tags):
        client.log_batch(run_id, tags=batch)
    if not run.inputs.dataset_inputs:
        client.log_inputs(run_id, datasets=_datasets(content))


def _datasets(content: Content) -> list[Any]:
    """Return the inputs as MLflow's datasets, each with the start of its digest."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return [
        DatasetInput(
            Dataset(
                name=cut(name, 500),
                digest=digest[:LONGEST_DIGEST],
                source_type="mlpipe",
                source=json.dumps({"name": name, "sha256": digest}),
            ),
            [InputTag("mlflow.data.context", "training")],
        )
        for name, digest in list(content["inputs"].items())[:MOST_DATASETS]
    ]


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut(text, LONGEST_PARAM)


def _batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(values), BATCH):
        yield values[first : first + BATCH]


def _start(content: Content) -> int:
    return int(datetime.fromisoformat(content["started"]).timestamp() * 1000)


def _end(content: Content) -> int:
    return _start(content) + int(content["seconds"] * 1000)


def _link(uri: str, experiment: str, run_id: str) -> str:
    if not uri.startswith("http"):
        return ""
    return f"{uri.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"
