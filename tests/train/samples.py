"""A small table with every kind of column, a plan for it, and the train step over both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlpipe.table.columns import Columns
from mlpipe.train.spec import Train
from mlpipe.train.stage import train

if TYPE_CHECKING:
    from mlpipe.table.session import Session

INPUTS = {
    "age": ("number", "integer"),
    "fee": ("number", "number"),
    "plan": ("category", "string"),
    "paid": ("boolean", "boolean"),
    "note": ("text", "string"),
    "since": ("date", "timestamp"),
}
SCHEMA = [{"name": name, "kind": kind, "type": word} for name, (kind, word) in INPUTS.items()]
NUMBERS = {"columns": ["age", "fee", "paid"], "steps": [{"impute": {}}, {"scale": {}}]}
CLASSES = {"columns": ["plan"], "steps": [{"one_hot": {}}]}
BLOCKS = (NUMBERS, CLASSES)


def rows(count: int = 240, task: str = "binary", seed: int = 0) -> pd.DataFrame:
    """Rows whose target follows from fee and plan, with some noise; fee has gaps."""
    random = np.random.default_rng(seed)
    fee = random.normal(50, 10, count)
    plan = random.choice(["basic", "plus", "pro"], count)
    signal = (fee - 50) / 10 + 1.5 * (plan == "pro") + random.normal(0, 0.7, count)
    target: Any = {
        "binary": np.where(signal > 0.4, "yes", "no"),
        "multiclass": np.array(["high", "low", "mid"])[np.digitize(signal, [-0.3, 0.9])],
        "regression": signal,
    }[task]
    return pd.DataFrame(
        {
            "_row": np.arange(count),
            "age": random.integers(18, 80, count),
            "fee": np.where(random.random(count) < 0.05, np.nan, fee),
            "plan": plan,
            "paid": random.random(count) < 0.5,
            "note": [f"the {p} plan costs {round(f)}" for p, f in zip(plan, fee, strict=True)],
            "since": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(random.integers(0, 700, count), "D"),
            "target": target,
        }
    )


def parts(count: int, folds: int = 3, valid: int = 40, test: int = 40) -> pd.DataFrame:
    """The last rows test, those before them valid, the others train in crossed folds."""
    row = np.arange(count)
    part = np.where(
        row < count - valid - test, "train", np.where(row < count - test, "valid", "test")
    )
    fold = np.where(part == "train", row % max(folds, 1), -1)
    return teaching(pd.DataFrame({"_row": row, "part": part, "fold": fold}))


def teaching(split: pd.DataFrame) -> pd.DataFrame:
    """Folds in which every row may teach the block after its own: there is no gap."""
    fold = split["fold"].astype("int16")
    return split.assign(fold=fold, teaches=(fold + (fold >= 0)).astype("int16"))


def plan(
    models: dict[str, str], blocks: Any = BLOCKS, task: str = "binary", look_back: Any = ()
) -> Any:
    """A plan with the same blocks for every model."""
    made = [{"name": each["name"], "kind": each["kind"], "type": "look_back"} for each in look_back]
    return {
        "format": 1,
        "task": task,
        "timezone": None,
        "inputs": [*SCHEMA, *made],
        "look_back": list(look_back),
        "python": [],
        "models": {
            name: {"family": family, "blocks": [{**block, "reason": ""} for block in blocks]}
            for name, family in models.items()
        },
    }


COLUMNS = Columns.read({"target": {"name": "target"}})


def learn(
    session: Session,
    frame: pd.DataFrame,
    spec: dict[str, Any] | None = None,
    task: str = "binary",
    columns: Columns = COLUMNS,
    blocks: Any = BLOCKS,
    split: pd.DataFrame | None = None,
    folds: int = 3,
    kind: str = "crossed",
    seed: int = 7,
    **options: Any,
) -> dict[str, Any]:
    """Run the train step over a frame; tables come back as frames."""
    section = Train.read(spec or {"models": {"linear": _linear(task)}})
    split = parts(len(frame), folds) if split is None else split
    found = train(
        section,
        task,
        columns,
        seed,
        plan(section.families(task), blocks, task),
        session.frame(frame),
        session.frame(split),
        kind,
        folds,
        session,
        **options,
    )
    return {
        name: session.pandas(value) if name in {"out_of_fold", "valid"} else value
        for name, value in found.items()
    }


def _linear(task: str) -> str:
    return "ridge" if task == "regression" else "logistic_regression"
