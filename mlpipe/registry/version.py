"""One version of a model: a folder that is written once, with its bundle and a card about it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.copying import write_copy
from mlpipe.bundle.sealed import as_json, opened
from mlpipe.disk import seal, sync, write_file
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from mlpipe.registry.log import Act, Event

__all__ = ["STAGED", "Version", "check", "place", "read"]

CARD = "version.json"
BUNDLE = "bundle"
FORMAT = 1
STAGED = ".staged"
"""The folder that a version is written in before it takes its place."""


@dataclass(frozen=True)
class Version:
    """One version of a model.

    Attributes
    ----------
    name : str
    number : int
        From 1.
    path : Path
        Its folder.
    card : mapping
        ``version.json``: ``run``, ``bundle`` (its digest), ``metrics``, ``who``, ``when``, ….
    aliases : tuple of str
        Those that point at it.
    """

    name: str
    number: int
    path: Path
    card: Mapping[str, Any]
    aliases: tuple[str, ...] = ()

    @property
    def bundle(self) -> Path:
        """The folder of what predicts."""
        return self.path / BUNDLE

    def __str__(self) -> str:
        """``churn version 3 (champion)``."""
        pointing = f" ({', '.join(self.aliases)})" if self.aliases else ""
        return f"{self.name} version {self.number}{pointing}"


def read(home: Path, event: Event, aliases: Mapping[str, int]) -> Version:
    """Return the version that an event registered; its bundle is not looked into.

    Raises
    ------
    StoreError
        Where its card is not what was written.
    """
    path = home / str(event.version)
    content = (path / CARD).read_bytes()
    if sha256(content).hexdigest() != event.card:
        raise _other(path / CARD)
    pointing = tuple(alias for alias, number in aliases.items() if number == event.version)
    return Version(home.name, event.version, path, json.loads(content), pointing)


def check(version: Version, event: Event) -> None:
    """Hold the bundle of a version against what was registered.

    Raises
    ------
    StoreError
        Where it is another one.
    """
    if opened(version.bundle)["digest"] != event.bundle:
        raise _other(version.bundle)


def place(
    home: Path, source: Path, digest: str, card: Mapping[str, Any], act: Act
) -> tuple[int, str]:
    """Write a bundle as the next version; return its number and the digest of its card.

    A version without a line in the log is left of a writer that died in between. It is taken
    over where it holds this very bundle, and left alone where not.
    """
    last = max((int(path.name) for path in home.iterdir() if path.name.isdecimal()), default=0)
    kept = home / str(last)
    if last and _is_unlogged(home, last) and opened(kept / BUNDLE)["digest"] == digest:
        return last, sha256((kept / CARD).read_bytes()).hexdigest()
    staged, number = home / STAGED, last + 1
    os.mkdir(staged)
    if write_copy(source, staged / BUNDLE)["digest"] != digest:
        raise _other(source)
    said = {"format": FORMAT, "name": home.name, "version": number, "bundle": digest}
    content = as_json({**card, **said, "who": act.who, "when": act.when})
    write_file(staged / CARD, content)
    seal(staged)
    os.rename(staged, home / str(number))
    sync(home)
    return number, sha256(content).hexdigest()


def _is_unlogged(home: Path, number: int) -> bool:
    from mlpipe.registry import log

    events = log.read(home / log.NAME)
    return not any((each.what, each.version) == ("register", number) for each in events)


def _other(path: Path) -> StoreError:
    hint = "somebody changed it after it was registered; put it back, or roll back to another"
    return StoreError(Problem("this is not what was registered", str(path), hint=hint))
