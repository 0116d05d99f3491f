"""The audit log of a model: one line for each act, never rewritten, each sealing those before it.

The log is the truth of the registry: a version is there once a line registers it, and an alias
points where the lines have moved it. A line counts once its end is written, so an act has happened
or it has not, however suddenly its process died.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlpipe.disk import sync
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["NAME", "Act", "Event", "append", "history", "read"]

NAME = "log.jsonl"
_START = "0" * 64
"""What the first line has in place of the digest of the line before it."""


@dataclass(frozen=True)
class Act:
    """Who acts, when, and why; known at the boundary, never taken in here.

    Attributes
    ----------
    who : str
        The name of the user.
    when : str
        ISO 8601, UTC.
    reason : str
        In the words of whoever acts; may be empty.
    """

    who: str
    when: str
    reason: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the log.

    Attributes
    ----------
    at : int
        Its number, from 1.
    what : str
        ``register``, ``alias``, ``promote`` or ``rollback``.
    version : int
        The version that is registered, or that the alias points at from now on.
    alias : str or None
        The alias that is moved, if any.
    moved_from : int or None
        The version that the alias pointed at before.
    by_way_of : str or None
        The alias that named the version, of a ``promote``.
    bundle, card : str
        Of a ``register``: the digest of the bundle, and of ``version.json``; else empty.
    who, when, reason : str
        As in `Act`.
    before : str
        The digest of the line before.
    """

    at: int
    what: str
    version: int
    who: str
    when: str
    reason: str = ""
    alias: str | None = None
    moved_from: int | None = None
    by_way_of: str | None = None
    bundle: str = ""
    card: str = ""
    before: str = _START

    def line(self) -> str:
        """Return the line, with a digest of itself."""
        return _text({**self.said(), "sha256": self.digest})

    @cached_property
    def digest(self) -> str:
        """The digest of all that the line says, the digest of the one before included."""
        return sha256(_text(self.said()).encode()).hexdigest()

    def said(self) -> dict[str, Any]:
        """Return what the line says, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read(path: Path) -> list[Event]:
    """Return the events of a log, oldest first; none where there is none.

    The start of a line that nobody finished is not there yet.

    Raises
    ------
    StoreError
        If a line was changed, taken out or put in.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return []
    lines = content[: _whole(content)].splitlines()
    events: list[Event] = []
    for number, line in enumerate(lines, 1):
        events.append(_event(line, number, events[-1].digest if events else _START, path))
    return events


def append(path: Path, event: Event) -> Event:
    """Add an event as the next line; the caller keeps others from doing so.

    Returns
    -------
    Event
        With its number and the digest of the one before.
    """
    events = read(path)
    before = events[-1].digest if events else _START
    event = replace(event, at=len(events) + 1, before=before)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        end = _whole(path.read_bytes())
        os.ftruncate(descriptor, end)  # what a writer that died had begun
        try:
            os.pwrite(descriptor, f"{event.line()}\n".encode(), end)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        sync(path.parent)
    return event


def history(events: Sequence[Event]) -> dict[str, list[int]]:
    """Return the versions that each alias has pointed at, the current one last.

    A rollback takes the last one away, so that a second one goes back further.
    """
    found: dict[str, list[int]] = {}
    for event in events:
        if event.alias is None:
            continue
        versions = found.setdefault(event.alias, [])
        if event.what == "rollback":
            versions.pop()
        else:
            versions.append(event.version)
    return found


def _whole(content: bytes) -> int:
    """Return how many bytes are whole lines."""
    return content.rfind(b"\n") + 1


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True)


def _event(line: bytes, number: int, before: str, path: Path) -> Event:
    try:
        document = json.loads(line)
        event = Event(**{key: value for key, value in document.items() if key != "sha256"})
        sound = event.line().encode() == line and (event.at, event.before) == (number, before)
    except (ValueError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        what = f"line {number} of the log was changed, or a line around it is gone"
        hint = "put the file back from a copy: what its lines say is what the registry believes"
        raise StoreError(Problem(what, f"{path}:{number}", hint=hint))
    return event
