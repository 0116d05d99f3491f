"""Any figure that the spec can name, over any rows, with its interval."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from mlpipe.evaluate.forecasts import compare_forecasts
from mlpipe.metrics.estimate import Estimate, compare, estimate, point
from mlpipe.metrics.fairness.estimates import disparities, rate_estimates
from mlpipe.metrics.scores import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.evaluate.judged import Judged
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.estimate import Outcomes
    from mlpipe.metrics.named import Vocabulary

__all__ = ["FEWEST_POSITIVES", "FEWEST_ROWS", "Measures", "too_few"]

FEWEST_ROWS = 100
FEWEST_POSITIVES = 10


def too_few(
    rows: int,
    positives: int | None,
    least: tuple[int, int] = (FEWEST_ROWS, FEWEST_POSITIVES),
) -> str:
    """Say why so few rows prove nothing; empty where they are enough.

    Parameters
    ----------
    rows : int
    positives : int or None
        None where the task is not binary.
    least : (int, int)
        Rows and positives that are enough.
    """
    if rows < least[0]:
        return f"{rows} rows, fewer than {least[0]}"
    if positives is not None and positives < least[1]:
        return f"{positives} positives, fewer than {least[1]}"
    return ""


class Measures:
    """Measures the same way everywhere: one seed, one count of resamples.

    Parameters
    ----------
    seed : int
        The seed of the spec; each place draws its own stream of it.
    times : int
        Resamples of a bootstrap.
    vocabulary : Vocabulary
        The metrics by name: those of mlpipe, and those of the spec's own code.
    """

    def __init__(self, seed: int, times: int = 2000, vocabulary: Vocabulary = METRICS) -> None:
        self.seed = seed
        self.times = times
        self.vocabulary = vocabulary
        self._known: dict[tuple[str, str, int], Estimate] = {}

    def fewer(self, times: int) -> Measures:
        """Return the same with at most so many resamples."""
        found = Measures(self.seed, min(times, self.times), self.vocabulary)
        found._known = self._known
        return found

    def metrics(self, names: Sequence[str], judged: Judged, place: str) -> dict[str, Estimate]:
        """Return the estimate of each metric; a gate finds what the report has measured."""
        new = [name for name in names if (place, name, self.times) not in self._known]
        metrics = [self.vocabulary[name] for name in new]
        found = estimate(metrics, judged.outcomes, seed=self.stream(place), times=self.times)
        self._known |= {(place, name, self.times): each for name, each in found.items()}
        return {name: self._known[place, name, self.times] for name in names}

    def points(self, names: Sequence[str], told: Outcomes) -> dict[str, Estimate]:
        """Return the values alone: of a baseline, or of rows too few for intervals."""
        return {name: point(self.vocabulary[name], told) for name in names}

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
        if (forecasts := compare_forecasts(name, judged, rival)) is not None:
            return forecasts
        found = compare(
            self.vocabulary[name],
            judged.outcomes,
            rival,
            seed=self.stream(place),
            times=self.times,
        )
        return replace(found, why=found.why.replace("the other", f"the {other}"))

    def worth(self, name: str, judged: Judged, place: str) -> dict[str, Estimate]:
        """Return a business metric per 1,000 rows, and over the naive policies and the champion.

        The naive policy is the best of those that need no model, in each resample. Of feedback it
        is the score, and there is nothing to hold it to.

        Returns
        -------
        dict
            ``value``, ``over_baseline``, and ``over_champion`` where there is one.
        """
        return judged.worth[name].estimates(
            judged.outcomes, seed=self.stream(place), times=self.times
        )

    def disparities(
        self, names: Sequence[str], told: Outcomes, codes: Array, place: str
    ) -> dict[str, Estimate]:
        """Return each fairness metric over the groups of ``codes`` (−1: in no group)."""
        return disparities(names, told, codes, seed=self.stream(place), times=self.times)

    def rates(
        self, names: Sequence[str], told: Outcomes, codes: Array, place: str
    ) -> list[dict[str, Estimate]]:
        """Return the rates of each of the groups of ``codes``."""
        return rate_estimates(names, told, codes, seed=self.stream(place), times=self.times)

    def stream(self, place: str) -> tuple[int, int]:
        """Return the seed of a place: each draws numbers of its own."""
        return self.seed, crc32(place.encode())
