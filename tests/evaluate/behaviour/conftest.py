"""Models whose behaviour is planted, and rows to ask them about."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.evaluate.behaviour.spec import Behaviour
from mlpipe.evaluate.behaviour.stage import behave
from mlpipe.evaluate.behaviour.subject import Subject

TYPES = {
    "id": "string",
    "tenure": "integer",
    "charges": "number",
    "gender": "string",
    "note": "string",
    "since": "date",
    "paid": "boolean",
    "left": "string",
}


@pytest.fixture
def rows() -> pd.DataFrame:
    generator = np.random.default_rng(11)
    size = 400
    return pd.DataFrame(
        {
            "_row": np.arange(1000, 1000 + size),
            "id": [f"k{number}" for number in range(size)],
            "tenure": generator.integers(0, 60, size),
            "charges": generator.uniform(10, 90, size),
            "gender": generator.choice(["female", "male"], size),
            "note": generator.choice(["all is well.", "Bad service!", "hm"], size),
            "since": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(size), "D"),
            "paid": generator.random(size) < 0.5,
        }
    )


def classes_of(score: Callable[[pd.DataFrame], Any]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A binary model out of a function from rows to the probability of "yes"."""

    def predict(frame: pd.DataFrame) -> pd.DataFrame:
        found = np.asarray(score(frame), float)
        labels = np.where(found >= 0.5, "yes", "no")
        return pd.DataFrame({"prediction": labels, "score": found}, index=frame.index)

    return predict


def subject(predict: Callable[[pd.DataFrame], pd.DataFrame], **given: Any) -> Subject:
    settings: dict[str, Any] = {"task": "binary", "classes": ("no", "yes"), "types": TYPES}
    settings |= {"reads": frozenset(TYPES), "keys": ("id",)}
    return Subject(predict=predict, **(settings | given))


def tried(
    rows: pd.DataFrame, test: dict[str, Any], model: Subject, seed: int = 1
) -> dict[str, Any]:
    """Return the one finding of a test."""
    (found,) = behave([Behaviour.read({"name": "it", **test})], rows, model, seed)
    return found
