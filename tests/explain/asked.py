"""Models that are asked about: of a function, with rows whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlpipe.explain.explained import Explained
from mlpipe.explain.held import Held

if TYPE_CHECKING:
    from collections.abc import Callable


class Said:
    """A model that says what a function of the frame says."""

    def __init__(self, function: Callable[[pd.DataFrame], Any]) -> None:
        self.function = function

    def scores(self, frame: pd.DataFrame) -> Any:
        return np.asarray(self.function(frame), float)


def planned(
    inputs: dict[str, str],
    look_back: list[dict[str, Any]] | None = None,
    sql: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Any:
    return {
        "inputs": [{"name": name, "kind": kind, "type": ""} for name, kind in inputs.items()],
        "look_back": look_back or [],
        "sql": sql or [],
        "python": [],
        **more,
    }


def explained(
    function: Callable[[pd.DataFrame], Any], frame: pd.DataFrame, session: Any = None, **more: Any
) -> Explained:
    plan = planned(dict.fromkeys(map(str, frame), "number"), **more)
    return Explained(Said(function), plan, session)  # type: ignore[arg-type]


def held(frame: pd.DataFrame, y: Any, scores: Any, task: str = "regression", **more: Any) -> Held:
    count = len(frame)
    classes = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c")}.get(task, ())
    given: dict[str, Any] = {
        "task": task,
        "part": "test",
        "of": count,
        "rows": np.arange(count) * 10,
        "frame": frame,
        "y": np.asarray(y),
        "scores": np.asarray(scores, float),
        "classes": classes,
        "threshold": 0.5 if task == "binary" else None,
        "keys": pd.DataFrame({"id": [f"k{row}" for row in range(count)]}),
        "kinds": dict.fromkeys(map(str, frame), "number"),
    }
    return Held(**{**given, **more})


def numbers(count: int = 400, seed: int = 1, names: str = "abcd") -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: random.normal(size=count) for name in names})
