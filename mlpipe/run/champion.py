"""The champion that a model has to beat: the newest of the registry that is not this very model."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.registry.log import history
from mlpipe.registry.names import CHAMPION, Reference
from mlpipe.registry.registry import Registry

if TYPE_CHECKING:
    from mlpipe.registry.version import Version

__all__ = ["Champion", "Champions"]


@dataclass(frozen=True)
class Champion:
    """A version that is, or was, the champion.

    Attributes
    ----------
    name : str
        Of the pipeline.
    version : int
    digest : str
        Of its bundle.
    folder : Path
        Of its bundle.
    """

    name: str
    version: int
    digest: str
    folder: Path

    @classmethod
    def of(cls, version: "Version") -> "Champion":
        """Return a version of the registry as the champion."""
        return cls(version.name, version.number, str(version.card["bundle"]), version.bundle)

    @property
    def mark(self) -> str:
        """What goes into the key of a step that looks at it: ``version 3 (9f2c…)``."""
        return f"version {self.version} ({self.digest})"

    @property
    def files(self) -> list[Path]:
        """The files that say which it is."""
        return [self.folder.parent / "version.json", self.folder / "bundle.json"]


class Champions:
    """The champions of one pipeline, as the log of the registry has them.

    Parameters
    ----------
    root : Path
        The folder of the registry; there may be none yet.
    name : str
        The pipeline.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._name = name

    @cached_property
    def _registry(self) -> Registry:
        return Registry(self._root)

    def now(self) -> "Version | None":
        """Return the version that the alias points at; None where there is none."""
        versions = self._versions()
        return self._find(versions[-1]) if versions else None

    def rival(self, model: str) -> Champion | None:
        """Return whom a model is compared with; None where there is nobody.

        A model that is the champion itself is compared with the one that it took the place of.
        So its verdict is the same before and after it is promoted, and a second run has nothing
        to do.

        Parameters
        ----------
        model : str
            The digest of the artifact of its bundle.

        Raises
        ------
        StoreError
            Where a version is not what was registered.
        """
        for number in reversed(self._versions()):
            version = self._find(number)
            if not is_model(version, model):
                return Champion.of(version)
        return None

    def recorded(self, mark: str) -> Champion | None:
        """Return the version that a run was compared with; None where it is gone."""
        number = int(mark.split(" ")[1])
        if number not in self._registered():
            return None
        found = Champion.of(self._find(number))
        return found if found.mark == mark else None

    def words(self, model: str) -> str:
        """Say who the champion is to a model; empty where there is none."""
        now, rival = self.now(), self.rival(model)
        if now is None:
            return ""
        if not is_model(now, model):
            return str(now)
        before = f"; compared with the one before, version {rival.version}" if rival else ""
        return f"{now} is this very model{before}"

    def _versions(self) -> list[int]:
        """Return where the alias has pointed, the present one last."""
        if self._name not in self._registry.names():
            return []
        return history(self._registry.log(self._name)).get(CHAMPION, [])

    def _registered(self) -> list[int]:
        if self._name not in self._registry.names():
            return []
        return [e.version for e in self._registry.log(self._name) if e.what == "register"]

    def _find(self, number: int) -> "Version":
        return self._registry.find(Reference(self._name, str(number)))


def is_model(version: "Version", model: str) -> bool:
    """Whether a version was registered from an artifact with this digest."""
    made = version.card.get("artifact") or {}
    return bool(made.get("digest") == model)
