"""What a step is handed when it runs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.pipeline import Pipeline
from mlpipe.run.step import Step

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.run.champion import Champion
    from mlpipe.table.session import Session

__all__ = ["Task"]

_ATTRIBUTES = {"validate": "validate_"}
"""Sections whose name pydantic keeps for itself."""

_INGESTED = ("ingest", "current")
"""Steps whose table does not store ``_row``: it is the position of a row in the file."""


@dataclass(frozen=True)
class Task:
    """What a step is given: its slices of the spec, its inputs, an engine for tables."""

    step: Step
    pipeline: Pipeline
    inputs: Mapping[str, Path]
    session: "Session"
    progress: Callable[[int, int, str], None]
    local: Mapping[str, str] = field(default_factory=dict)
    """Where the files of its remote sources are, by the name of the source."""
    earlier: tuple[Path, ...] = ()
    """Artifacts of the step that differ in what it resumes: they save time and change nothing."""
    times: Callable[[str, float], None] = lambda *_: None
    """Told the seconds of a part of the step, for the record of the run."""
    rival: "Champion | None" = None
    """The champion that the model is held against, where the step has one."""
    past: tuple[Mapping[str, Any], ...] = ()
    """The records of other nights that come before this one, where the step remembers."""

    def section(self, path: str) -> Any:
        """Return a slice of the spec, e.g. ``train.folds``.

        Raises
        ------
        KeyError
            For a slice that is not in the step's row, and so not in its key.
        """
        if not any(path == read or path.startswith(f"{read}.") for read in self.step.reads):
            raise KeyError(f"{self.step.name} does not read {path}")
        value: Any = self.pipeline
        for name in path.split("."):
            value = getattr(value, _ATTRIBUTES.get(name, name)) if value is not None else None
        return value

    def table(self, step: str, name: str = "table") -> "ir.Table":
        """Return a table of a step it needs, lazily; ingested rows with their position."""
        path = self.folder(step) / f"{name}.parquet"
        if name == "table" and step in _INGESTED:
            return self.session.positioned(path)
        return self.session.read(path)

    def json(self, step: str, name: str) -> Any:
        """Return a document of a step it needs."""
        return json.loads((self.folder(step) / f"{name}.json").read_bytes())

    def folder(self, step: str) -> Path:
        """Return the artifact folder of a step it needs."""
        return self.inputs[step]
