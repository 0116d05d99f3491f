"""From a plan to a scikit-learn pipeline: what train fits and a bundle holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.features.block import Setting, entries
from mlpipe.features.computed import made_by, raw_columns
from mlpipe.features.transform import Transform
from mlpipe.features.transforms.by_path import ByPath
from mlpipe.features.transforms.one_hot import OneHot
from mlpipe.features.words import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.pipeline import Pipeline

    from mlpipe.features.plan import Block, Plan

__all__ = ["build", "by_path", "feature_map", "lineage", "needed"]


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
    from mlpipe.features.estimators.typed import CODED, Typed

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
    read = {name: kinds[name] for name in needed(plan, model)}
    coded = dict.fromkeys(_coded(plan, model), CODED)
    steps: list[tuple[str, Any]] = [("typed", Typed({**read, **coded}, plan["timezone"]))]
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


def lineage(fitted: Pipeline, plan: Plan | None = None) -> dict[str, list[str]]:
    """Return the columns that each feature of a fitted pipeline is made from, in order.

    With a plan these are columns of the ingested table: of ``calls_lag_1`` it is ``calls``.
    Without one they are the columns that the pipeline reads.
    """
    found: dict[str, list[str]] = fitted.named_steps["encoded"].lineage()
    if plan is None:
        return found
    raw = raw_columns(plan)
    return {
        feature: list(dict.fromkeys(name for column in columns for name in raw[column]))
        for feature, columns in found.items()
    }


def feature_map(fitted: Pipeline, plan: Plan, model: str) -> list[dict[str, Any]]:
    """Say of each feature what it is made of, and by which words, in the order of the output.

    What importance is asked by: of features, of the columns of the table, or of words.

    Returns
    -------
    list of dict
        ``feature``; ``columns`` of the ingested table; ``words`` of the spec, first to last.
    """
    blocks, made = plan["models"][model]["blocks"], made_by(plan)
    read, raw = lineage(fitted), lineage(fitted, plan)
    entries = fitted.named_steps["encoded"].entries()
    return [
        {
            "feature": feature,
            "columns": raw[feature],
            "words": [
                *dict.fromkeys(word for column in columns for word in made.get(column, ())),
                *(next(iter(word)) for word in blocks[_block(entries[feature])]["steps"]),
            ],
        }
        for feature, columns in read.items()
    ]


def _block(entry: str) -> int:
    """Return the number of the block that an entry of the encoder belongs to."""
    return int(entry.partition("-")[0])


def _coded(plan: Plan, model: str) -> list[str]:
    """Return the categories of which nothing is read but which level a row has."""
    if any(_python(plan, model)):
        return []
    blocks = plan["models"][model]["blocks"]
    others = {
        name
        for block in blocks
        for name in (*_beside(block), *(() if _is_one_hot(block) else block["columns"]))
    }
    kinds = _kinds(plan)
    coded = {name for block in blocks if _is_one_hot(block) for name in block["columns"]} - others
    return [name for name in needed(plan, model) if name in coded and kinds[name] == "category"]


def _is_one_hot(block: Block) -> bool:
    return [type(word) for word in _words(block)] == [OneHot]


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
