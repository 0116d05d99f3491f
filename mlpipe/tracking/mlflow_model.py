"""A bundle in MLflow: a pyfunc model with its signature, registered, with an alias."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.tracking.signature import signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.tracking.content import Content
    from mlpipe.tracking.send import Asked

__all__ = ["log_model", "requirements"]

STARTED = "mlpipe.started"
LOADER = "mlpipe.tracking.pyfunc"
NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""What servers answer for an alias that nobody has."""
ENGINE = ("ibis-framework", "duckdb", "pyarrow")
"""What computes features that look back, beside the libraries that the bundle names."""


def log_model(client: Any, run_id: str, asked: Asked) -> tuple[str, str]:
    """Log the bundle as a model of the run and register it, where that is asked for.

    Each part is done once: a model that the run has, and a version that the model has, stay.

    Returns
    -------
    tuple of str
        ``churn version 3 @challenger``, and why an alias stayed where it was; both may be empty.
    """
    settings, content = asked["settings"], asked["content"]
    if not asked["bundle"] or not settings["model"]:
        return "", ""
    model_id = _logged(client, run_id) or _log(run_id, Path(asked["bundle"]), content)
    name = settings["registered_model"] or (settings["alias"] and content["pipeline"])
    if not name:
        return model_id, ""
    version = _version(client, name, run_id) or _register(client, name, run_id, model_id, content)
    alias, why = settings["alias"], ""
    if alias:
        why = _refusal(client, name, version, alias, content)
        if not why:
            client.set_registered_model_alias(name, alias, version)
    shown = f" @{alias}" if alias and not why else ""
    return f"{name} version {version}{shown}", why


def requirements(about: Mapping[str, Any], content: Content) -> list[str]:
    """Return what the model needs, pinned to what it was made with."""
    here = dict(line.split("==", 1) for line in content["requirements"])
    named = {**{name: here[name] for name in ("mlpipe", *ENGINE) if name in here}}
    named |= about["libraries"]
    return [f"{name}=={version}" for name, version in sorted(named.items())]


def _logged(client: Any, run_id: str) -> str:
    outputs = client.get_run(run_id).outputs
    models = outputs.model_outputs if outputs else []
    return str(models[0].model_id) if models else ""


def _log(run_id: str, bundle: Path, content: Content) -> str:
    import mlflow

    about = json.loads((bundle / "bundle.json").read_bytes())
    scope = json.loads((bundle / "ingest.json").read_bytes())["ingest"].get("scope")
    with mlflow.start_run(run_id=run_id):
        info = mlflow.pyfunc.log_model(
            name="model",
            loader_module=LOADER,
            data_path=str(bundle),
            signature=signature(about, scoped=bool(scope)),
            pip_requirements=requirements(about, content),
            metadata={"mlpipe.run": content["run"], "mlpipe.digest": content["digest"]},
        )
    return str(info.model_id)


def _version(client: Any, name: str, run_id: str) -> str:
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'")
    return str(found[0].version) if found else ""


def _register(client: Any, name: str, run_id: str, model_id: str, content: Content) -> str:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    tags = {
        "mlpipe.run": content["run"],
        "mlpipe.verdict": content["verdict"],
        STARTED: content["started"],
    }
    source = f"models:/{model_id}"
    made = client.create_model_version(name, source, run_id, tags=tags, model_id=model_id)
    return str(made.version)


def _refusal(client: Any, name: str, version: str, alias: str, content: Content) -> str:
    """Say why an alias does not move to this version; empty where it does.

    It never moves to a model that was not judged or whose verdict says no, and never back to
    the model of an older run: a run may be sent long after it was made.
    """
    from mlflow.exceptions import MlflowException

    if content["verdict"] in ("", "failed"):
        verdict = content["verdict"] or "that it was not judged"
        return f"the alias {alias} did not move: the verdict is {verdict}"
    try:
        holder = client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if error.error_code in NOT_THERE:
            return ""
        raise
    if str(holder.version) != version and holder.tags.get(STARTED, "") > content["started"]:
        return f"the alias {alias} did not move: version {holder.version} is of a later run"
    return ""
