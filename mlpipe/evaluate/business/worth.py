"""What the rows of a part are worth: under the model, the naive policies and the champion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError
from mlpipe.evaluate.business.policies import Best, Fixed, Policy, wanted
from mlpipe.metrics.arrays import Array, share
from mlpipe.metrics.baseline import Baseline
from mlpipe.metrics.business import Business, amounts_in
from mlpipe.metrics.estimate import Estimate, from_draws
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.redraw import redraw

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Setting", "Worth", "worth_of"]

_CONSTANTS = 20
"""Of so many classes, the ones that are worth most when said of every row, are naive policies."""


@dataclass(frozen=True)
class Setting:
    """The rows of a part, and what is said of them.

    Attributes
    ----------
    frame : DataFrame, n rows
        Holds the columns of the values.
    told : Outcomes
        What the model said.
    naive : Baseline
    champion : Outcomes or None
    classes : tuple
        In the order of their codes; empty for regression.
    train : array, shape (m,)
        The training targets.
    """

    frame: "pd.DataFrame"
    told: Outcomes
    naive: Baseline
    champion: Outcomes | None
    classes: tuple[Any, ...]
    train: Array


@dataclass(frozen=True)
class Worth:
    """What rows are worth under each policy.

    Attributes
    ----------
    model : Policy
    naive : mapping of str to Policy
        What can be done without a model, by name.
    champion : Policy or None
    known : array of bool, shape (n,)
        Rows whose value is known, whatever is decided.
    sides : (array, array) or None
        Of two classes: what each row is worth when acted on, and when left alone.
    """

    model: Policy
    naive: Mapping[str, Policy]
    champion: Policy | None
    known: Array
    sides: tuple[Array, Array] | None = None

    def take(self, rows: Array) -> "Worth":
        """Return it over some of the rows, chosen by a mask."""
        return replace(
            self,
            model=self.model.take(rows),
            naive={name: each.take(rows) for name, each in self.naive.items()},
            champion=None if self.champion is None else self.champion.take(rows),
            known=self.known[rows],
            sides=None if self.sides is None else (self.sides[0][rows], self.sides[1][rows]),
        )

    def estimates(
        self, told: Outcomes, *, seed: int | Sequence[int], times: int = 2000
    ) -> dict[str, Estimate]:
        """Return the value per 1,000 rows, and by how much it is over the others', paired.

        Rows whose value is unknown are left out. The naive policy to beat is the best one of each
        resample.

        Parameters
        ----------
        told : Outcomes
            Weights and groups of the same rows.
        seed : int or sequence of int
        times : int
            Resamples of a bootstrap.

        Returns
        -------
        dict
            ``value``, ``over_baseline``, and ``over_champion`` where there is one.
        """
        import numpy as np

        rival = ["over_champion"] if self.champion is not None else []
        names = ["value", "over_baseline", *rival]
        if not self.known.any():
            return {name: Estimate(None, why="no rows") for name in names}
        mine, told = self.take(self.known), told.take(self.known)

        policies = [mine.model, *mine.naive.values(), *([mine.champion] if mine.champion else [])]
        ends = len(policies) - len(rival)

        def worths(*given: Array) -> Array:
            *arrays, weight = given
            rows = iter(arrays)
            there = (each.over(*islice(rows, len(each.arrays))) for each in policies)
            value, *others = (self.per_1000(each, weight) for each in there)
            best = np.max(others[: ends - 1], axis=0)
            return np.stack([value, *(value - other for other in (best, *others[ends - 1 :]))], -1)

        whole = np.ones(len(told)) if told.weight is None else told.weight
        known = [array for each in policies for array in each.arrays]
        drawn = redraw(
            worths, known, times=times, seed=seed, groups=told.groups, weight=told.weight
        )
        found = worths(*known, whole)
        return {name: _estimate(found[k], drawn[:, k]) for k, name in enumerate(names)}

    @staticmethod
    def per_1000(policy: Policy, weight: Array) -> Array:
        """Return what 1,000 rows are worth on average under a policy."""
        return share(1000 * policy.totals(weight), weight.sum(axis=-1))


def worth_of(name: str, business: Business, setting: Setting) -> Worth:
    """Return what the rows are worth by a business metric.

    Raises
    ------
    DataError
        A column of the values holds no numbers, or the matrix names a class that there is not.
    """
    try:
        columns = amounts_in(setting.frame, business.columns)
        if business.kind == "cost":
            return _of_numbers(business, columns, setting)
        table = business.choices(setting.told.y, columns, setting.classes)
    except DataError as error:
        at = f"evaluate.business.{name}"
        raise DataError(
            *(replace(each, key=f"{at}: {each.key}") for each in error.problems)
        ) from None
    if len(setting.classes) == 2:
        return _of_two(business, table, setting)
    return _of_many(table, setting)


def _of_two(business: Business, table: Array, setting: Setting) -> Worth:
    import numpy as np

    left, acted = table.T
    told, champion = setting.told, setting.champion
    known = _known(table)
    everybody, nobody = Fixed(acted), Fixed(left)
    if business.top is None:
        rival = None if champion is None else Fixed(np.where(champion.pred == 1, acted, left))
        model = Fixed(np.where(told.pred == 1, acted, left))
        naive: dict[str, Policy] = {"act on all": everybody, "act on none": nobody}
        return Worth(model, naive, rival, known, (acted, left))
    part = wanted(business.top, int(known.sum())) / max(1, int(known.sum()))
    return Worth(
        _best(business.top, told, acted, left),
        {"as many at random": Fixed(left + part * (acted - left)), "act on none": nobody},
        None if champion is None else _best(business.top, champion, acted, left),
        known,
        (acted, left),
    )


def _best(capacity: int | float, told: Outcomes, acted: Array, left: Array) -> Best:
    score = told.pred if told.score is None else told.score
    return Best(acted, left, score.astype(float), capacity)


def _of_many(table: Array, setting: Setting) -> Worth:
    """Say one class of every row: that is what can be done without a model."""
    import numpy as np

    known = _known(table)
    sums = table[known].sum(axis=0)
    best = np.sort(np.argsort(-sums, kind="stable")[:_CONSTANTS])
    naive = {f"always {setting.classes[code]}": Fixed(table[:, code]) for code in best}
    champion = setting.champion
    return Worth(
        Fixed(_said(table, setting.told.pred)),
        naive,
        None if champion is None else Fixed(_said(table, champion.pred)),
        known,
    )


def _said(table: Array, pred: Array) -> Array:
    """Return the cell of what was said; a class that the matrix cannot know is worth nothing."""
    import numpy as np

    wide = np.column_stack([table, np.zeros(len(table))])
    return wide[np.arange(len(table)), np.minimum(pred, table.shape[1])]


def _of_numbers(business: Business, columns: Mapping[str, Array], setting: Setting) -> Worth:
    """Hold the model against the naive baseline, and against the best constant for these costs.

    The constant with the least cost is the quantile of the training targets at
    under / (under + over): the mean would be too easy to beat.
    """
    import numpy as np

    y, champion = setting.told.y, setting.champion
    under, over = business.unit_costs(columns, len(y))
    known = _known(np.column_stack([under, over]))

    def costing(pred: Array) -> Fixed:
        return Fixed(business.errors(y, pred, columns))

    naive = {f"naive {setting.naive.kind}".replace("_", " "): costing(setting.naive.pred)}
    both = float(under[known].sum()), float(over[known].sum())
    if sum(both) > 0:
        level = min(1.0, max(0.0, both[0] / sum(both)))
        constant = float(np.quantile(setting.train, level, method="inverted_cdf"))
        naive[f"always {constant:,.6g}"] = costing(np.full(len(y), constant))
    return Worth(
        costing(setting.told.pred),
        naive,
        None if champion is None else costing(champion.pred),
        known,
    )


def _known(values: Array) -> Array:
    import numpy as np

    return np.asarray(np.isfinite(values).all(axis=1))


def _estimate(value: float, drawn: Array) -> Estimate:
    import math

    if not math.isfinite(value):
        return Estimate(None, why="the weights are all 0")
    return from_draws(Estimate(float(value)), drawn)
