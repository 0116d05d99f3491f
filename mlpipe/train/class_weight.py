"""Class weights as the spec writes them, by label; and as estimators take them, by code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from mlpipe.train.fit import Data
    from mlpipe.train.models.model import Model

__all__ = ["by_code"]


def by_code(model: Model, name: str, data: Data) -> str | dict[int, float] | None:
    """Return ``balanced``, the weight of each class code, or None; a class left out weighs 1.

    Raises
    ------
    SpecError
        If a class is named that the target does not have.
    """
    written = getattr(model, "class_weight", None)
    if not isinstance(written, dict):
        return written
    code = {_label(label): at for at, label in enumerate(data.labels)}
    unknown = [each for each in written if each not in code]
    if unknown:
        raise SpecError(
            *(
                Problem(
                    f"the target has no class '{each}'",
                    key=f"train.models.{name}.class_weight.{each}",
                    hint=did_you_mean(each, code) or f"it has: {', '.join(code)}",
                )
                for each in unknown
            )
        )
    return {at: float(written.get(label, 1.0)) for label, at in code.items()}


def _label(value: Any) -> str:
    """Write a class the way a key of YAML reads: true, 1, yes."""
    return str(value).lower() if isinstance(value, bool) else str(value)
