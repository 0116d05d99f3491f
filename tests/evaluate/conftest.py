"""A small churn table whose model, slices and groups are known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.evaluate.spec import Evaluate
from mlpipe.evaluate.stage import evaluate
from mlpipe.table.columns import Columns

PLANS, REGIONS, GENDERS = ["basic", "plus", "pro"], ["north", "south"], ["f", "m"]


@dataclass
class Case:
    """What `evaluate` is given."""

    frame: pd.DataFrame
    predictions: pd.DataFrame
    columns: Columns
    task: str = "binary"

    def run(self, spec: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        """Evaluate with few resamples."""
        settings: dict[str, Any] = {"seed": 7, "times": 200, "frame": self.frame}
        settings |= {"predictions": self.predictions, "task": self.task, "columns": self.columns}
        if self.task == "binary":
            settings |= {"classes": ["no", "yes"], "positive": "yes", "threshold": 0.4}
        return evaluate(Evaluate.read(spec or {}), **(settings | given))


def parts_of(rows: int) -> np.ndarray:
    return np.repeat(["train", "valid", "test"], [rows // 2, rows // 4, rows - 3 * (rows // 4)])


@pytest.fixture
def churn() -> Callable[..., Case]:
    def make(rows: int = 2000, seed: int = 0) -> Case:
        generator = np.random.default_rng(seed)
        signal = generator.normal(size=rows)
        score = 1 / (1 + np.exp(1 - 1.5 * signal))
        frame = pd.DataFrame(
            {
                "_row": np.arange(rows),
                "customer": [f"c{number}" for number in range(rows)],
                "part": parts_of(rows),
                "churned": np.where(generator.random(rows) < score, "yes", "no"),
                "plan": generator.choice(PLANS, rows),
                "region": generator.choice(REGIONS, rows),
                "gender": generator.choice(GENDERS, rows),
                "fee": generator.uniform(10, 90, rows),
            }
        )
        judged = frame["part"] != "train"
        predictions = pd.DataFrame(
            {
                "_row": frame["_row"][judged],
                "prediction": np.where(score > 0.4, "yes", "no")[judged],
                "score": score[judged],
            }
        )
        columns = {"key": "customer", "target": {"name": "churned", "positive": "yes"}}
        return Case(frame, predictions, Columns.read(columns | {"sensitive": ["gender"]}))

    return make


@pytest.fixture
def demand() -> Callable[..., Case]:
    def make(rows: int = 1200) -> Case:
        generator = np.random.default_rng(1)
        hours = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(rows), unit="h"))
        level = 50 + 30 * np.sin(np.arange(rows) / 24 * 2 * np.pi) + generator.normal(0, 3, rows)
        frame = pd.DataFrame(
            {"_row": np.arange(rows), "hour": hours, "part": parts_of(rows), "demand": level}
        )
        judged = frame["part"] != "train"
        said = (level + generator.normal(0, 2, rows))[judged]
        predictions = pd.DataFrame({"_row": frame["_row"][judged], "prediction": said})
        columns = Columns.read({"time": "hour", "target": "demand"})
        return Case(frame, predictions, columns, "regression")

    return make


@pytest.fixture
def topics() -> Callable[..., Case]:
    def make(rows: int = 900) -> Case:
        generator = np.random.default_rng(2)
        names = np.array(["bill", "cancel", "login"])
        truth = generator.integers(0, 3, rows)
        score = generator.dirichlet(np.ones(3), rows) + 0.8 * np.eye(3)[truth]
        score /= score.sum(axis=1, keepdims=True)
        frame = pd.DataFrame(
            {"_row": np.arange(rows), "part": parts_of(rows), "topic": names[truth]}
        )
        judged = (frame["part"] != "train").to_numpy()
        predictions = pd.DataFrame(
            {"_row": frame["_row"][judged], "prediction": names[score.argmax(axis=1)][judged]}
        )
        for place, name in enumerate(names):
            predictions[f"score_{name}"] = score[judged, place]
        return Case(frame, predictions, Columns.read({"target": "topic"}), "multiclass")

    return make
