"""Models made of models: each member fitted with its own features on the same rows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.combined import Blend, Stack, raw_scores, side_by_side
from mlpipe.bundle.mitigated import GroupThresholds
from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.features.pipeline import needed
from mlpipe.train.class_weight import by_code
from mlpipe.train.mitigate import group_rules
from mlpipe.train.models.ensembles import Ensemble, Stacking, Voting
from mlpipe.train.models.mitigated import ThresholdOptimizer
from mlpipe.train.models.model import Lesson, Model
from mlpipe.train.pipeline import fit_estimator, fit_pipeline, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.features.plan import Plan
    from mlpipe.metrics.arrays import Array
    from mlpipe.train.fit import Data
    from mlpipe.train.models import AnyModel

__all__ = ["columns_of", "fit_candidate", "leaves", "sensitive_of", "stopping"]

_COMPUTED = ("look_back", "sql", "aggregate")
"""Inputs whose last digit may depend on the rows that are computed beside them."""


def fit_candidate(name: str, model: AnyModel, on: Array, data: Data, plan: Plan, seed: int) -> Any:
    """Return a fitted candidate: a pipeline, or several of them put together.

    Parameters are those of `fit_pipeline`. What a stack's last model learns from are scores of
    rows that the members had not seen: they are fitted on folds within ``on`` for it, and then
    once more on all of it.
    """
    if isinstance(model, Stacking):
        return _stack(name, model, on, data, plan, seed)
    if isinstance(model, ThresholdOptimizer):
        return _by_group(name, model, on, data, plan, seed)
    if isinstance(model, Voting):
        members = _members(model, on, data, plan, seed)
        weights = [float(each) for each in model.weights or [1.0] * len(members)]
        return Blend(data.task, data.classes, members, weights)
    return fit_pipeline(name, model, on, data, plan, seed)


def leaves(name: str, models: Mapping[str, Any]) -> list[str]:
    """Return the candidates with features of their own that a candidate is made of, in order."""
    model = models.get(name)
    if not isinstance(model, Ensemble):
        return [name]
    return list(dict.fromkeys(leaf for member in model.of for leaf in leaves(member, models)))


def columns_of(plan: Plan, name: str, models: Mapping[str, Any]) -> list[str]:
    """Return the raw and look-back columns that a candidate reads, in order."""
    used = {column for leaf in leaves(name, models) for column in needed(plan, leaf)}
    features = [column["name"] for column in plan["inputs"] if column["name"] in used]
    return list(dict.fromkeys([*features, *sensitive_of(name, models)]))


def sensitive_of(name: str, models: Mapping[str, Any]) -> list[str]:
    """Return the columns whose groups a candidate, or a member of it, has thresholds for."""
    model = models.get(name)
    if not isinstance(model, Ensemble):
        return []
    own = [model.sensitive] if isinstance(model, ThresholdOptimizer) else []
    return own + [column for member in model.of for column in sensitive_of(member, models)]


def stopping(name: str, models: Mapping[str, Any]) -> list[str]:
    """Return the candidates among its leaves that stop early by the valid part."""
    found = (leaf for leaf in leaves(name, models) if isinstance(models.get(leaf), Model))
    return [leaf for leaf in found if models[leaf].patience is not None]


def _members(model: Ensemble, on: Array, data: Data, plan: Plan, seed: int) -> dict[str, Any]:
    return {
        member: fit_candidate(member, data.models[member], on, data, plan, seed)
        for member in model.of
    }


def _stack(name: str, model: Stacking, on: Array, data: Data, plan: Plan, seed: int) -> Stack:
    scored, said = _unseen(name, model, on, data, plan, seed)
    lesson = Lesson(said, data.y[scored], data.weights(scored))
    last = model.last(data.task)
    with named(name, "learn from what its members say"):
        final = fit_estimator(name, last, _weighted(lesson, last, name, data), data.task, seed)
    return Stack(data.task, data.classes, _members(model, on, data, plan, seed), final)


def _unseen(
    name: str, model: Stacking | ThresholdOptimizer, on: Array, data: Data, plan: Plan, seed: int
) -> tuple[Array, Array]:
    """Return rows of a fit and what members say of them that had not seen them, side by side."""
    import numpy as np

    parts, rows = [], []
    for fit, score in _pairs(name, model, on, data):
        said = [
            raw_scores(member, data.task, data.classes, data.frame.iloc[score])
            for member in _members(model, fit, data, plan, seed).values()
        ]
        parts.append(side_by_side(said))
        rows.append(score)
    return np.concatenate(rows), np.concatenate(parts)


def _by_group(
    name: str, model: ThresholdOptimizer, on: Array, data: Data, plan: Plan, seed: int
) -> GroupThresholds:
    if data.weight is not None:
        hint = "take another model, or leave columns.weight out"
        what = f"{name} ({model.type}) takes no row weights"
        raise SpecError(Problem(what, key=f"train.models.{name}", hint=hint))
    scored, said = _unseen(name, model, on, data, plan, seed)
    groups = data.frame[model.sensitive].iloc[scored]
    with named(name, f"learn thresholds for the groups of {model.sensitive}"):
        rules = group_rules(name, model, said[:, 0], data.y[scored].astype(int), groups)
    made = {each["name"] for each in plan["inputs"] if each["type"] in _COMPUTED}
    raw = [column for column in columns_of(plan, name, data.models) if column not in made]
    return GroupThresholds(
        data.task,
        data.classes,
        _members(model, on, data, plan, seed),
        sensitive=model.sensitive,
        columns=raw,
        probability=bool(((said >= 0) & (said <= 1)).all()),
        rules=json.dumps(rules, ensure_ascii=False, allow_nan=False),
    )


def _pairs(
    name: str, model: Stacking | ThresholdOptimizer, on: Array, data: Data
) -> list[tuple[Array, Array]]:
    """Return the folds within the rows; the first blocks of time may hold one class only."""
    import numpy as np

    key = f"train.models.{name}"
    pairs = data.inner.pairs(on, model.folds, key) if data.inner is not None else []
    if data.classes:
        pairs = [pair for pair in pairs if len(np.unique(data.y[pair[0]])) > 1]
    if not pairs:
        raise DataError(
            Problem(
                f"no fold within the {len(on):,} rows of a fit has two classes to learn from",
                key=key,
                hint=f"fewer train.folds, or no {model.type}",
            )
        )
    return pairs


def _weighted(lesson: Lesson, last: Model, name: str, data: Data) -> Lesson:
    return replace(lesson, class_weight=by_code(last, f"{name}.final", data))
