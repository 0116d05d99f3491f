"""What a run recorded: enough of it to be built again, or the reason why it cannot be."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mlpipe.errors import DataError, Problem, SpecError, StoreError
from mlpipe.pipeline import Pipeline
from mlpipe.run.days import dated, needs_day
from mlpipe.run.folders import RunEntry
from mlpipe.run.step import Step
from mlpipe.run.steps import STEPS, selected
from mlpipe.run.store import Store
from mlpipe.spec.secret import MASK, names_in

__all__ = ["Recorded", "recorded"]


@dataclass(frozen=True)
class Recorded:
    """A run as it was recorded.

    Attributes
    ----------
    called : str
        ``churn/0007-3f9a``.
    record : mapping
        ``run.json``.
    pipeline : Pipeline
        Its spec: after extends, profile and -S, whatever the file says today.
    steps : tuple of Step
        Those that it has an artifact of, and that its command ran.
    links : mapping
        ``key`` and ``digest`` of each artifact.
    made_from : mapping
        The ingredients of each artifact that is still there.
    """

    called: str
    record: Mapping[str, Any]
    pipeline: Pipeline
    steps: tuple[Step, ...]
    links: Mapping[str, Mapping[str, str]]
    made_from: Mapping[str, Mapping[str, Any]]


def recorded(store: Store, entry: RunEntry) -> Recorded:
    """Read a run, and check that it can be built again here.

    Raises
    ------
    DataError
        Where an input is gone or a secret is not defined, each by its name.
    StoreError
        Where the record is damaged, or this mlpipe does not read its spec.
    SpecError
        Where the run made nothing.
    """
    record = store.read_run(entry.name, entry.run)
    called = f"{entry.name}/{entry.run}"
    pipeline = _pipeline(record, called)
    links = record["artifacts"]
    known = {step.name for step in selected(pipeline, record["request"]["verb"])}
    steps = tuple(step for step in STEPS if step.name in links and step.name in known)
    if not steps:
        raise SpecError(Problem(f"{called} made nothing that could be built again"))
    made = {name: store.made_from(name, link["key"]) for name, link in links.items()}
    made_from = {name: each for name, each in made.items() if each is not None}
    _check_inputs(called, steps, made_from)
    return Recorded(called, record, pipeline, steps, links, made_from)


def _pipeline(record: Mapping[str, Any], called: str) -> Pipeline:
    """Return the spec of a run out of its record."""
    if "written" not in record:
        hint = "run its command again: newer records hold the spec as it was written"
        raise StoreError(Problem(f"the record of {called} is of an older mlpipe", hint=hint))
    written = json.loads(record["written"])
    _check_secrets(written)
    try:
        pipeline = Pipeline.read(written)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        what = f"this mlpipe does not read the spec of {called}: {first['msg']}"
        hint = f"install mlpipe {record['environment']['mlpipe']}"
        raise StoreError(Problem(what, key=key, hint=hint)) from error
    return dated(pipeline, {name: record["spec"][name]["as_of"] for name in needs_day(pipeline)})


def _check_secrets(written: Mapping[str, Any]) -> None:
    problems = []
    for key, text in _texts("", written):
        if key.startswith("monitor.alerts."):  # nobody is told, so nothing of it is needed
            continue
        if MASK in text:
            hint = "write ${secret:NAME} in the spec: what stands there in clear is not recorded"
            problems.append(Problem("cannot be rebuilt without the password", key=key, hint=hint))
        for name in names_in(text):
            if name not in os.environ:
                what = f"cannot be rebuilt without the secret {name}"
                problems.append(Problem(what, key=key, hint=f"set the variable {name}"))
    if problems:
        raise DataError(*problems)


def _check_inputs(
    called: str, steps: tuple[Step, ...], made_from: Mapping[str, Mapping[str, Any]]
) -> None:
    names = {name for step in steps for name in made_from.get(step.name, {})}
    files = sorted(name.removeprefix("file ") for name in names if name.startswith("file "))
    hint = "put it back, or work in the folder that the run was made in: -C DIR"
    gone = [
        Problem(f"cannot be rebuilt: this input of {called} is gone", file, hint=hint)
        for file in files
        if not Path(file).exists()
    ]
    if gone:
        raise DataError(*gone)


def _texts(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
        return
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    for name, item in pairs:
        yield from _texts(f"{key}.{name}".lstrip("."), item)
