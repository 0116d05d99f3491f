"""Successive halving: many trials on little, the better of them on more.

Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization"
(2016). The schedule is that of scikit-learn's ``HalvingRandomSearchCV`` with
``min_resources="exhaust"``: as many rungs as the number of trials asks for, the last of them with
all of the resource.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from mlpipe.train.models import Model, with_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.train.models import AnyModel

__all__ = ["fewer_iterations", "fewer_rows", "iterations", "rungs", "smallest_rows"]

ITERATIONS = ("n_estimators", "max_iter", "iterations")
"""What models of the family of trees call the number of their trees."""


def rungs(trials: int, factor: int, steps: int) -> list[tuple[int, float]]:
    """Return the number of trials of each rung and their share of the resource.

    Parameters
    ----------
    trials : int
        On the first rung.
    factor : int
        One in so many goes on.
    steps : int
        How often the smallest amount of the resource is contained in all of it.

    >>> rungs(9, 3, 1000)
    [(9, 0.1111111111111111), (3, 0.3333333333333333), (1, 1.0)]
    >>> rungs(9, 3, 4)
    [(9, 0.3333333333333333), (3, 1.0)]
    """
    count = 1
    while factor**count <= min(trials, steps):
        count += 1
    made = []
    for rung in range(count):
        made.append((trials, factor ** -(count - 1 - rung)))
        trials = ceil(trials / factor)
    return [(each, float(share)) for each, share in made]


def smallest_rows(folds: int, classes: int) -> int:
    """Return the fewest rows that a rung fits on: those of scikit-learn."""
    return 2 * folds * max(classes, 1)


def fewer_rows(on: Array, y: Array, classes: int, share: float, seed: Sequence[int]) -> Array:
    """Return a share of the rows to fit on, in order; a smaller share is part of a larger one.

    Parameters
    ----------
    on : array of int
        The rows that a fold is fitted on.
    y : array
        The target of all rows; each class keeps its share.
    classes : int
        0 for a target of numbers.
    share : float
        Of the rows, above 0 and at most 1.
    seed : sequence of int
        Which rows follows from it.
    """
    import numpy as np

    if share >= 1:
        return on
    random = np.random.default_rng(seed)
    place = np.empty(len(on))
    codes = y[on] if classes else np.zeros(len(on), int)
    for code in np.unique(codes):
        mine = np.flatnonzero(codes == code)
        place[mine] = (random.permutation(len(mine)) + 0.5) / len(mine)
    first = np.argsort(place, kind="stable")[: max(2, round(share * len(on)))]
    return np.sort(on[first])


def iterations(model: AnyModel) -> tuple[str, int] | None:
    """Return what the model calls its number of trees, and the number; None where it has none."""
    if not isinstance(model, Model) or model.family != "trees":
        return None
    # A model by its dotted path says of its defaults only once it is made.
    made = model.build(model.tasks[0], 0).get_params(deep=False)
    known = {**made, **model.model_dump(mode="json")}
    named = ((name, known.get(name)) for name in ITERATIONS)
    return next(((name, each) for name, each in named if isinstance(each, int)), None)


def fewer_iterations(model: AnyModel, share: float) -> AnyModel:
    """Return the model with a share of its trees, at least one."""
    found = iterations(model)
    if found is None or share >= 1:
        return model
    name, count = found
    return with_parameters(model, {name: max(1, round(share * count))})
