"""The registry: bundles by version, aliases that point at them, and who moved them.

::

    models/
      FORMAT              ``mlpipe models 1``; a folder without it is not ours
      churn/
        log.jsonl         the truth: what was registered, and where each alias points
        3/                a version, written once, read-only
          version.json    run, metrics, who, when
          bundle/         what predicts
        .lock  .staged/   who is writing, and what

Everything can be read while somebody writes, and from a folder that cannot be written.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.sealed import opened
from mlpipe.disk import explained, make_folder, remove
from mlpipe.errors import Problem, SpecError
from mlpipe.registry import log, version
from mlpipe.registry.layout import found, is_there
from mlpipe.registry.log import Act, Event
from mlpipe.registry.names import Reference, alias_name
from mlpipe.registry.version import Version
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Moved", "Registered", "Registry", "Version"]


@dataclass(frozen=True)
class Registered:
    """What became of registering a bundle: its version, and whether that is new."""

    name: str
    version: int
    is_new: bool


@dataclass(frozen=True)
class Moved:
    """Where an alias points now, and where it did before (None: nowhere)."""

    name: str
    alias: str
    version: int
    before: int | None

    @property
    def is_news(self) -> bool:
        """Whether it was moved at all."""
        return self.version != self.before


class Registry:
    """A folder of models.

    Parameters
    ----------
    root : Path
        Usually ``models``; made when the first model is registered.

    Raises
    ------
    StoreError
        For a registry that a newer mlpipe wrote.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        with explained("cannot read the registry", self.root, option="--registry"):
            self.exists = is_there(self.root)

    def names(self) -> list[str]:
        """Return the names of the models, sorted."""
        if not self.exists:
            return []
        with self._explained("list the models"):
            homes = (path for path in self.root.iterdir() if (path / log.NAME).is_file())
            return sorted(path.name for path in homes)

    def log(self, name: str) -> list[Event]:
        """Return what was done to a model, oldest first.

        Raises
        ------
        SpecError
            Where there is no such model.
        StoreError
            Where the log was tampered with.
        """
        with self._explained(f"read the log of {name}"):
            events = self._events(name)
        if not events:
            known = self.names()
            hint = did_you_mean(name, known) or f"models: {', '.join(known) or 'none yet'}"
            what = f"there is no model '{name}' in the registry"
            raise SpecError(Problem(what, str(self.root), hint=hint))
        return events

    def aliases(self, name: str) -> dict[str, int]:
        """Return where each alias of a model points."""
        moves = log.history(self.log(name))
        return {alias: versions[-1] for alias, versions in sorted(moves.items()) if versions}

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a model, oldest first; the bundles are not looked into."""
        aliases = self.aliases(name)
        registered = [event for event in self.log(name) if event.what == "register"]
        with self._explained(f"read the versions of {name}"):
            return [version.read(self.root / name, event, aliases) for event in registered]

    def find(self, wanted: Reference) -> Version:
        """Return the version that a reference means, its bundle held against the log.

        Raises
        ------
        SpecError
            Where there is no such model, alias or version.
        StoreError
            Where what is there is not what was registered.
        """
        number = self._number(wanted)
        events = self.log(wanted.name)
        event = next(each for each in events if (each.what, each.version) == ("register", number))
        with self._explained(f"read {wanted}"):
            there = version.read(self.root / wanted.name, event, self.aliases(wanted.name))
        version.check(there, event)
        return there

    def register(
        self, source: Path, card: Mapping[str, Any], act: Act, *, alias: str | None = None
    ) -> Registered:
        """Copy a bundle in as the next version of its name, or find the one that holds it.

        Parameters
        ----------
        source : Path
            The bundle.
        card : mapping
            What ``version.json`` says beside name, version, who, when and the digest.
        act : Act
            Who, when, why.
        alias : str, optional
            An alias to point at it.

        Raises
        ------
        StoreError
            For a bundle that is damaged, or a registry that cannot be written.
        """
        about = opened(source)
        name = _plain(about["name"])
        chosen = alias_name(alias) if alias else None
        with self._writing(name) as home:
            events = self._events(name)
            known = {each.bundle: each.version for each in events if each.what == "register"}
            number = known.get(about["digest"])
            if number is not None:
                if chosen:
                    self._move(name, "alias", chosen, number, act)
                return Registered(name, number, is_new=False)
            number, digest = version.place(home, source, about["digest"], card, act)
            before = self._where(events, chosen)
            event = Event(0, "register", number, act.who, act.when, act.reason, chosen, before)
            self._append(home, replace(event, bundle=about["digest"], card=digest))
        return Registered(name, number, is_new=True)

    def promote(self, wanted: Reference, alias: str, act: Act) -> Moved:
        """Point an alias at the version that a reference means."""
        alias = alias_name(alias)
        self.log(wanted.name)  # says so where there is no such model, before anything is written
        with self._writing(wanted.name):
            number = self.find(wanted).number
            return self._move(wanted.name, "promote", alias, number, act, by_way_of=wanted.chosen)

    def rollback(self, name: str, alias: str, act: Act) -> Moved:
        """Point an alias back at the version before, by the log; again, and it goes further back.

        Raises
        ------
        SpecError
            Where there is none before.
        """
        alias = alias_name(alias)
        self.log(name)
        with self._writing(name) as home:
            versions = log.history(self.log(name)).get(alias, [])
            if len(versions) < 2:
                what = f"{name}@{alias} has not pointed at another version before"
                hint = f"mlpipe models log {name}"
                raise SpecError(Problem(what, str(self.root), hint=hint))
            before, now = versions[-1], versions[-2]
            self.find(Reference(name, str(now)))
            event = Event(0, "rollback", now, act.who, act.when, act.reason, alias, before)
            self._append(home, event)
        return Moved(name, alias, now, before)

    def was_rolled_back(self, name: str, alias: str, version: int) -> bool:
        """Whether somebody has taken an alias away from a version, since it was last put there."""
        taken = False
        for event in self._events(name):
            if event.alias == alias and event.what == "rollback" and event.moved_from == version:
                taken = True
            elif event.alias == alias and event.version == version:
                taken = False
        return taken

    def _move(
        self, name: str, what: str, alias: str, number: int, act: Act, by_way_of: str | None = None
    ) -> Moved:
        before = self._where(self._events(name), alias)
        if before != number:
            event = Event(0, what, number, act.who, act.when, act.reason, alias, before, by_way_of)
            self._append(self.root / name, event)
        return Moved(name, alias, number, before)

    def _append(self, home: Path, event: Event) -> None:
        log.append(home / log.NAME, event)

    def _where(self, events: list[Event], alias: str | None) -> int | None:
        versions = log.history(events).get(alias or "", [])
        return versions[-1] if versions else None

    def _number(self, wanted: Reference) -> int:
        registered = [each.version for each in self.log(wanted.name) if each.what == "register"]
        if wanted.chosen.isdecimal():
            if int(wanted.chosen) in registered:
                return int(wanted.chosen)
            hint = f"versions: {', '.join(map(str, registered[-12:]))}"
            what = f"{wanted.name} has no version {wanted.chosen}"
            raise SpecError(Problem(what, str(self.root), hint=hint))
        aliases = self.aliases(wanted.name)
        if wanted.chosen not in aliases:
            known = [f"{alias} (version {number})" for alias, number in aliases.items()]
            hint = did_you_mean(wanted.chosen, aliases) or f"aliases: {', '.join(known) or 'none'}"
            what = f"{wanted.name} has no alias '{wanted.chosen}'"
            raise SpecError(Problem(what, str(self.root), hint=hint))
        return aliases[wanted.chosen]

    def _events(self, name: str) -> list[Event]:
        return log.read(self.root / _plain(name) / log.NAME) if self.exists else []

    @contextmanager
    def _writing(self, name: str) -> Iterator[Path]:
        """Hold the right to write a model, and clear away what a dead writer left."""
        from filelock import FileLock

        home = self.root / name
        with self._explained(f"write {name}"):
            found(self.root)
            self.exists = True
            make_folder(home)
            with FileLock(home / ".lock").acquire(poll_interval=0.02):
                remove(home / version.STAGED)
                try:
                    yield home
                finally:
                    remove(home / version.STAGED)

    def _explained(self, doing: str) -> Any:
        return explained(f"cannot {doing}", self.root, option="--registry")


def _plain(name: str) -> str:
    """Accept the name of a model only if it is one plain part of a path."""
    from pydantic_core import PydanticCustomError

    from mlpipe.spec.names import safe_name

    try:
        return safe_name(name)
    except PydanticCustomError as error:
        raise SpecError(Problem(error.message(), hint="mlpipe models list")) from error
