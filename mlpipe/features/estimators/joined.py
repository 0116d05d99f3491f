"""Where several columns become features together: names, and the columns behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_joined", "traced"]

Features = list[tuple[str, list[str]]]
"""Name and columns of each feature, in order."""


def is_joined(transformer: Any) -> bool:
    """Whether a transformer is a pipeline that puts columns side by side first."""
    return hasattr(transformer, "steps") and hasattr(transformer.steps[0][1], "lineage")


def traced(pipeline: Any) -> Features:
    """Return the features of a fitted pipeline that joins columns, with the columns of each.

    A step that makes features out of several others says which by ``made_from(names)``: for
    each feature the positions of its sources, the main one first. Of any other step a feature that
    keeps its name keeps its columns; what is new may come from all of them.
    """
    (_, first), *rest = pipeline.steps
    features = list(first.lineage().items())
    for _, step in rest:
        features = _after(step, features)
    return features


def _after(step: Any, features: Features) -> Features:
    given = [name for name, _ in features]
    names = [str(name) for name in step.get_feature_names_out(given)]
    if hasattr(step, "made_from"):
        sources = step.made_from(given)
        return [(name, _columns(features, each)) for name, each in zip(names, sources, strict=True)]
    known = dict(features)
    everything = _columns(features, range(len(features)))
    return [(name, known.get(name, everything)) for name in names]


def _columns(features: Features, positions: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(column for at in positions for column in features[at][1]))
