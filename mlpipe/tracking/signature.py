"""The signature of a bundle in MLflow's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import score_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.bundle.inputs import Input

__all__ = ["input_type", "outputs", "signature"]

ANY = "any"


def input_type(column: Input) -> str:
    """Return the MLflow type of a column.

    MLflow casts what it is sent: an integer that may be null has to be a double, and a boolean
    would turn null into false, a zoned time be refused. Those it must leave alone (``any``).
    """
    kind = column["type"]
    if kind == "integer":
        return "double" if column["nullable"] else "long"
    if kind == "number" or kind.startswith("decimal"):
        return "double"
    return {"string": "string", "date": "datetime", "timestamp": "datetime"}.get(kind, ANY)


def outputs(about: Mapping[str, Any], *, scoped: bool) -> dict[str, str]:
    """Return the columns of an answer with their MLflow types.

    Parameters
    ----------
    about : mapping
        ``bundle.json``.
    scoped : bool
        Whether rows may be out of scope, and then have neither prediction nor score.
    """
    scores = dict.fromkeys(score_names(about["task"], about["classes"]), "double")
    label = "double" if about["task"] == "regression" else _label(about["classes"], scoped=scoped)
    return {"prediction": label, **scores, **({"in_scope": "boolean"} if scoped else {})}


def _label(classes: list[Any], *, scoped: bool) -> str:
    kinds = {type(each) for each in classes}
    if kinds == {str}:
        return "string"
    if scoped or len(kinds) > 1:
        return ANY
    return {bool: "boolean", int: "long", float: "double"}.get(kinds.pop(), ANY)


def signature(about: Mapping[str, Any], *, scoped: bool) -> Any:
    """Return the ``mlflow.models.ModelSignature`` of a bundle; every column must come."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    given = {column["name"]: input_type(column) for column in about["inputs"]}
    made = outputs(about, scoped=scoped)
    return ModelSignature(
        *(Schema([ColSpec(_typed(kind), name) for name, kind in each.items()])
          for each in (given, made))
    )  # fmt: skip


def _typed(kind: str) -> Any:
    from mlflow.types.schema import AnyType

    return AnyType() if kind == ANY else kind
