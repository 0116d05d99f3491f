"""One fit: features and estimator on some rows, scores for others, and what was said meanwhile."""

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.model import raw_scores
from mlpipe.errors import ComputeError, MlpipeError, Problem, SpecError
from mlpipe.features.pipeline import build, needed
from mlpipe.metrics.arrays import Array
from mlpipe.train.models import AnyModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
    """

    frame: "pd.DataFrame"
    y: Array
    weight: Array | None
    task: str
    classes: int


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
    """What a fit gave: a pipeline where it was wanted, scores, warnings; or an error."""

    pipeline: Any = None
    scores: Any = None
    warnings: tuple[str, ...] = ()
    error: tuple[type[MlpipeError], tuple[Problem, ...]] | None = None


def run(
    fits: "Sequence[Fit]",
    data: Data,
    plan: "Plan",
    seed: int,
    *,
    jobs: int | None = None,
    watch: "Callable[[str], None]" = lambda _: None,
) -> list[Fitted]:
    """Do the fits, in processes where there is enough to do; the answers do not depend on it.

    Raises
    ------
    MlpipeError
        The first error of the fits, in their order.
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
    for fitted in done:
        if fitted.error is not None:
            kind, problems = fitted.error
            raise kind(*problems)
    return done


def _calls(
    fits: "Sequence[Fit]", data: Data, plan: "Plan", seed: int
) -> "Iterator[tuple[int, tuple[Any, ...]]]":
    for at, fit in enumerate(fits):
        own = Data(data.frame[needed(plan, fit.name)], data.y, data.weight, data.task, data.classes)
        yield at, (fit, own, plan, seed)


def _numbered(at: int, fit: Fit, data: Data, plan: "Plan", seed: int) -> tuple[int, Fitted]:
    """Run one fit where it may be another process: errors travel as plain values."""
    try:
        return at, _fit(fit, data, plan, seed)
    except MlpipeError as error:
        return at, Fitted(error=(type(error), error.problems))


def _fit(fit: Fit, data: Data, plan: "Plan", seed: int) -> Fitted:
    import warnings

    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # One thread: sums in another order would be other bytes.
    with warnings.catch_warnings(record=True) as said, threadpool_limits(limits=1):
        warnings.simplefilter("always")
        pipeline = _fit_pipeline(fit, data, plan, seed)
        scores = None
        if len(fit.score):
            rows = data.frame.iloc[fit.score]
            with _named(fit, "score rows that it was not fitted on"):
                scores = raw_scores(pipeline, data.task, data.classes, rows)
    told = tuple(dict.fromkeys(_told(warning.message) for warning in said))
    return Fitted(pipeline if fit.keep else None, scores, told)


def _fit_pipeline(fit: Fit, data: Data, plan: "Plan", seed: int) -> Any:
    """Fit step by step, to say which step cannot go on and why."""
    from sklearn.pipeline import Pipeline

    features = build(plan, fit.name, seed)
    estimator = fit.model.build(data.task, seed)
    y = data.y[fit.on]
    with _named(fit, "be fitted"):
        made = features.fit_transform(data.frame.iloc[fit.on], y)
        _refuse_nulls(made, features, estimator, fit)
        estimator.fit(made, y, **_weights(estimator, data, fit))
    return Pipeline([("features", features), ("model", estimator)])


@contextmanager
def _named(fit: Fit, what: str) -> "Iterator[None]":
    """Say which candidate it was that scikit-learn complained of."""
    try:
        yield
    except (ValueError, TypeError, ArithmeticError) as error:
        why = str(error).strip().partition("\n")[0]
        key = f"train.models.{fit.name}"
        raise ComputeError(Problem(f"{fit.name} cannot {what}: {why}", key=key)) from error


def _weights(estimator: Any, data: Data, fit: Fit) -> dict[str, Array]:
    from sklearn.utils.validation import has_fit_parameter

    if data.weight is None:
        return {}
    if not has_fit_parameter(estimator, "sample_weight"):
        raise SpecError(
            Problem(
                f"{fit.name} ({fit.model.type}) takes no row weights",
                key=f"train.models.{fit.name}",
                hint="take another model, or leave columns.weight out",
            )
        )
    return {"sample_weight": data.weight[fit.on]}


def _refuse_nulls(made: Any, features: Any, estimator: Any, fit: Fit) -> None:
    """Refuse missing values where the estimator takes none, and say which feature has them."""
    import numpy as np
    from scipy.sparse import issparse
    from sklearn.utils import get_tags

    if get_tags(estimator).input_tags.allow_nan:
        return
    if issparse(made):
        cells = made.tocoo()
        holes = np.unique(cells.col[np.isnan(cells.data)])
    else:
        holes = np.flatnonzero(np.isnan(np.asarray(made, float)).any(axis=0))
    names = [str(name) for name in features.get_feature_names_out()[holes]] if len(holes) else []
    if names:
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise SpecError(
            Problem(
                f"{fit.name} ({fit.model.type}) takes no nulls, and these features have some: "
                f"{shown}",
                key=f"train.models.{fit.name}",
                hint="put `impute: median` first in the steps of their block in featurize",
            )
        )


def _told(message: Warning | str) -> str:
    from sklearn.exceptions import ConvergenceWarning

    if isinstance(message, ConvergenceWarning):
        return "did not converge: raise max_iter, or scale the features"
    return f"{type(message).__name__}: {str(message).strip().partition(chr(10))[0]}"
