"""Any figure that the spec can name, over any rows, with its interval."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.estimate import Estimate, compare, estimate, from_draws
from mlpipe.metrics.fairness.estimates import disparities, rate_estimates
from mlpipe.metrics.resampling import resample, times_for
from mlpipe.metrics.scores import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.evaluate.judged import Judged
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.estimate import Outcomes

__all__ = ["FEWEST_POSITIVES", "FEWEST_ROWS", "Measures", "too_few"]

FEWEST_ROWS = 100
FEWEST_POSITIVES = 10


def too_few(rows: int, positives: int | None) -> str:
    """Say why so few rows prove nothing; empty where they are enough.

    Parameters
    ----------
    rows : int
    positives : int or None
        None where the task is not binary.
    """
    if rows < FEWEST_ROWS:
        return f"{rows} rows, fewer than {FEWEST_ROWS}"
    if positives is not None and positives < FEWEST_POSITIVES:
        return f"{positives} positives, fewer than {FEWEST_POSITIVES}"
    return ""


class Measures:
    """Measures the same way everywhere: one seed, one count of resamples.

    Parameters
    ----------
    seed : int
        The seed of the spec; each place draws its own stream of it.
    times : int
        Resamples of a bootstrap.
    """

    def __init__(self, seed: int, times: int = 2000) -> None:
        self.seed = seed
        self.times = times
        self._known: dict[tuple[str, str, int], Estimate] = {}

    def fewer(self, times: int) -> Measures:
        """Return the same with at most so many resamples."""
        found = Measures(self.seed, min(times, self.times))
        found._known = self._known
        return found

    def metrics(self, names: Sequence[str], judged: Judged, place: str) -> dict[str, Estimate]:
        """Return the estimate of each metric; a gate finds what the report has measured."""
        new = [METRICS[name] for name in names if (place, name, self.times) not in self._known]
        found = estimate(new, judged.outcomes, seed=self._stream(place), times=self.times)
        self._known |= {(place, name, self.times): each for name, each in found.items()}
        return {name: self._known[place, name, self.times] for name in names}

    @staticmethod
    def points(names: Sequence[str], told: Outcomes) -> dict[str, Estimate]:
        """Return the values alone: of a baseline, or of rows too few for intervals."""
        found = {}
        for name in names:
            if METRICS[name].needs == "score" and told.score is None:
                found[name] = Estimate(None, why="there are no scores")
                continue
            value, why = METRICS[name].measure(
                told.y, pred=told.pred, score=told.score, weight=told.weight
            )
            found[name] = Estimate(value, why=why)
        return found

    def versus(self, name: str, judged: Judged, other: str, place: str) -> Estimate:
        """Return by how much the model is better than the baseline or the champion, paired.

        Parameters
        ----------
        name : str
            A metric or a business metric.
        judged : Judged
        other : str
            ``baseline`` or ``champion``.
        place : str
            Names the stream of random numbers.
        """
        if name in judged.worth:
            return self.worth(name, judged, place)[f"over_{other}"]
        rival = judged.baseline if other == "baseline" else judged.champion
        if rival is None:
            return Estimate(None, why="no champion yet")
        found = compare(
            METRICS[name], judged.outcomes, rival, seed=self._stream(place), times=self.times
        )
        return replace(found, why=found.why.replace("the other", f"the {other}"))

    def worth(self, name: str, judged: Judged, place: str) -> dict[str, Estimate]:
        """Return a business metric per 1,000 rows, and over the naive policies and the champion.

        The naive policy is the better of acting on all rows and on none, in each resample.

        Returns
        -------
        dict
            ``value``, ``over_baseline``, and ``over_champion`` where there is one.
        """
        import numpy as np

        acted, left, keep = _known_worth(judged.worth[name])
        if not keep.any():
            return {each: Estimate(None, why="no rows") for each in ("value", "over_baseline")}
        told, rival = judged.outcomes.take(keep), judged.champion
        policies = [np.where(told.pred == 1, acted, left), acted, left]
        if rival is not None:
            policies.append(np.where(rival.pred[keep] == 1, acted, left))

        def worths(*arrays: Array) -> Array:
            *values, weight = arrays
            rows = weight.sum(axis=-1)
            mine, act, leave, *theirs = (share(1000 * total(weight, each), rows) for each in values)
            against = [mine - np.maximum(act, leave), *(mine - each for each in theirs)]
            return np.stack([mine, *against], axis=-1)

        weight = np.ones(len(told)) if told.weight is None else told.weight
        point = worths(*policies, weight)
        drawn = resample(
            worths,
            policies,
            times=times_for(len(told), self.times),
            seed=self._stream(place),
            groups=told.groups,
            weight=told.weight,
        )
        names = ("value", "over_baseline", "over_champion")[: len(point)]
        return {
            each: from_draws(_point(float(point[k]), "the weights are all 0"), drawn[:, k])
            for k, each in enumerate(names)
        }

    def disparities(
        self, names: Sequence[str], told: Outcomes, codes: Array, place: str
    ) -> dict[str, Estimate]:
        """Return each fairness metric over the groups of ``codes`` (−1: in no group)."""
        return disparities(names, told, codes, seed=self._stream(place), times=self.times)

    def rates(
        self, names: Sequence[str], told: Outcomes, codes: Array, place: str
    ) -> list[dict[str, Estimate]]:
        """Return the rates of each of the groups of ``codes``."""
        return rate_estimates(names, told, codes, seed=self._stream(place), times=self.times)

    def _stream(self, place: str) -> tuple[int, int]:
        return self.seed, crc32(place.encode())


def _known_worth(worth: tuple[Array, Array]) -> tuple[Array, Array, Array]:
    """Keep the rows whose worth is known either way."""
    import numpy as np

    acted, left = worth
    keep = np.isfinite(acted) & np.isfinite(left)
    return acted[keep], left[keep], keep


def _point(value: float, why: str) -> Estimate:
    return Estimate(value) if math.isfinite(value) else Estimate(None, why=why)
