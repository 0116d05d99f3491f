"""What a command that executes did: a line a step, a verdict, an exit code."""

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Done", "Result"]


@dataclass(frozen=True)
class Done:
    """One step of a command.

    Attributes
    ----------
    step : str
        Its name.
    status : str
        ``computed``, ``reused``, ``failed`` or ``skipped``.
    why : str
        The reason for that status.
    seconds : float
        Wall-clock time; 0 where nothing was computed.
    key, path : str
        The artifact's key and folder; empty where there is none.
    summary : str
        A few words about the result.
    """

    step: str
    status: str
    why: str = ""
    seconds: float = 0.0
    key: str = ""
    path: str = ""
    summary: str = ""


@dataclass(frozen=True)
class Result:
    """The outcome of one command; ``to_json`` is the ``--json`` document of DESIGN section 4.

    Attributes
    ----------
    run : str
        ``churn/0007-3f9a``: the run that holds the artifacts.
    steps : tuple of Done
        In the order in which they ran.
    exit_code : int
        0 fine, 1 a verdict says no, 2 spec, 3 data, 4 store.
    problems : tuple of dict
        ``message``, ``place``, ``key``, ``hint`` of each.
    warnings : tuple of str
        What went through but deserves a look.
    answer : dict
        What the terminal shows: metrics, verdict, drift.
    page : str
        Path of the HTML page, relative to the working directory.
    next : str
        The command to type next.
    tracking : tuple of dict
        The trackers that the run was told to, as in ``tracking.json``; ``later`` is the command
        that sends it to one that could not be reached. It never changes the exit code.
    """

    run: str
    steps: tuple[Done, ...]
    exit_code: int = 0
    problems: tuple[dict[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    answer: dict[str, Any] = field(default_factory=dict)
    page: str = ""
    next: str = ""
    tracking: tuple[dict[str, str], ...] = ()

    @property
    def status(self) -> str:
        """``passed`` or ``failed``."""
        return "failed" if self.exit_code else "passed"

    def to_json(self) -> dict[str, Any]:
        """Return the document for machines."""
        document = asdict(self)
        return {
            "run": document.pop("run"),
            "status": self.status,
            "exit_code": document.pop("exit_code"),
            "steps": list(document.pop("steps")),
            **{k: list(v) if isinstance(v, tuple) else v for k, v in document.items()},
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Result":
        """Read a result back, from a receipt."""
        return cls(
            run=document["run"],
            steps=tuple(Done(**step) for step in document["steps"]),
            exit_code=document["exit_code"],
            problems=tuple(document["problems"]),
            warnings=tuple(document["warnings"]),
            answer=document["answer"],
            page=document["page"],
            next=document["next"],
            tracking=tuple(document.get("tracking", ())),  # older records have none
        )
