"""One block over a made-up frame, fitted; for tests of single words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.features.pipeline import build, lineage
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.words import step

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Fitted", "fit"]


class Fitted:
    """The features of one block.

    Attributes
    ----------
    pipeline : sklearn.pipeline.Pipeline
    train : array or sparse matrix
        What `fit_transform` gave.
    names : list of str
    lineage : dict of str to list of str
    """

    def __init__(self, pipeline: Any, train: Any) -> None:
        self.pipeline, self.train = pipeline, train
        self.lineage = lineage(pipeline)
        self.names = list(self.lineage)

    def transform(self, frame: pd.DataFrame) -> Any:
        return self.pipeline.transform(frame)


def fit(
    frame: pd.DataFrame,
    steps: list[Any],
    y: Any = None,
    columns: list[str] | None = None,
    task: str | None = "binary",
    family: str = "trees",
    seed: int = 7,
) -> Fitted:
    """Fit steps on columns of a frame: those of strings are categories, others numbers."""
    kinds = {name: "number" if frame[name].dtype.kind in "fiub" else "category" for name in frame}
    words = [step(one) for one in steps]
    written = [{word.word: word.model_dump(mode="json")} for word in words]
    block = {"columns": columns or list(frame), "steps": written, "reason": ""}
    plan = Plan(
        format=FORMAT,
        task=task,
        timezone=None,
        inputs=[{"name": name, "kind": kind, "type": ""} for name, kind in kinds.items()],
        look_back=[],
        python=[],
        models={"m": {"family": family, "blocks": [block]}},
    )
    pipeline = build(plan, "m", seed)
    return Fitted(pipeline, pipeline.fit_transform(frame, y))
