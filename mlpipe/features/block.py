"""One block of columns and its words, as scikit-learn transformers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.features.transform import Transform

__all__ = ["Setting", "entries"]

_TARGETS = {"binary": "binary", "multiclass": "multiclass", "regression": "continuous"}

_DENSE = 0.3
"""What is joined stays sparse below this share of values that are not 0."""


@dataclass(frozen=True)
class Setting:
    """What the words of every block are built for.

    Attributes
    ----------
    task : str, optional
        ``binary``, ``multiclass`` or ``regression``; guessed from the target by default.
    kinds : mapping of str to str
        The kind of each column.
    seed : int
        Random choices follow from it.
    """

    task: str | None
    kinds: Mapping[str, str]
    seed: int


def entries(
    words: Sequence[Transform], columns: Sequence[str], setting: Setting
) -> list[tuple[Any, list[str]]]:
    """Return unfitted transformers, each with the columns that it takes.

    From the first word that joins columns on, one transformer takes the whole block: what the
    words before it make of the columns is put side by side, with its names.
    """
    from sklearn.pipeline import Pipeline

    from mlpipe.features.estimators.encoder import FeatureEncoder

    joint = next((at for at, word in enumerate(words) if word.joins()), None)
    if joint is None:
        return [
            (_chain(words, group, setting), group) for group in _groups(words, columns, setting)
        ]
    parts = enumerate(entries(words[:joint], columns, setting))
    before = FeatureEncoder(
        [(str(number), made, group) for number, (made, group) in parts],
        remainder="drop",
        sparse_threshold=_DENSE,
    )
    after = _named(words[joint:], columns, setting)
    return [(Pipeline([("columns", before), *after]), list(columns))]


def _groups(
    words: Sequence[Transform], columns: Sequence[str], setting: Setting
) -> list[list[str]]:
    """Columns that share a transformer: of one type, or each alone where parts come out."""
    if any(word.per_column() for word in words):
        return [[name] for name in columns]
    numbers = {"boolean": "number"}
    groups: dict[str, list[str]] = {}
    for name in columns:
        kind = setting.kinds[name]
        groups.setdefault(numbers.get(kind, kind), []).append(name)
    return list(groups.values())


def _chain(words: Sequence[Transform], columns: Sequence[str], setting: Setting) -> Any:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    steps = _named(words, columns, setting)
    if not steps:
        return FunctionTransformer(feature_names_out="one-to-one")
    return steps[0][1] if len(steps) == 1 else Pipeline(steps)


def _named(
    words: Sequence[Transform], columns: Sequence[str], setting: Setting
) -> list[tuple[str, Any]]:
    """Return the transformer of each word; before one that takes no gaps, what refuses them."""
    from mlpipe.features.estimators.gaps import NoGaps

    steps: list[tuple[str, Any]] = []
    for number, word in enumerate(words):
        if not word.takes_gaps():
            steps.append((f"{number}-filled", NoGaps(word.word, list(columns))))
        steps.append((f"{number}-{word.word}", _for_task(word.build(setting.seed), setting.task)))
    return steps


def _for_task(transformer: Any, task: str | None) -> Any:
    """Tell what looks at the target its task: few whole numbers would be taken for classes."""
    asked = [
        name
        for name, value in transformer.get_params().items()
        if name.rpartition("__")[2] == "target_type" and value == "auto"
    ]
    if task is None or not asked:
        return transformer
    return transformer.set_params(**dict.fromkeys(asked, _TARGETS[task]))
