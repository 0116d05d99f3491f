"""What was asked for: a verb, a spec and its options."""

import json
import shlex
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from mlpipe.spec.secret import mask

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """One command that executes steps.

    Attributes
    ----------
    verb : str
        ``ingest`` … ``evaluate``, ``run`` for all steps, or ``monitor``.
    spec : str
        The YAML file, as it was given.
    overrides : tuple of str
        ``-S key=value``, in the order given.
    profile : str or None
        ``--profile``.
    runs_dir : str
        Where runs and artifacts are kept.
    model : str or None
        The model to use, for the verbs that never train one: empty for the champion, or else the
        latest.
    offline : bool
        Whether remote sources are used as they were fetched last.
    registry : str or None
        Where registered models are kept; None where the spec says it.
    """

    verb: str
    spec: str
    overrides: tuple[str, ...] = ()
    profile: str | None = None
    runs_dir: str = "runs"
    model: str | None = None
    offline: bool = False
    registry: str | None = None

    @property
    def shown_overrides(self) -> tuple[str, ...]:
        """The overrides as they may be printed and kept: without passwords."""
        return tuple(_masked(override) for override in self.overrides)

    @property
    def options(self) -> tuple[str, ...]:
        """The options as one would type them again; passwords are masked."""
        given = [f"-S {shlex.quote(override)}" for override in self.shown_overrides]
        given += [f"--profile {shlex.quote(self.profile)}"] if self.profile else []
        given += [f"--runs-dir {shlex.quote(self.runs_dir)}"] if self.runs_dir != "runs" else []
        given += ["--offline"] if self.offline else []
        given += [f"--registry {shlex.quote(self.registry)}"] if self.registry else []
        return tuple(given)

    @property
    def command(self) -> str:
        """The command in short, as a title: the verb and the spec."""
        return f"mlpipe {self.verb} {self.spec}"

    def to_json(self) -> dict[str, Any]:
        """Plain values for a run record; secrets are masked."""
        return {**asdict(self), "overrides": list(self.shown_overrides)}

    def digest(self) -> str:
        """Digest of exactly what was asked, from which no secret can be read."""
        asked = json.dumps([*asdict(self).values()], sort_keys=True)
        return sha256(asked.encode("utf-8", "surrogateescape")).hexdigest()


def _masked(override: str) -> str:
    key, equals, value = override.partition("=")
    shown = mask({key.rpartition(".")[2]: value})
    return f"{key}{equals}{next(iter(shown.values()))}"
