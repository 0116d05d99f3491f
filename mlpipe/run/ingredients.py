"""What goes into the key of a step, and nothing else does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.spec.secret import mask

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.champion import Champion
    from mlpipe.run.remembered import Past
    from mlpipe.run.snapshots import Snapshot
    from mlpipe.run.step import Step

__all__ = ["Facts", "flatten", "ingredients", "section"]


@dataclass(frozen=True)
class Facts:
    """What a key needs to know of the world, gathered before any step runs.

    Attributes
    ----------
    values : dict
        The whole spec as plain values, defaults included.
    digest : callable
        The sha256 of an input file, through the stat cache.
    versions : mapping
        The installed version of each library.
    python, mlpipe : str
        Versions of both.
    unchanged : callable
        Raises DataError where a file is no longer what was digested.
    fetched : callable
        From a step to the snapshots of its remote sources, by name.
    rival : callable
        From the digest of a model's artifact to the champion that it is compared with, if any.
    past : callable
        From the folder of an observed window to what history holds of the nights before it.
    """

    values: dict[str, Any]
    digest: Callable[[Path], str]
    versions: Mapping[str, str]
    python: str
    mlpipe: str
    unchanged: Callable[[Path], None] = lambda _: None
    fetched: Callable[[str], Mapping[str, "Snapshot"]] = lambda _: {}
    rival: Callable[[str], "Champion | None"] = lambda _: None
    past: Callable[[Path], "Past | None"] = lambda _: None


def ingredients(
    step: "Step",
    pipeline: "Pipeline",
    digests: Mapping[str, str],
    facts: Facts,
    past: "Past | None" = None,
) -> dict[str, Any]:
    """Return the flat mapping whose digest is the step's key.

    Parameters
    ----------
    step : Step
        The step.
    pipeline : Pipeline
        The spec; tells which files the step reads.
    digests : mapping
        The content digest of the artifact of each step in ``step.needs``.
    facts : Facts
        Digests and versions of everything else.
    past : Past, optional
        What history holds of the nights before the window, where the step remembers.

    Raises
    ------
    DataError
        Where a file cannot be read, or a remote source cannot be fetched.
    StoreError
        Where the champion is not what was registered.
    """
    found: dict[str, Any] = {f"step {step.name}": step.version}
    for path in step.reads:
        leaves = flatten(f"spec {path}", section(facts.values, path))
        found.update({name: _without_password(name, value) for name, value in leaves.items()})
    found.update({f"input {need}": digests[need] for need in step.needs})
    found.update({f"file {file}": facts.digest(file) for file in step.files(pipeline)})
    snapshots = facts.fetched(step.name)
    found.update({f"source {name}": each.content for name, each in snapshots.items()})
    found.update({f"library {name}": facts.versions[name] for name in step.distributions(pipeline)})
    champion = facts.rival(digests["bundle"]) if step.has_rival else None
    if champion is not None:
        found[f"champion {champion.name}"] = champion.mark
    if past is not None:
        found["history"] = past.mark
    return {**found, "python": facts.python, "mlpipe": facts.mlpipe}


def _without_password(name: str, value: Any) -> Any:
    key = name.rpartition(".")[2]
    return mask({key: value})[key]


def section(values: Any, path: str) -> Any:
    """Return the value at a dotted path; None where a section on the way was left out.

    >>> section({"train": {"folds": 5}}, "train.folds")
    5
    """
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


def flatten(name: str, value: Any) -> dict[str, Any]:
    """Return one entry a leaf, so that a difference can be named.

    >>> flatten("spec train", {"folds": 5, "models": [{"C": 1}]})
    {'spec train.folds': 5, 'spec train.models.0.C': 1}
    """
    if isinstance(value, dict) and value:
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and value:
        pairs = [(str(index), item) for index, item in enumerate(value)]
    else:
        return {name: value}
    return {k: v for key, item in pairs for k, v in flatten(f"{name}.{key}", item).items()}
