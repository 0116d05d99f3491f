"""What was asked for: a verb, a spec and its options."""

from dataclasses import asdict, dataclass
from typing import Any

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
        The model to use, for the verbs that never train one.
    """

    verb: str
    spec: str
    overrides: tuple[str, ...] = ()
    profile: str | None = None
    runs_dir: str = "runs"
    model: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a run record and for the receipt."""
        return {**asdict(self), "overrides": list(self.overrides)}
