"""Where a run was told of: ``tracking.json`` beside its record, which is final by then.

The file is only a note: the tracker itself knows by the digest of the record what it has. One
that is lost or damaged makes a run be sent again, not twice.
"""

import json
import os
import shlex
from pathlib import Path
from typing import Any, TypedDict

from mlpipe.disk import replace_file

__all__ = ["NAME", "Entry", "keep", "of_run", "shown"]

NAME = "tracking.json"
FORMAT = 1


class Entry(TypedDict):
    """One tracker and what came of telling it; no text holds a secret."""

    tracker: str  # mlflow | wandb
    to: str  # the address
    project: str  # the experiment or project
    status: str  # sent | failed
    run: str  # its id there
    link: str
    model: str
    note: str
    why: str  # it failed
    when: str


def of_run(run: Path) -> list[Entry]:
    """Return what is known of a run; nothing where the file is missing or damaged."""
    try:
        content = json.loads((run / NAME).read_bytes())
        found = [_entry(each) for each in content["entries"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if content.get("format") == FORMAT else []


def keep(run: Path, entry: Entry) -> None:
    """Keep what came of telling one tracker, in place of what was known of it.

    Raises
    ------
    OSError
        Where the folder cannot be written.
    """
    others = [each for each in of_run(run) if _place(each) != _place(entry)]
    document = {"format": FORMAT, "entries": [*others, entry]}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    replace_file(run / NAME, text.encode(), run / f".{NAME}.{os.getpid()}")


def shown(entry: Entry, run: str, runs_dir: str) -> dict[str, str]:
    """Return an entry for a `Result`; with the command that sends a run that was not sent."""
    elsewhere = f" --runs-dir {shlex.quote(runs_dir)}" if runs_dir != "runs" else ""
    again = f"mlpipe runs track {run}{elsewhere}" if entry["status"] == "failed" else ""
    return {**{name: str(value) for name, value in entry.items()}, "later": again}


def _place(entry: Entry) -> tuple[str, str, str]:
    return entry["tracker"], entry["to"], entry["project"]


def _entry(each: dict[str, Any]) -> Entry:
    return Entry(
        tracker=str(each["tracker"]), to=str(each["to"]), project=str(each["project"]),
        status=str(each["status"]), run=str(each["run"]), link=str(each["link"]),
        model=str(each["model"]), note=str(each["note"]), why=str(each["why"]),
        when=str(each["when"]),
    )  # fmt: skip
