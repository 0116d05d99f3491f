"""Monotonic constraints: written by column, taken by the place of the feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.features.pipeline import lineage
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.features.plan import Plan
    from mlpipe.train.models.model import Model

__all__ = ["directions"]

_SIGNS = {"increasing": 1, "decreasing": -1}


def directions(model: Model, name: str, features: Any, plan: Plan) -> list[int] | None:
    """Return −1, 0 or 1 for each feature of fitted features; None where nothing is asked for.

    Raises
    ------
    SpecError
        If a column is no number, no feature, or more than one.
    """
    written = getattr(model, "monotonic", None)
    if not written:
        return None
    made = lineage(features)
    kinds = {each["name"]: each["kind"] for each in plan["inputs"]}
    kinds |= {each["name"]: each["kind"] for block in plan["python"] for each in block["outputs"]}
    key = f"train.models.{name}.monotonic"
    wrong = [
        Problem(*said, key=f"{key}.{column}", hint=hint)
        for column in written
        for said, hint in _wrong(column, made, kinds)
    ]
    if wrong:
        raise SpecError(*wrong)
    sign = {column: _SIGNS[way] for column, way in written.items()}
    return [sign.get(columns[0], 0) if len(columns) == 1 else 0 for columns in made.values()]


def _wrong(
    column: str, made: Mapping[str, list[str]], kinds: Mapping[str, str]
) -> list[tuple[tuple[str], str]]:
    """Return what keeps a column from having a direction, and a hint."""
    own = [feature for feature, columns in made.items() if column in columns]
    known = dict.fromkeys(each for columns in made.values() for each in columns)
    if not own:
        hint = did_you_mean(column, known) or f"its features come of: {', '.join(known)}"
        return [((f"no feature of the model comes of '{column}'",), hint)]
    if kinds.get(column) not in ("number", "boolean"):
        return [((f"'{column}' is a {kinds.get(column)}: only numbers rise and fall",), "")]
    if len(own) > 1 or len(made[own[0]]) > 1:
        shown = ", ".join(own[:5]) + (", …" if len(own) > 5 else "")
        what = f"'{column}' is not one feature alone: {shown}"
        return [((what,), f"featurize: [{{columns: [{column}], steps: [keep]}}] keeps it one")]
    return []
