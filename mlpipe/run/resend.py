"""``mlpipe runs track``: a finished run is sent where the spec says now."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, SpecError
from mlpipe.pipeline import Pipeline, load
from mlpipe.run.folders import RunEntry
from mlpipe.run.history import find_run, read_run
from mlpipe.run.store import Store
from mlpipe.run.track import track
from mlpipe.run.tracked import shown
from mlpipe.spec.secret import MASK

__all__ = ["resend"]


def resend(
    runs_dir: Path,
    wanted: str,
    *,
    spec: Path | None = None,
    profile: str | None = None,
    overrides: Sequence[str] = (),
) -> tuple[str, list[dict[str, str]]]:
    """Send a finished run to the trackers of its spec; one that has it already keeps it.

    Parameters
    ----------
    runs_dir, wanted
        As for `find_run`.
    spec, profile, overrides
        Where the section ``tracking`` stands; by default what the run was made with.

    Returns
    -------
    tuple of str and list of dict
        The run, and what came of each tracker.

    Raises
    ------
    SpecError
        Where there is no such run, it has no model, or the spec names no tracker.
    """
    entry = find_run(runs_dir, wanted)
    record = read_run(entry)
    run = f"{entry.name}/{entry.run}"
    if "train" not in record["artifacts"]:
        what = f"{run} trained no model; there is nothing to send"
        raise SpecError(Problem(what, str(runs_dir), hint="mlpipe runs list"))
    pipeline = _pipeline(record, entry, spec, profile, overrides)
    if pipeline.tracking is None or not list(pipeline.tracking.trackers()):
        hint = "tracking: {mlflow: {uri: http://…}}"
        raise SpecError(Problem("the spec names no tracker", key="tracking", hint=hint))
    store = Store(runs_dir, create=False)
    with store.session():
        found = track(store, entry, pipeline.tracking, again=True)
    return run, [shown(each, run, str(runs_dir)) for each in found]


def _pipeline(
    record: dict[str, Any],
    entry: RunEntry,
    spec: Path | None,
    profile: str | None,
    overrides: Sequence[str],
) -> Pipeline:
    """Load the spec of the run as it is now; the record itself keeps no secrets."""
    asked = record["request"]
    before = [] if spec else [each for each in asked["overrides"] if MASK not in each]
    hidden = [] if spec else [each for each in asked["overrides"] if MASK in each]
    given = {each.partition("=")[0] for each in overrides}
    for each in hidden:
        key = each.partition("=")[0]
        if key.startswith("tracking") and key not in given:
            what = f"the run was made with -S {each}, and a password is not kept"
            raise SpecError(Problem(what, hint=f"give it again: -S {key}=…"))
    loaded = load(
        spec or Path(asked["spec"]),
        profile=profile or (None if spec else asked["profile"]),
        overrides=[*before, *overrides],
        environ=os.environ,
    )
    if loaded.pipeline.name != entry.name:
        what = f"{spec or asked['spec']} is the spec of {loaded.pipeline.name}, not {entry.name}"
        raise SpecError(Problem(what, key="name", hint="--spec FILE"))
    return loaded.pipeline
