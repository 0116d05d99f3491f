"""Runs as they are held against each other, without having been run."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlpipe.run.diff.side import Side
from mlpipe.run.manifest import Artifact, Manifest

ROWS = 400


def predictions(noise: float, rows: int = ROWS) -> pd.DataFrame:
    """Return rows of test with a score that tells the truth up to some noise."""
    random = np.random.default_rng(4)
    truth = random.random(rows) < 0.4
    score = np.clip(0.25 + 0.5 * truth + noise * random.normal(size=rows), 0, 1)
    return pd.DataFrame(
        {
            "_row": np.arange(rows),
            "id": [f"k{at:04d}" for at in range(rows)],
            "part": "test",
            "left": np.where(truth, "yes", "no"),
            "prediction": np.where(score > 0.5, "yes", "no"),
            "score": score,
        }
    )


def a_side(
    folder: Path,
    called: str,
    frame: pd.DataFrame,
    *,
    data: str = "d1",
    columns: dict[str, Any] | None = None,
    made_from: dict[str, Any] | None = None,
    table: pd.DataFrame | None = None,
    **record: Any,
) -> Side:
    """Return a run that judged these predictions."""
    home = folder / called
    (home / "evaluate").mkdir(parents=True)
    frame.to_parquet(home / "evaluate" / "predictions.parquet")
    artifacts = {"evaluate": _artifact("evaluate", home / "evaluate")}
    if table is not None:
        (home / "ingest").mkdir()
        table.to_parquet(home / "ingest" / "table.parquet")
        artifacts["ingest"] = _artifact("ingest", home / "ingest")
    roles = {"key": "id", "target": {"name": "left", "positive": "yes"}, **(columns or {})}
    metrics = [
        {"name": name, "value": 0.5, "low": 0.4, "high": 0.6, "baseline": 0.1,
         "greater_is_better": name != "brier"}
        for name in ("roc_auc", "accuracy", "brier", "of_my_own")
    ]  # fmt: skip
    report = {
        "task": "binary",
        "classes": ["no", "yes"],
        "threshold": 0.5,
        "parts": {"test": {"rows": len(frame), "metrics": metrics}},
    }
    return Side(
        called=called,
        path=home,
        record={
            "spec": {"seed": 3, "columns": roles},
            "artifacts": {"ingest": {"digest": data}, "evaluate": {"digest": "e"}},
            "result": {"status": "passed", "answer": {}},
            "git": {},
            "started": "2026-11-26T10:00:00+00:00",
            "command": "mlpipe run",
            "environment": {"python": "3.11.9", "mlpipe": "0.1.0", "packages": {"numpy": "2.0"}},
            **record,
        },
        artifacts=artifacts,
        made_from={"train": made_from or {}},
        reports={"ingest": {}, "split": {}, "evaluate": report},
    )


def _artifact(step: str, path: Path) -> Artifact:
    return Artifact(path, Manifest(step, "k", {}, {}, {}))
