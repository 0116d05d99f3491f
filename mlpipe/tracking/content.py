"""What is told of a run: parameters, metrics, tags and inputs, the same for every tracker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Content", "Told", "content"]

SECTIONS = ("task", "seed", "split", "featurize", "train")
"""What of the spec decides about the model."""
MOST_INPUTS = 100
"""Input files that get a tag each; ``inputs.json`` has them all."""


class Told(TypedDict):
    """What a run left, as far as trackers are told of it; None where a step did not run."""

    record: Mapping[str, Any]  # run.json
    run: str  # churn/0007-3f9a
    train: Mapping[str, Any]
    candidates: Mapping[str, Any]
    evaluate: Mapping[str, Any] | None
    verdict: Mapping[str, Any] | None
    inputs: Mapping[str, str]  # sha256 by path, or content digest by source
    libraries: Mapping[str, str]  # those that can change the model


class Content(TypedDict):
    """The same in the terms that trackers share; plain JSON."""

    run: str
    digest: str  # of the record: which run this is, wherever it was made
    pipeline: str
    started: str
    seconds: float
    failed: bool  # whether an error ended it; a verdict that says no is none
    verdict: str  # passed, inconclusive, failed; empty where it was not judged
    params: dict[str, Any]
    metrics: dict[str, float]
    folds: list[tuple[int, dict[str, float]]]
    tags: dict[str, str]
    inputs: dict[str, str]
    requirements: list[str]


def content(told: Told) -> Content:
    """Return what trackers are told of a run.

    Parameters
    ----------
    told : Told
        The run's record, whose secrets are masked, and what its steps reported.
    """
    record = told["record"]
    spec = {name: record["spec"][name] for name in SECTIONS}
    packages = record["environment"]["packages"]
    return Content(
        run=told["run"],
        digest=record["digest"],
        pipeline=record["name"],
        started=record["started"],
        seconds=record["seconds"],
        failed=record["result"]["exit_code"] > 1,
        verdict=(told["verdict"] or {}).get("status", ""),
        params={**dict(_leaves("", spec)), **_chosen(told["candidates"])},
        metrics=_final(told),
        folds=_folds(told["candidates"]),
        tags=_tags(told),
        inputs=dict(told["inputs"]),
        requirements=[f"{name}=={version}" for name, version in packages.items() if name],
    )


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield one parameter a leaf; a list of plain values is one."""
    if isinstance(value, dict) and value:
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        pairs = [(str(place), item) for place, item in enumerate(value)]
    else:
        yield name, value
        return
    for key, item in pairs:
        yield from _leaves(f"{name}.{key}" if name else key, item)


def _chosen(candidates: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chosen model with its parameters: a search may have found others than the spec."""
    chosen = candidates["chosen"]
    model = next(each for each in candidates["models"] if each["name"] == chosen)
    found = {"model": chosen, "model.type": model["type"]}
    return found | dict(_leaves("model.params", model["params"]))


def _final(told: Told) -> dict[str, float]:
    """Return each metric of each part with its interval and the baseline beside it."""
    candidates, report = told["candidates"], told["evaluate"] or {}
    metric = candidates["metric"]
    found: dict[str, Any] = {f"folds/{metric}_mean": told["train"]["score"]}
    found[f"folds/{metric}_baseline_mean"] = candidates["baseline"]["mean"]
    for model in candidates["models"]:
        for end in ("mean", "std"):
            found[f"candidates/{model['name']}/{metric}_{end}"] = model[end]
    for name, part in report.get("parts", {}).items():
        found[f"{name}/rows"] = part["rows"]
        for row in part["metrics"]:
            found |= _estimate(f"{name}/{row['name']}", row)
            found[f"{name}/{row['name']}_baseline"] = row["baseline"]
    for worth in report.get("business", ()):
        found |= _estimate(f"{worth['part']}/{worth['name']}", worth["total"])
    for said in report.get("feedback", ()):
        found |= _estimate(f"{said['part']}/{said['name']}", said)
    found["threshold"] = report.get("threshold")
    found["seconds"] = told["record"]["seconds"]
    return {name: float(value) for name, value in found.items() if value is not None}


def _estimate(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row["value"], f"{name}_low": row["low"], f"{name}_high": row["high"]}


def _folds(candidates: Mapping[str, Any]) -> list[tuple[int, dict[str, float]]]:
    """Return what was measured in each fold: of the chosen model, each candidate, the baseline."""
    metric = candidates["metric"]
    by_fold: dict[int, dict[str, float]] = {}

    def add(name: str, folds: list[dict[str, Any]]) -> None:
        for fold in folds:
            if fold["value"] is not None:
                by_fold.setdefault(fold["fold"], {})[name] = float(fold["value"])

    for model in candidates["models"]:
        add(f"candidates/{model['name']}/{metric}", model["folds"])
        if model["name"] == candidates["chosen"]:
            add(f"folds/{metric}", model["folds"])
    add(f"folds/{metric}_baseline", candidates["baseline"]["folds"])
    return sorted(by_fold.items())


def _tags(told: Told) -> dict[str, str]:
    record, git = told["record"], told["record"]["git"]
    tags = {
        "run": told["run"],
        "digest": record["digest"],
        "pipeline": record["name"],
        "task": record["spec"]["task"],
        "command": record["command"],
        "status": record["result"]["status"],
        "verdict": (told["verdict"] or {}).get("status", ""),
        "model": told["train"]["chosen"],
        "model_type": told["train"]["type"],
        "test_opened": record["test"]["opened"],
        "version": record["environment"]["mlpipe"],
        "python": record["environment"]["python"],
        "git.commit": git.get("commit", ""),
        "git.branch": git.get("branch", ""),
        "git.dirty": json.dumps(git["dirty"]) if git else "",
        "data": record["artifacts"]["ingest"]["digest"],
    }
    tags |= {f"library.{name}": version for name, version in told["libraries"].items()}
    inputs = list(told["inputs"].items())
    tags |= {f"data.{name}": digest for name, digest in inputs[:MOST_INPUTS]}
    return {f"mlpipe.{name}": str(value) for name, value in tags.items() if value != ""}
