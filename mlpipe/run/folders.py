"""Run folders: ``runs/NAME/0007-3f9a`` with its record, its links and its pages."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlpipe.disk import replace_file, seal, sync, write_file
from mlpipe.errors import Problem, SpecError, StoreError
from mlpipe.run.digests import digest_json
from mlpipe.run.manifest import Artifact

__all__ = [
    "RECORD",
    "RunEntry",
    "document",
    "latest",
    "pipeline_name",
    "plain",
    "read",
    "references",
    "runs",
    "write",
]

RECORD = "run.json"
FORMAT = 1
ADDED = ("format", "run", "digest", "artifacts")
RUN = re.compile(r"(\d{4,})-[0-9a-f]{4}")
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
RESERVED = {"artifacts", "damaged", "fetched", "format", "locks", "receipts", "stat.json", "tmp"}


class RunEntry(NamedTuple):
    """One run: its pipeline, its id (``0007-3f9a``) and its folder."""

    name: str
    run: str
    path: Path

    @property
    def number(self) -> int:
        """Its place in the order of runs."""
        return _number(self.run)


def plain(name: str) -> str:
    """Accept a name only if it is one plain part of a path.

    Raises
    ------
    SpecError
        For separators, ``..``, spaces and the like.
    """
    if not PLAIN.fullmatch(name):
        hint = "use letters, digits, `_`, `-` and `.`"
        raise SpecError(Problem(f"{name!r} cannot be the name of a folder", key="name", hint=hint))
    return name


def pipeline_name(name: str) -> str:
    """Accept the name of a pipeline only if its folder stands beside ours.

    Raises
    ------
    SpecError
        For a name that is no plain part of a path, or that the run directory uses itself.
    """
    if name.lower() in RESERVED:
        message = f"{name!r} is a name that the run directory uses itself"
        raise SpecError(Problem(message, key="name", hint="choose another name"))
    return plain(name)


def document(record: Mapping[str, Any], artifacts: Mapping[str, Artifact]) -> dict[str, Any]:
    """Return the record with what it refers to and a digest of it all."""
    links = {
        step: {"step": artifact.step, "key": artifact.key, "digest": artifact.digest}
        for step, artifact in artifacts.items()
    }
    body = {name: value for name, value in record.items() if name not in ADDED}
    body["artifacts"] = links
    return {"format": FORMAT, "digest": digest_json(body), **body}


def write(
    home: Path,
    content: Mapping[str, Any],
    artifacts: Mapping[str, Artifact],
    texts: Mapping[str, str | bytes],
    staged: Path,
) -> Path:
    """Write a run folder as the next one in ``home``; the caller keeps others from doing so."""
    run = f"{_next_number(home):04d}-{content['digest'][:4]}"
    final = home / run
    folder = staged / run
    os.mkdir(folder)
    text = json.dumps({"run": run, **content}, indent=2, ensure_ascii=False) + "\n"
    for name, data in {RECORD: text, **texts}.items():
        write_file(folder / plain(name), data.encode() if isinstance(data, str) else data)
    for step, artifact in artifacts.items():
        os.symlink(os.path.relpath(artifact.path, final), folder / plain(step))
    seal(folder)
    os.rename(folder, final)
    sync(home)
    replace_file(home / "latest", f"{run}\n".encode(), staged / "latest")
    return final


def runs(root: Path, name: str | None = None) -> list[RunEntry]:
    """Return the runs of one pipeline or of all, oldest first within each."""
    if name is not None:
        return _runs_in(root / pipeline_name(name))
    if not root.is_dir():
        return []
    homes = sorted(entry for entry in root.iterdir() if entry.name.lower() not in RESERVED)
    return [entry for home in homes for entry in _runs_in(home)]


def latest(root: Path, name: str) -> str | None:
    """Return the run that ``latest`` names, or else the last one there is."""
    ids = [entry.run for entry in runs(root, name)]
    named = _pointer(root / name)
    return named if named in ids else (ids[-1] if ids else None)


def read(root: Path, name: str, run: str) -> dict[str, Any]:
    """Return the record of a run, checked against its own digest."""
    found = latest(root, name) if run == "latest" else run
    if found is None or not RUN.fullmatch(found) or not (root / name / found).is_dir():
        known = ", ".join(entry.run for entry in runs(root, name)[-5:]) or "none yet"
        hint = f"runs of {name}: {known}"
        raise SpecError(Problem(f"there is no run {name}/{run}", str(root), hint=hint))
    path = root / name / found / RECORD
    try:
        content = json.loads(path.read_bytes())
        body = {key: content[key] for key in content if key not in ("format", "run", "digest")}
        own = [content["format"], content["run"], content["digest"]]
        sound = own == [FORMAT, found, digest_json(body)]
    except (FileNotFoundError, ValueError, TypeError, KeyError, RecursionError):
        sound = False
    if not sound:
        hint = "the run's artifacts may be intact: run the command again to get a new record"
        raise StoreError(Problem("the record of this run is damaged", str(path), hint=hint))
    return dict(content)


def references(run: Path) -> set[tuple[str, str]]:
    """Return (step, key) of the artifacts a run refers to, by its links and by its record."""
    targets = [os.readlink(entry) for entry in run.iterdir() if entry.is_symlink()]
    found = {(Path(target).parent.name, Path(target).name) for target in targets}
    try:
        links = json.loads((run / RECORD).read_bytes())["artifacts"].values()
        found.update((link["step"], link["key"]) for link in links)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return found
    return found


def _runs_in(home: Path) -> list[RunEntry]:
    if home.is_symlink() or not home.is_dir():
        return []
    entries = [
        RunEntry(home.name, entry.name, entry)
        for entry in home.iterdir()
        if RUN.fullmatch(entry.name)
    ]
    return sorted(entries, key=lambda entry: (entry.number, entry.run))


def _next_number(home: Path) -> int:
    """Return the number after the last run, be it there or only pointed at."""
    pointed = _pointer(home)
    numbers = [entry.number for entry in _runs_in(home)]
    return 1 + max([*numbers, _number(pointed) if pointed else 0], default=0)


def _pointer(home: Path) -> str | None:
    try:
        text = (home / "latest").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return text if RUN.fullmatch(text) else None


def _number(run: str) -> int:
    return int(run.split("-")[0])
