"""Which model a command means: a version of the registry, a run, or a bundle that was copied out.

Here is also the boundary of the registry: who acts and when is found out here and handed in.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.sealed import MANIFEST, as_json, opened, verified
from mlpipe.errors import Problem, SpecError
from mlpipe.registry.log import Act
from mlpipe.registry.names import CHAMPION, Reference, reference
from mlpipe.registry.registry import Registry
from mlpipe.run.digests import digest_json
from mlpipe.run.history import find_model
from mlpipe.run.store import Store

if TYPE_CHECKING:
    from mlpipe.registry.version import Version
    from mlpipe.run.request import Request
    from mlpipe.run.store import Artifact

__all__ = ["REGISTRY", "Chosen", "Given", "act", "choose", "given"]

REGISTRY = "models"
"""Where the registry is, unless an option, ``MLPIPE_REGISTRY`` or the spec says otherwise."""


@dataclass(frozen=True)
class Chosen:
    """The model that a command uses.

    Attributes
    ----------
    folder : Path
        Of its bundle.
    words : str
        Which it is, for a person.
    version : Version or None
        Where it is one of the registry.
    run, key : str
        Where it is that of a run: ``churn/0007-3f9a``, and the key of its bundle.
    """

    folder: Path
    words: str
    version: "Version | None" = None
    run: str = ""
    key: str = ""


@dataclass(frozen=True)
class Given:
    """What a verb that never trains is given: the bundle, and which it is in words.

    ``name`` is how other verbs call it: ``churn/0007-3f9a``, ``churn@3``; empty for a folder.
    """

    artifacts: Mapping[str, "Artifact"] = field(default_factory=dict)
    words: str = ""
    name: str = ""


def act(reason: str = "") -> Act:
    """Return who acts, and when."""
    import getpass

    try:
        who = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container whose user has no name
        who = f"user {os.getuid()}"
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Act(who, now, reason)


def choose(model: str, runs_dir: Path, registry: Path, *, name: str | None = None) -> Chosen:
    """Return the model that a person means.

    Parameters
    ----------
    model : str
        ``churn@champion``, ``churn@3``, an alias alone, a run as `find_run` takes it, the folder
        of a bundle; empty for the champion where there is one, else the latest run with a model.
    runs_dir, registry : Path
        Where runs and registered models are kept.
    name : str, optional
        The pipeline that the model must be of: an alias alone, and nothing at all, is its.

    Raises
    ------
    SpecError
        Where there is none, or more than one.
    StoreError
        Where a registered model is not what was registered.
    """
    if model and (Path(model) / "bundle.json").exists():
        return Chosen(Path(model), str(model))
    store = Store(runs_dir, create=False)
    models = Registry(registry)
    wanted = _reference(model, store, models, name)
    if wanted is not None:
        version = models.find(wanted)
        words = f"{version}, registered {_day(version.card.get('when'))}, {version.path}"
        return Chosen(version.bundle, words, version=version)
    run, link = find_model(store, model or name or "latest")
    called, record = f"{run.name}/{run.run}", store.read_run(run.name, run.run)
    words = f"{called} of {_day(record.get('started'))}, {run.path}"
    return Chosen(run.path / "bundle", words, run=called, key=link["key"])


def _day(when: object) -> str:
    """Return the day of a moment as records have it.

    >>> _day("2026-05-02T03:12:00Z"), _day(None)
    ('2026-05-02', 'on a day unknown')
    """
    return str(when)[:10] if when else "on a day unknown"


def given(store: Store, request: "Request", name: str, registry: Path) -> Given:
    """Return the bundle of a finished model, for a verb that never trains one.

    One that this store does not have, of the registry or a folder, is taken into it, so that the
    run which uses it refers to what stays.

    Raises
    ------
    SpecError
        Where there is none, or it is of another pipeline.
    """
    if request.model is None:
        return Given()
    wanted = name if request.model == "latest" else request.model
    chosen = choose(wanted, store.root, registry, name=name)
    of = chosen.run.partition("/")[0] or opened(chosen.folder)["name"]
    if of != name:
        hint = f"take a model of {name}, or the spec of {of}"
        what = f"{chosen.run or chosen.words} is a model of another pipeline"
        raise SpecError(Problem(what, f"--model {request.model}", hint=hint))
    if not chosen.run:
        version = chosen.version
        called = f"{version.name}@{version.number}" if version else ""
        return Given({"bundle": _taken_in(store, chosen)}, chosen.words, called)
    artifact = store.find("bundle", chosen.key)
    if artifact is None:
        hint = "train it again: mlpipe train " + shlex.quote(request.spec)
        raise SpecError(Problem(f"the model of {chosen.run} is damaged", hint=hint))
    return Given({"bundle": artifact}, chosen.words, chosen.run)


def _reference(model: str, store: Store, models: Registry, name: str | None) -> Reference | None:
    """Return what of the registry is meant; None where it is a run."""
    if "@" in model and not Path(model).exists():
        return reference(model)
    if not model:
        holders = _holders(models, CHAMPION, name)
        return _only(holders, CHAMPION) if holders else None
    if model == "latest" or model in {entry.name for entry in store.runs()}:
        return None
    holders = _holders(models, model, name)
    if model == CHAMPION and not holders:
        hint = "mlpipe register RUN --alias champion; mlpipe models list"
        raise SpecError(Problem("there is no champion", str(models.root), hint=hint))
    return _only(holders, model) if holders else None


def _holders(models: Registry, alias: str, name: str | None) -> list[str]:
    known = models.names()
    names = known if name is None else [each for each in known if each == name]
    return [each for each in names if alias in models.aliases(each)]


def _only(holders: list[str], alias: str) -> Reference:
    if len(holders) > 1:
        known = ", ".join(f"{name}@{alias}" for name in holders)
        what = f"{len(holders)} models have a {alias}"
        raise SpecError(Problem(what, "--model", hint=f"name one: {known}"))
    return Reference(holders[0], alias)


def _taken_in(store: Store, chosen: Chosen) -> "Artifact":
    """Return a bundle as the artifact that it was, or is again."""
    made = (chosen.version.card.get("artifact") if chosen.version else None) or {}
    there = store.find("bundle", made["key"]) if made else None
    if there is not None and there.digest == made["digest"]:
        return there
    about = opened(chosen.folder)
    key = digest_json(["taken in", about["digest"]])[:32]
    made_from = {"bundle": about["digest"]}
    summary = made.get("summary", {})
    return store.find("bundle", key) or store.put(
        "bundle", key, made_from, lambda folder: _fill(folder, chosen.folder, summary)
    )


def _fill(folder: Path, source: Path, summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the files that the step wrote: those of the bundle, and its decision."""
    about = opened(source)
    for name in about["files"]:
        (folder / name).write_bytes(verified(source, about, name).read_bytes())
    (folder / MANIFEST).write_bytes(as_json(about))
    (folder / "decision.json").write_bytes(as_json(about["decision"]))
    return summary
