"""What customers answered: the Net Promoter Score and the share that is satisfied.

Sources: Reichheld 2003 for the score; the adjusted Wald interval of Rocks 2016 (The American
Statistician 70, 365-372), which three quarters of a promoter, as much of a detractor and three
answers in all are added for; Wilson 1927 for shares; Zou and Donner 2008 for differences.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.estimate import Estimate, from_draws
from mlpipe.metrics.intervals import wilson, wilson_tail
from mlpipe.metrics.redraw import redraw
from mlpipe.spec.part import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.metrics.arrays import Array

__all__ = ["Feedback", "difference", "response_rate", "satisfaction"]

Name = Annotated[str, Field(min_length=1)]
_OWN = ("path", "join", "column", "method", "scale", "by", "max_bad_rows", "options")
_Z = NormalDist().inv_cdf(0.975)
_NOBODY = "nobody answered"


class Feedback(Part):
    """Answers of customers, joined to the rows they are about."""

    path: Name | None = None
    """Path, glob or URL of the answers; or name a database among the options."""
    join: Name | tuple[Name, ...]
    """The columns, of the table and of the answers, that say whose answer it is."""
    column: Name
    """The column that holds the answer; a null is no answer."""
    method: Literal["nps", "csat"] = "nps"
    """nps: the share of 9 and 10 less the share of 0 to 6; csat: the share of the best two."""
    scale: Annotated[int, Field(ge=3, le=100)] | None = None
    """The best answer there is, where answers begin at 1: of csat, 5 where left out."""
    by: Name | None = None
    """A column of the table by whose values the answers are compared, such as who was treated."""
    max_bad_rows: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, lt=1)] = 0
    """How many rows of the answers may be unreadable: a count, or a share below 1."""
    options: dict[str, Any] = Field(default_factory=dict)
    """How to read them: any further field of a source."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_path(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "options" in values:
            return values
        own = {key: value for key, value in values.items() if key in _OWN}
        return {**own, "options": {k: v for k, v in values.items() if k not in own}}

    @model_validator(mode="after")
    def _fits_together(self) -> Feedback:
        if not self.join:
            hint = {"hint": "e.g. join: customer_id"}
            raise PydanticCustomError("feedback", "feedback is joined on a column at least", hint)
        if self.path is None and "database" not in self.options:
            raise PydanticCustomError("feedback", "feedback needs a path, or a database")
        if self.method == "nps" and self.scale is not None:
            raise PydanticCustomError(
                "feedback", "nps is asked from 0 to 10", {"hint": "drop scale, or method: csat"}
            )
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that answers are joined on."""
        return (self.join,) if isinstance(self.join, str) else self.join

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that it reads."""
        return (*self.keys, *((self.by,) if self.by else ()))

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest answer there can be."""
        return (0, 10) if self.method == "nps" else (1, self.scale or 5)

    def source_values(self) -> dict[str, Any]:
        """Return plain values of a source, for the room that reads it."""
        return {**({"path": self.path} if self.path is not None else {}), **self.options}

    def points(self, answers: Array) -> Array:
        """Return what each answer counts: 100, 0 or -100 (nps), or 1 and 0 (csat)."""
        import numpy as np

        _, best = self.range
        if self.method == "csat":
            return (answers >= best - 1).astype(float)
        return np.where(answers >= 9, 100.0, np.where(answers <= 6, -100.0, 0.0))


def _mean(points: Array, weight: Array) -> Array:
    return share(total(weight, points), weight.sum(axis=-1))[:, None]


def satisfaction(
    feedback: Feedback,
    answers: Array,
    *,
    seed: int | Sequence[int],
    groups: Array | None = None,
    times: int = 2000,
) -> Estimate:
    """Return the score of some answers with its interval.

    Parameters
    ----------
    feedback : Feedback
    answers : array, shape (n,)
        One for each customer, none missing.
    seed : int or sequence of int
    groups : array of int, shape (n,), optional
        Codes from 0 of customers who are not independent of each other; the interval is then a
        bootstrap's.
    times : int
        Resamples of it.

    Returns
    -------
    Estimate
        Of nps from -100 to 100, by adjusted Wald; of csat from 0 to 1, by Wilson.
    """
    import numpy as np

    if not len(answers):
        return Estimate(None, why=_NOBODY)
    points = feedback.points(answers)
    value = float(points.mean())
    if groups is not None and len(np.unique(groups)) < len(groups):
        codes = np.unique(groups, return_inverse=True)[1]
        drawn = redraw(_mean, (points,), times=times, seed=seed, groups=codes)
        return from_draws(Estimate(value), drawn[:, 0])
    if feedback.method == "csat":
        return _proportion(int(points.sum()), len(points))
    return _adjusted_wald(value, int((points > 0).sum()), int((points < 0).sum()), len(points))


def response_rate(answered: int, asked: int) -> Estimate:
    """Return the share of customers who answered, with Wilson's interval."""
    return _proportion(answered, asked) if asked else Estimate(None, why="no customers")


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return by how much the first of two independent figures is greater, with its interval.

    From the two intervals alone (MOVER, Zou and Donner 2008): it is as askew as they are.
    """
    ends = (first.value, first.low, first.high, second.value, second.low, second.high)
    if any(end is None for end in ends):
        return Estimate(None, why=first.why or second.why)
    a, a_low, a_high, b, b_low, b_high = (float(end) for end in ends if end is not None)
    low = a - b - math.hypot(a - a_low, b_high - b)
    high = a - b + math.hypot(a_high - a, b - b_low)
    return Estimate(a - b, low, high, "mover")


def _proportion(successes: int, n: int) -> Estimate:
    share = successes / n
    low, high = wilson(successes, n)
    return Estimate(share, low, high, "wilson", tail=lambda bound: wilson_tail(share, n, bound))


def _adjusted_wald(value: float, promoters: int, detractors: int, n: int) -> Estimate:
    up, down = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    centre = 100 * (up - down)
    error = 100 * math.sqrt((up + down - (up - down) ** 2) / (n + 3))
    low, high = max(-100.0, centre - _Z * error), min(100.0, centre + _Z * error)
    normal: Callable[[float], float] = NormalDist(centre, error).cdf
    return Estimate(
        value, min(low, value), max(high, value), "adjusted_wald", tail=lambda at: 1 - normal(at)
    )
