"""Whether what runs refer to is still there, byte for byte; nothing is moved or mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpipe.disk import explained
from mlpipe.errors import StoreError
from mlpipe.run import artifacts
from mlpipe.run.artifacts import DamageError
from mlpipe.run.folders import RunEntry
from mlpipe.run.history import find_run
from mlpipe.run.store import Store

__all__ = ["Checked", "verify"]


@dataclass(frozen=True)
class Checked:
    """An artifact of a run, or its record.

    Attributes
    ----------
    run, what : str
        ``churn/0007-3f9a``, and the step or ``run.json``.
    status : str
        ``intact``, ``damaged`` or ``gone``.
    why : str
        What is wrong with it.
    """

    run: str
    what: str
    status: str
    why: str = ""


def verify(runs_dir: Path, wanted: str | None) -> list[Checked]:
    """Read every byte that a run, or each of them, refers to.

    Parameters
    ----------
    runs_dir : Path
        Where runs are kept.
    wanted : str or None
        As for `find_run`; None for all of them.
    """
    store = Store(runs_dir, create=False)
    entries = [find_run(runs_dir, wanted)] if wanted else store.runs()
    with explained("cannot verify the runs", store.root):
        return [checked for entry in entries for checked in _of_run(store, entry)]


def _of_run(store: Store, entry: RunEntry) -> Iterator[Checked]:
    called = f"{entry.name}/{entry.run}"
    try:
        links = store.read_run(entry.name, entry.run)["artifacts"]
    except StoreError as error:
        yield Checked(called, "run.json", "damaged", error.problems[0].message)
        return
    yield Checked(called, "run.json", "intact")
    for step, link in links.items():
        yield Checked(called, step, *_status(store, step, link))


def _status(store: Store, step: str, link: dict[str, Any]) -> tuple[str, str]:
    try:
        found = artifacts.read(store.root, step, link["key"], store.digests, afresh=True)
    except DamageError as damage:
        return "damaged", str(damage)
    if found is None:
        return "gone", f"there is no {step} {link['key']}"
    if found.digest != link["digest"]:
        return "damaged", "it holds another result than the run says"
    return "intact", ""
