"""From a function of the user to a metric like the others, over resamples too."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError, Problem, SpecError
from mlpipe.features.python import load, with_neighbours
from mlpipe.metrics.metric import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.evaluate.custom import Custom
    from mlpipe.metrics.arrays import Array

__all__ = ["RESAMPLES", "custom_metric"]

RESAMPLES = 200
"""Resamples of a function that has to be called for each of them."""
_TAKES = ("actual", "predicted", "score", "weight")
_SIGNATURE = "actual: numpy.ndarray, predicted: numpy.ndarray"


def custom_metric(custom: Custom, source: str, task: str, classes: Sequence[Any]) -> Metric:
    """Return the metric that calls the function.

    A function that takes no ``weight`` is called with rows repeated as often as they were drawn;
    one that does, with the rows once and how much each counts.

    Parameters
    ----------
    custom : Custom
    source : str
        The text of its file.
    task : str
    classes : sequence
        In the order of their codes. Of more than two, the function is given the names; of two,
        1 for the positive class and 0.

    Raises
    ------
    SpecError
        The source does not run, or the function takes something else.
    """
    key = f"evaluate.metrics.{custom.name}"
    with with_neighbours(custom.path):
        # Not from the cache: what it imports may have changed while it has not.
        function = load.__wrapped__(custom.path, custom.function, source, _SIGNATURE, "float")
    takes = _parameters(function, custom, key)
    names = _names(task, classes)

    def formula(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:
        import numpy as np

        told = {
            "actual": y if names is None else names[y],
            "predicted": pred if names is None else names[pred],
            "score": score,
        }
        told = {name: each for name, each in told.items() if name in takes}
        rows = weight.reshape(-1, len(y))
        values = [_called(function, custom, key, told, one, "weight" in takes) for one in rows]
        return np.array(values).reshape(weight.shape[:-1])

    return Metric(
        custom.name,
        custom.tasks(task),
        custom.needed(task),
        custom.greater_is_better,
        f"{custom.function} of {custom.path}",
        formula,
        f"{custom.function} returned no finite number",
        least=-float("inf"),
        resamples=RESAMPLES,
    )


def _parameters(function: Callable[..., Any], custom: Custom, key: str) -> frozenset[str]:
    """Return the names of what it takes."""
    try:
        found = dict(inspect.signature(function).parameters)
    except ValueError:  # a function of C that does not say
        found = {}
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    odd = [name for name, each in found.items() if name not in _TAKES or each.kind not in by_name]
    if odd or not found:
        what = f"takes {', '.join(odd) or 'nothing'}; expected some of: {', '.join(_TAKES)}"
        hint = f"def {custom.function}({_SIGNATURE}) -> float"
        raise SpecError(Problem(f"{custom.function} {what}", custom.path, key, hint))
    return frozenset(found)


def _names(task: str, classes: Sequence[Any]) -> Array | None:
    """Return the names of many classes by their codes; None where codes say it all."""
    import numpy as np

    if task != "multiclass":
        return None
    names = np.empty(len(classes) + 1, dtype=object)  # the last: one that training never saw
    names[: len(classes)] = list(classes)
    return names


def _called(
    function: Callable[..., Any],
    custom: Custom,
    key: str,
    told: dict[str, Any],
    weight: Array,
    weighted: bool,
) -> float:
    """Call the function for one resample, with copies of the rows."""
    import numpy as np

    counts = weight.astype(int)
    if not weighted and (counts != weight).any():
        what = f"rows have weights, and {custom.function} takes none"
        hint = f"def {custom.function}({_SIGNATURE}, weight: numpy.ndarray) -> float"
        raise SpecError(Problem(what, custom.path, key, hint))
    rows = np.flatnonzero(weight) if weighted else np.repeat(np.arange(len(weight)), counts)
    if not len(rows):
        return float("nan")
    given = {name: None if each is None else each[rows] for name, each in told.items()}
    if weighted:
        given["weight"] = weight[rows]
    try:
        value = function(**given)
    except (Exception, SystemExit) as error:
        raise ComputeError(_failure(error, custom, key)) from error
    return _number(value, custom, key)


def _failure(error: BaseException, custom: Custom, key: str) -> Problem:
    """Name the line of the user's file that failed, and why."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == custom.path:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    place = f"{custom.path}:{lines[-1]}" if lines else custom.path
    what = f"{custom.function} failed: {type(error).__name__}: {error}"
    undefined = isinstance(error, ArithmeticError | ValueError)
    hint = "let it return float('nan') where it is undefined" if undefined else ""
    return Problem(what, place, key, hint)


def _number(value: Any, custom: Custom, key: str) -> float:
    import numpy as np

    if value is None or isinstance(value, bool | np.bool_) or np.ndim(value) != 0:
        kind = type(value).__name__
    elif isinstance(value, int | float | np.number) and not np.iscomplexobj(value):
        return float(value)
    else:
        kind = type(value).__name__
    what = f"{custom.function} returned a {kind}; expected a number"
    raise ComputeError(Problem(what, custom.path, key))
