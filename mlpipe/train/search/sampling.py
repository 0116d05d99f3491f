"""Which parameters are tried where no trial depends on another: a grid, or at random.

Trials are shared in turn: each candidate that has a space gets one, then each gets the next. So
trial ``i`` is the same whatever number of trials there is.
"""

from __future__ import annotations

from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlpipe.train.search.spec import Search

    Drawn = tuple[str, dict[str, Any]]

__all__ = ["grid", "points", "random", "turn", "wanted"]

DEFAULT_TRIALS = 40


def wanted(spec: Search, candidates: Sequence[str]) -> int:
    """Return how many trials the search has, those of the candidates as they are among them."""
    if spec.method != "grid":
        return spec.trials or DEFAULT_TRIALS
    whole = len(candidates) + sum(points(spec, name) for name in spec.searched(candidates))
    return min(whole, spec.trials or whole)


def points(spec: Search, candidate: str) -> int:
    """Return the number of points of a candidate's grid."""
    sizes = [len(domain.grid() or ()) for domain in spec.domains(candidate).values()]
    return prod(sizes)


def turn(spec: Search, candidates: Sequence[str], number: int) -> str:
    """Return whose turn a trial is."""
    searched = spec.searched(candidates)
    return searched[(number - len(candidates)) % len(searched)]


def random(spec: Search, candidates: Sequence[str], seed: int) -> list[Drawn]:
    """Draw the parameters of every trial; each has a generator of its own.

    Trial ``i`` depends on the seed and ``i`` alone.
    """
    numbers = range(len(candidates), wanted(spec, candidates))
    names = [turn(spec, candidates, number) for number in numbers]
    return [
        (name, _draw(spec, name, seed, number)) for number, name in zip(numbers, names, strict=True)
    ]


def _draw(spec: Search, candidate: str, seed: int, number: int) -> dict[str, Any]:
    import numpy as np

    generator = np.random.default_rng([seed, number])
    return {name: domain.draw(generator) for name, domain in spec.domains(candidate).items()}


def grid(spec: Search, candidates: Sequence[str]) -> list[Drawn]:
    """Return the first points of the grids, in the order of scikit-learn's ``ParameterGrid``.

    The parameters are sorted by name, and the last of them changes fastest.
    """
    count = wanted(spec, candidates) - len(candidates)
    return list(islice(_interleaved(spec, candidates), count))


def _interleaved(spec: Search, candidates: Sequence[str]) -> Iterator[Drawn]:
    from sklearn.model_selection import ParameterGrid

    grids: Mapping[str, Any] = {
        name: ParameterGrid({key: each.grid() for key, each in spec.domains(name).items()})
        for name in spec.searched(candidates)
    }
    longest = max(points(spec, name) for name in grids)
    for place in range(longest):
        for name, points_of in grids.items():
            if place < points(spec, name):
                yield name, points_of[place]
