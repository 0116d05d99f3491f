"""Telling trackers of a finished run: which of them, what of it, and what came of it."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from mlpipe.errors import MlpipeError
from mlpipe.ingest.fetch.fetched import hushed
from mlpipe.run import tracked
from mlpipe.run.folders import RunEntry
from mlpipe.run.secrets import opened, opened_url
from mlpipe.run.store import Store
from mlpipe.run.told import gathered
from mlpipe.spec.secret import mask_text, names_in
from mlpipe.tracking.content import Content
from mlpipe.tracking.process import deliver
from mlpipe.tracking.spec import Mlflow, Tracker, Tracking

__all__ = ["track", "unsent"]

URLS = ("uri", "url", "artifacts")
LOGINS = ("username", "password", "token", "api_key")


def track(
    store: Store, run: RunEntry, tracking: Tracking, *, again: bool = False
) -> list[tracked.Entry]:
    """Tell each tracker of the spec of a run, once; return what is known of each.

    Parameters
    ----------
    store : Store
    run : RunEntry
        A run with a model.
    tracking : Tracking
        Where to.
    again : bool
        Whether to ask also those that know of the run, or were not to be reached: a tracker
        finds the run again, and takes what it lacks.

    Raises
    ------
    StoreError
        Where the run's record or artifacts cannot be read.
    """
    known = tracked.of_run(run.path)
    found = [_known(known, *_place(name, section, run)) for name, section in tracking.trackers()]
    if all(found) and not again:
        return [each for each in found if each]
    with store.lock("tracking", f"{run.name}.{run.run}"), TemporaryDirectory() as folder:
        told, bundle = gathered(store, run, Path(folder))
        paths = {"folder": folder, "bundle": str(bundle.resolve()) if bundle else ""}
        return [
            each if each and not again else _tell(run, name, section, told, paths)
            for each, (name, section) in zip(found, tracking.trackers(), strict=True)
        ]


def unsent(tracking: Tracking, run: RunEntry, error: Exception) -> list[tracked.Entry]:
    """Return what is known where the run could not even be read."""
    first = error.problems[0].message if isinstance(error, MlpipeError) else str(error)
    return [
        _entry(*_place(name, section, run), {"why": first}) for name, section in tracking.trackers()
    ]


def _place(name: str, section: Tracker, run: RunEntry) -> tuple[str, str, str]:
    """Return tracker, address and project: what tells one entry from another."""
    if isinstance(section, Mlflow):
        return name, mask_text(section.uri), section.experiment or run.name
    at = section.url or ("wandb.ai" if section.mode == "online" else "offline")
    return name, mask_text(at), section.project or run.name


def _known(entries: list[tracked.Entry], *place: str) -> tracked.Entry | None:
    for each in entries:
        if (each["tracker"], each["to"], each["project"]) == place:
            return each
    return None


def _tell(
    run: RunEntry, name: str, section: Tracker, told: Content, paths: Mapping[str, str]
) -> tracked.Entry:
    """Send a run to one tracker and keep a note of it."""
    tracker, to, project = _place(name, section, run)
    try:
        answer = deliver(
            {
                "tracker": tracker,
                "settings": _opened(section),
                "project": project,
                "content": told,
                "folder": paths["folder"],
                "bundle": paths["bundle"],
                "keep": str(run.path if getattr(section, "beside_run", False) else "."),
            },
            section.timeout,
        )
    except MlpipeError as error:  # a secret that is not defined
        answer = {"why": error.problems[0].message}
    secrets = _secrets(section)
    said = {key: hushed(text, secrets) for key, text in answer.items()}
    entry = _entry(tracker, to, project, said)
    with suppress(OSError):  # only a note: the tracker knows what it has
        tracked.keep(run.path, entry)
    if said.get("there") and not entry["note"]:
        entry["note"] = "it was there already"
    return entry


def _entry(tracker: str, to: str, project: str, said: Mapping[str, str]) -> tracked.Entry:
    texts = {name: said.get(name, "") for name in ("run", "link", "model", "note", "why")}
    return tracked.Entry(
        tracker=tracker, to=to, project=project, status="failed" if texts["why"] else "sent",
        run=texts["run"], link=texts["link"], model=texts["model"], note=texts["note"],
        why=texts["why"], when=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )  # fmt: skip


def _opened(section: Tracker) -> dict[str, Any]:
    """Return the section as plain values with the secrets of its address and login in place."""
    values = section.model_dump(mode="json")
    for names, put in ((URLS, opened_url), (LOGINS, opened)):
        values |= {name: put(values[name]) for name in names if values.get(name)}
    return values


def _secrets(section: Tracker) -> set[str]:
    """Return every text that nothing said about the sending may hold."""
    values = section.model_dump(mode="json")
    texts = [values[name] for name in (*URLS, *LOGINS) if values.get(name)]
    found = {os.environ.get(name, "") for text in texts for name in names_in(text)}
    found |= {values[name] for name in ("password", "token", "api_key") if values.get(name)}
    for text in texts:
        with suppress(ValueError):
            password = urlsplit(text).password or ""
            found |= {password, unquote(password)}
    return found - {""}
