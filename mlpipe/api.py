"""The Python door: finished runs, opened and read."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.run.history import find_run, read_run

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle

__all__ = ["Estimate", "RunView", "open_run"]


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95 % interval, and that of the naive baseline.

    Attributes
    ----------
    value, low, high : float or None
        None where the metric is not defined on these rows.
    baseline : float or None
        The value of the naive baseline on the same rows.
    method : str
        How the interval was computed.
    """

    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    method: str


@dataclass(frozen=True)
class RunView:
    """A finished run. Nothing is loaded before it is asked for.

    Attributes
    ----------
    path : Path
        Its folder.
    """

    path: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        """``run.json``: spec, environment, git state, timings, result."""
        document: dict[str, Any] = json.loads((self.path / "run.json").read_bytes())
        return document

    @property
    def metrics(self) -> dict[str, Estimate]:
        """Each metric by name, on the test part (on valid where there is no test part)."""
        parts = self._json("evaluate", "report")["parts"]
        rows = (parts.get("test") or parts["valid"])["metrics"]
        names = ("value", "low", "high", "baseline", "method")
        return {row["name"]: Estimate(*(row.get(name) for name in names)) for row in rows}

    @property
    def verdict(self) -> dict[str, Any]:
        """``status`` and the gates, each with its interval and reason."""
        found: dict[str, Any] = self._json("evaluate", "verdict")
        return found

    @property
    def predictions(self) -> "pd.DataFrame":
        """A row for each held-out row: ``_row``, key, part, target, prediction and scores."""
        import pandas as pd

        return pd.read_parquet(self._folder("evaluate") / "predictions.parquet")

    @property
    def bundle(self) -> "Bundle":
        """What predicts; loading it runs no code of the file."""
        from mlpipe.bundle.bundle import Bundle

        return Bundle.load(self._folder("bundle"))

    def _folder(self, step: str) -> Path:
        folder = self.path / step
        if not folder.exists():
            hint = f"steps of this run: {', '.join(sorted(self.record['artifacts']))}"
            raise SpecError(Problem(f"this run has no {step}", str(self.path), hint=hint))
        return folder

    def _json(self, step: str, name: str) -> Any:
        return json.loads((self._folder(step) / f"{name}.json").read_bytes())


def open_run(run: str = "latest", *, runs_dir: str = "runs") -> RunView:
    """Open a finished run; see `mlpipe.open_run`."""
    entry = find_run(Path(runs_dir), run)
    read_run(entry)  # refuses a damaged record before anything rests on it
    return RunView(entry.path)
