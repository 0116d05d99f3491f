"""Snapshots: what was fetched of a remote source, kept as files that a step reads like others.

::

    runs/fetched/ID/          one source: a digest of its URL without password, query and table
      CONTENT/                its files, written once, read-only
      latest.json             which content is the newest, when it came, what the server said

A content that another fetch finds again is the same folder.
"""

import glob
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.disk import explained, make_folder, replace_file, seal, sync
from mlpipe.ingest.fetch import Fetched
from mlpipe.run.digests import digest_json

if TYPE_CHECKING:
    from mlpipe.run.digests import StatCache
    from mlpipe.run.store import Session, Store

__all__ = ["FOLDER", "Snapshot", "last", "older", "place"]

FOLDER = "fetched"
LATEST = "latest.json"
FORMAT = 1


@dataclass(frozen=True)
class Snapshot:
    """The files of one source at one time.

    Attributes
    ----------
    home : Path
        The folder of the source, ``runs/fetched/ID``.
    facts : mapping
        ``content``, ``when``, ``url`` (masked), ``address``, ``files`` by name with ``sha256``
        and what the server said, ``rows``, ``alike``, ``answer``.
    hive : bool
        Whether the folder as a whole is the path.
    """

    home: Path
    facts: Mapping[str, Any]
    hive: bool = False

    @property
    def content(self) -> str:
        """The digest of names and bytes: what the key of a step holds."""
        return str(self.facts["content"])

    @property
    def when(self) -> str:
        """When it was fetched, or found to be as before, in UTC."""
        return str(self.facts["when"])

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self.home / self.content

    @property
    def paths(self) -> list[Path]:
        """The files, and the note on them."""
        return [self.home / LATEST, *(self.folder / name for name in self.facts["files"])]

    @property
    def path(self) -> str:
        """The path or pattern that a source of local files would have."""
        folder = self.folder.absolute()
        if self.hive:
            return str(folder)
        names = list(self.facts["files"])
        return str(folder / names[0]) if len(names) == 1 else f"{glob.escape(str(folder))}/**/*"

    def record(self) -> dict[str, Any]:
        """Return what a run says of it."""
        kept = ("url", "when", "content", "rows", "files")
        return {name: self.facts[name] for name in kept if self.facts.get(name) is not None}


def last(store: "Store", session: "Session", home: Path, *, hive: bool) -> Snapshot | None:
    """Return the newest snapshot of a source; None where there is none, or a byte of it is wrong.

    It is pinned before it is looked at, so that ``gc`` leaves it.
    """
    with explained("cannot read what was fetched", store.root):
        try:
            facts = json.loads((home / LATEST).read_bytes())
            if facts.pop("digest") != digest_json(facts) or facts["format"] != FORMAT:
                return None
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None
        found = Snapshot(home, facts, hive)
        session.pin(FOLDER, f"{home.name}/{found.content}")
        return found if _is_intact(found.folder, facts["files"], store.digests) else None


def place(
    store: "Store",
    session: "Session",
    staged: Path,
    fetched: Fetched,
    before: Snapshot | None,
    *,
    home: Path,
    facts: Mapping[str, Any],
    hive: bool,
) -> Snapshot:
    """Put what was fetched into the store and make it the newest.

    Parameters
    ----------
    staged : Path
        The folder that the new files are in.
    fetched : Fetched
        What came; ``kept`` files are those of ``before``.
    home : Path
        The folder of the source.
    facts : mapping
        ``when``, ``url`` and ``address``.
    """
    if before is not None and not _is_the_same(fetched, before):
        _bring_along(fetched.kept, before.folder, staged)
    files = _files(staged, fetched, before, store)
    content = digest_json([[name, files[name]["sha256"]] for name in sorted(files)])[:32]
    session.pin(FOLDER, f"{home.name}/{content}")
    make_folder(home)
    if not _is_intact(home / content, files, store.digests):
        _move_in(staged, home / content, session)
    rows = fetched.rows if fetched.rows is not None else before and before.facts.get("rows")
    known = {"content": content, "files": files, "rows": rows}
    said = {"alike": fetched.alike, "answer": fetched.answer}
    body = {**facts, "format": FORMAT, **known, **said}
    text = json.dumps({**body, "digest": digest_json(body)}, indent=2, ensure_ascii=False)
    replace_file(home / LATEST, f"{text}\n".encode(), session.staging() / LATEST)
    return Snapshot(home, body, hive)


def older(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield (``ID/CONTENT``, folder) of every snapshot that is not the newest of its source."""
    for folder in sorted((root / FOLDER).glob("*/*")):
        if folder.name == LATEST or not folder.is_dir():
            continue
        try:
            newest = json.loads((folder.parent / LATEST).read_bytes())["content"]
        except (OSError, ValueError, KeyError, TypeError):
            newest = None
        if folder.name != newest:
            yield f"{folder.parent.name}/{folder.name}", folder


def _is_the_same(fetched: Fetched, before: Snapshot) -> bool:
    """Whether every file of the last time is kept, and no other one came."""
    return set(fetched.files) == fetched.kept == set(before.facts["files"])


def _bring_along(names: Iterable[str], before: Path, staged: Path) -> None:
    for name in names:
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(before / name, staged / name)


def _files(
    staged: Path, fetched: Fetched, before: Snapshot | None, store: "Store"
) -> dict[str, dict[str, Any]]:
    if before is not None and _is_the_same(fetched, before):
        known = before.facts["files"]
        return {name: {**known[name], **said} for name, said in fetched.files.items()}
    seal(staged)
    return {
        name: {
            **said,
            "sha256": store.digests.own(staged / name),
            "bytes": (staged / name).stat().st_size,
        }
        for name, said in sorted(fetched.files.items())
    }


def _move_in(staged: Path, place_: Path, session: "Session") -> None:
    if place_.exists():  # damaged: out of the way, to be removed with the session
        os.rename(place_, session.staging() / "damaged")
    os.rename(staged, place_)
    sync(place_.parent)


def _is_intact(folder: Path, files: Mapping[str, Any], digests: "StatCache") -> bool:
    try:
        return all(
            digests.content(folder / name)[0] == facts["sha256"] for name, facts in files.items()
        )
    except OSError:
        return False
