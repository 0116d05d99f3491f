"""From a plan to a scikit-learn pipeline: what train fits and a bundle holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.features.block import Setting, entries
from mlpipe.features.transform import Transform
from mlpipe.features.transforms.by_path import ByPath
from mlpipe.features.words import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.pipeline import Pipeline

    from mlpipe.features.plan import Block, Plan

__all__ = ["build", "by_path", "lineage", "needed"]


def build(plan: Plan, model: str, seed: int) -> Pipeline:
    """Return the unfitted features of one model.

    Parameters
    ----------
    plan : Plan
        What featurize decided.
    model : str
        A name in ``plan["models"]``.
    seed : int
        Random choices follow from it.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Takes a frame with the columns of `needed`; gives an array of shape (n_rows,
        n_features), sparse where the model is linear and most values are 0. The names come
        from ``get_feature_names_out``.

    Raises
    ------
    SpecError
        If the model is not in the plan.
    """
    from sklearn.pipeline import Pipeline

    from mlpipe.features.estimators.encoder import FeatureEncoder
    from mlpipe.features.estimators.python import PythonColumns
    from mlpipe.features.estimators.typed import Typed

    chosen = plan["models"].get(model)
    if chosen is None:
        raise SpecError(Problem(f"no features were planned for the model '{model}'"))
    kinds = _kinds(plan)
    setting = Setting(plan["task"], kinds, seed)
    parts = [
        (f"{number}-{part}", made, columns)
        for number, block in enumerate(chosen["blocks"])
        for part, (made, columns) in enumerate(entries(_words(block), block["columns"], setting))
    ]
    steps: list[tuple[str, Any]] = [
        ("typed", Typed({name: kinds[name] for name in needed(plan, model)}, plan["timezone"]))
    ]
    for number, python in enumerate(_python(plan, model)):
        outputs = {output["name"]: output["kind"] for output in python["outputs"]}
        made_by = PythonColumns(python["path"], python["function"], python["source"], outputs)
        steps.append((f"python-{number}", made_by))
    # Boosting takes no sparse matrix; a linear model gains from one.
    sparse = 0.3 if chosen["family"] == "linear" else 0.0
    steps.append(("encoded", FeatureEncoder(parts, remainder="drop", sparse_threshold=sparse)))
    return Pipeline(steps)


def needed(plan: Plan, model: str) -> list[str]:
    """Return the raw and look-back columns that the model's pipeline reads, in order.

    A user's function may read any input, so with one all of them are needed.
    """
    inputs = [column["name"] for column in plan["inputs"]]
    if any(_python(plan, model)):
        return inputs
    blocks = plan["models"][model]["blocks"]
    used = {name for block in blocks for name in (*block["columns"], *_beside(block))}
    return [name for name in inputs if name in used]


def by_path(plan: Plan, model: str) -> list[ByPath]:
    """Return the transformers that the plan of a model names by their dotted path."""
    words = (word for block in plan["models"][model]["blocks"] for word in _words(block))
    return [word for word in words if isinstance(word, ByPath)]


def lineage(fitted: Pipeline) -> dict[str, list[str]]:
    """Return the columns that each feature of a fitted pipeline is made from, in order."""
    found: dict[str, list[str]] = fitted.named_steps["encoded"].lineage()
    return found


def _kinds(plan: Plan) -> dict[str, str]:
    made = [output for python in plan["python"] for output in python["outputs"]]
    return {column["name"]: column["kind"] for column in [*plan["inputs"], *made]}


def _python(plan: Plan, model: str) -> Iterator[Any]:
    for python in plan["python"]:
        models = python.get("models")
        if models is None or model in models:
            yield python


def _beside(block: Block) -> list[str]:
    return [name for word in _words(block) for name in word.beside()]


def _words(block: Block) -> list[Transform]:
    words = (step(written) for written in block["steps"])
    return [word for word in words if isinstance(word, Transform)]
