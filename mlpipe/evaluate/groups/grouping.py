"""The groups that are compared: which columns, of which size, and which class is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.evaluate.judged import one_class
from mlpipe.evaluate.measure import FEWEST_POSITIVES, FEWEST_ROWS, too_few
from mlpipe.evaluate.slices.cut import Axis, label_of
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.evaluate.groups.spec import Fairness
    from mlpipe.metrics.outcomes import Outcomes

__all__ = ["Grouping", "asked", "groupings"]


@dataclass(frozen=True)
class Grouping:
    """One way to tell groups apart.

    Attributes
    ----------
    axes : tuple of str or Cut
        The columns; of several, the combinations of their values.
    task : str
        Whose rates there are: ``binary`` also of one class of many.
    code : int or None
        The class of many that is looked at as chosen or not.
    min_rows, min_positives : int
        A smaller group is not compared.
    """

    axes: tuple[Axis, ...]
    task: str = "binary"
    code: int | None = None
    min_rows: int = FEWEST_ROWS
    min_positives: int = FEWEST_POSITIVES

    @property
    def name(self) -> str:
        """Write the columns: ``gender × age``."""
        return label_of(self.axes)

    def seen(self, told: Outcomes) -> Outcomes:
        """Return the outcomes as the rates take them: of one class of many, chosen or not."""
        return told if self.code is None else one_class(told, self.code)

    def too_few(self, rows: int, positives: int | None) -> str:
        """Say why so few rows are not compared; empty where they are enough."""
        return too_few(rows, positives, (self.min_rows, self.min_positives))


def groupings(
    spec: Fairness | None, sensitive: Sequence[str], task: str, classes: Sequence[Any] = ()
) -> tuple[Grouping, ...]:
    """Return what the spec compares.

    Parameters
    ----------
    spec : Fairness or None
        Without one, the sensitive columns: for gates that name none.
    sensitive : sequence of str
    task : str
    classes : sequence
        In the order of their codes.

    Raises
    ------
    SpecError
        The class that is looked at is none of the model's.
    """
    each: list[tuple[Axis, ...]] = [(name,) for name in sensitive]
    if spec is None:
        return tuple(Grouping(axes, task) for axes in each)
    if spec.groups is not None:
        each = list(spec.groups)
    if spec.intersections:
        alone = [axes[0] for axes in each if len(axes) == 1]
        each += [pair for pair in combinations(alone, 2) if pair not in each]
    code = None if spec.positive is None or task == "binary" else _code(spec.positive, classes)
    task = task if code is None else "binary"
    return tuple(Grouping(axes, task, code, spec.min_rows, spec.min_positives) for axes in each)


def asked(names: Sequence[str] | None, reported: Sequence[Grouping]) -> tuple[Grouping, ...]:
    """Return the groupings of a gate: those it names, cut as the report cuts them, or all.

    Parameters
    ----------
    names : sequence of str or None
        Columns, or crossed ones as the report names them.
    reported : sequence of Grouping
    """
    if names is None:
        return tuple(reported)
    known = {each.name: each for each in reported}
    like = replace(reported[0]) if reported else Grouping(())
    return tuple(known.get(name) or replace(like, axes=(name,)) for name in names)


def _code(positive: Any, classes: Sequence[Any]) -> int:
    if positive not in classes:
        names = [str(name) for name in classes]
        hint = did_you_mean(str(positive), names) or f"classes: {', '.join(names[:20])}"
        raise SpecError(
            Problem(f"there is no class {positive!r}", key="evaluate.fairness.positive", hint=hint)
        )
    return list(classes).index(positive)
