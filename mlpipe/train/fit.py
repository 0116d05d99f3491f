"""One fit: features and estimator on some rows, scores for others, and what was said meanwhile."""

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.combined import raw_scores
from mlpipe.errors import ComputeError, MlpipeError, Problem
from mlpipe.metrics.arrays import Array
from mlpipe.train.ensemble import columns_of, fit_candidate
from mlpipe.train.inner import InnerFolds
from mlpipe.train.models import AnyModel
from mlpipe.train.pipeline import named
from mlpipe.train.target_transform import TargetTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import pandas as pd

    from mlpipe.features.plan import Plan

__all__ = ["Data", "Fit", "Fitted", "run"]

FEW_CELLS = 2_000_000
"""Below so many cells to fit, starting processes takes longer than fitting one by one."""


@dataclass(frozen=True)
class Data:
    """The rows of train and valid.

    Attributes
    ----------
    frame : DataFrame, n rows
        Raw and look-back columns.
    y : array, shape (n,)
    weight : array, shape (n,), or None
    task : str
    classes : int
    labels : tuple
        The classes by code.
    valid : array of int
        The positions of valid: some models stop by them.
    inner : InnerFolds or None
        How folds within a fit are made.
    transform : TargetTransform or None
        The scale that the target is learned on.
    models : mapping of str to Model
        The candidates, for those that are made of others.
    """

    frame: "pd.DataFrame"
    y: Array
    weight: Array | None
    task: str
    classes: int
    labels: tuple[Any, ...] = ()
    valid: Any = ()
    inner: InnerFolds | None = None
    transform: TargetTransform | None = None
    models: "Mapping[str, AnyModel]" = field(default_factory=dict)

    def with_columns(self, names: "Sequence[str]") -> "Data":
        """Return the same rows with some of the columns."""
        return replace(self, frame=self.frame[list(names)])

    def weights(self, rows: Array) -> Array | None:
        """Return the weights of some rows; None where rows have none."""
        return None if self.weight is None else self.weight[rows]


@dataclass(frozen=True)
class Fit:
    """A fit to be done.

    Attributes
    ----------
    name : str
        Of the candidate.
    model : Model
    on, score : array of int
        The positions to fit on, and to score; the latter may be empty.
    keep : bool
        Whether the fitted pipeline is wanted, or only its scores.
    words : str
        For whoever watches.
    """

    name: str
    model: AnyModel
    on: Array
    score: Array
    keep: bool
    words: str


@dataclass(frozen=True)
class Fitted:
    """What a fit gave: a pipeline where it was wanted, scores, warnings; or an error.

    ``seconds`` is for the record of the run alone: no output of a step may hold it.
    """

    pipeline: Any = None
    scores: Any = None
    warnings: tuple[str, ...] = ()
    error: tuple[type[MlpipeError], tuple[Problem, ...]] | None = None
    seconds: float = 0.0


def run(
    fits: "Sequence[Fit]",
    data: Data,
    plan: "Plan",
    seed: int,
    *,
    jobs: int | None = None,
    watch: "Callable[[str], None]" = lambda _: None,
    forgive: "Collection[int]" = (),
) -> list[Fitted]:
    """Do the fits, in processes where there is enough to do; the answers do not depend on it.

    A fit in ``forgive``, by its place, that cannot be computed hands its error back.

    Raises
    ------
    MlpipeError
        The first other error of the fits, in their order.
    ComputeError
        If a process was killed.
    """
    import joblib
    from joblib.externals.loky.process_executor import BrokenProcessPool

    cells = sum(len(fit.on) for fit in fits) * max(data.frame.shape[1], 1)
    processes = jobs or (1 if cells < FEW_CELLS else min(joblib.cpu_count(), len(fits)))
    # Arrays are handed over as copies: a memory map would be read-only, and a file on disk.
    parallel = joblib.Parallel(processes, return_as="generator_unordered", max_nbytes=None)
    calls = (joblib.delayed(_numbered)(at, *call) for at, call in _calls(fits, data, plan, seed))
    found: dict[int, Fitted] = {}
    try:
        for at, fitted in parallel(calls):
            found[at] = fitted
            watch(fits[at].words)
    except BrokenProcessPool as error:
        message = "a process that was fitting was killed, most likely for want of memory"
        raise ComputeError(
            Problem(message, hint="fewer rows or features, smaller models, or more memory")
        ) from error
    done = [found[at] for at in range(len(fits))]
    for at, fitted in enumerate(done):
        if fitted.error is not None:
            kind, problems = fitted.error
            if at in forgive and issubclass(kind, ComputeError):
                continue
            raise kind(*problems)
    return done


def _calls(
    fits: "Sequence[Fit]", data: Data, plan: "Plan", seed: int
) -> "Iterator[tuple[int, tuple[Any, ...]]]":
    narrow = data
    for at, fit in enumerate(fits):
        columns = columns_of(plan, fit.name, data.models)
        if columns != list(narrow.frame):  # to pick columns is to copy them
            narrow = data if columns == list(data.frame) else data.with_columns(columns)
        yield at, (fit, narrow, plan, seed)


def _numbered(at: int, fit: Fit, data: Data, plan: "Plan", seed: int) -> tuple[int, Fitted]:
    """Run one fit where it may be another process: errors travel as plain values."""
    began = time.perf_counter()
    try:
        done = _fit(fit, data, plan, seed)
        return at, replace(done, seconds=time.perf_counter() - began)
    except MlpipeError as error:
        return at, Fitted(error=(type(error), error.problems))


def _fit(fit: Fit, data: Data, plan: "Plan", seed: int) -> Fitted:
    import warnings

    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # One thread: sums in another order would be other bytes.
    with warnings.catch_warnings(record=True) as said, threadpool_limits(limits=1):
        warnings.simplefilter("always")
        pipeline = fit_candidate(fit.name, fit.model, fit.on, data, plan, seed)
        scores = None
        if len(fit.score):
            rows = data.frame.iloc[fit.score]
            with named(fit.name, "score rows that it was not fitted on"):
                scores = raw_scores(pipeline, data.task, data.classes, rows)
    told = tuple(dict.fromkeys(_told(warning.message) for warning in said))
    return Fitted(pipeline if fit.keep else None, scores, told)


def _told(message: Warning | str) -> str:
    from sklearn.exceptions import ConvergenceWarning

    if isinstance(message, ConvergenceWarning):
        return "did not converge: raise max_iter, or scale the features"
    return f"{type(message).__name__}: {str(message).strip().partition(chr(10))[0]}"
