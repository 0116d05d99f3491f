"""Whether a graph says what the model says: compared on held-out rows, or it is not kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import answer
from mlpipe.bundle.calibration import calibrated
from mlpipe.bundle.onnx.convert import Converted, convert
from mlpipe.bundle.onnx.graph import NotConvertibleError
from mlpipe.bundle.onnx.session import raw_scores
from mlpipe.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlpipe.bundle.model import Model

__all__ = ["beside", "unusual"]

_UNUSUAL = 200
"""So many rows are made with a missing value or a new level."""
_NEW = "\N{REPLACEMENT CHARACTER}new"


def beside(
    model: Model,
    facts: Mapping[str, Any],
    fitted_on: pd.DataFrame,
    held_out: pd.DataFrame,
    *,
    threshold: float | None,
    tolerance: float,
    part: str,
) -> tuple[bytes | None, dict[str, Any]]:
    """Return the ONNX file of a model, or None, and the report on how it compares.

    Parameters
    ----------
    model : Model
    facts : mapping
        ``model.json`` of the train step: names the model and its inputs.
    fitted_on, held_out : DataFrame
        Raw and look-back columns of the rows that it was fitted on, and of those to compare.
    threshold : float or None
        From which score on a row is positive.
    tolerance : float
        How far apart a score may be; of regression, relative to the largest prediction.
    part : str
        Where the held-out rows are from, for the report.

    Returns
    -------
    tuple
        The file, and ``kept``, ``why``, ``rows``, ``part``, ``unusual`` (rows made with missing
        values and new levels), ``largest_difference``, ``flipped`` labels, ``tolerance``,
        ``inputs``, ``opsets`` and ``libraries``.
    """
    report = {
        "kept": False,
        "why": "",
        "model": facts["model"]["type"],
        "tolerance": tolerance,
        "part": part,
        "calibration": "after the graph, by the bundle" if model.curves else None,
        "libraries": _libraries(),
    }
    try:
        made = convert(model, fitted_on)
        rows, count = _with_unusual(model, held_out, facts["inputs"])
        compared = _compared(model, facts["classes"], made, rows, threshold, tolerance)
    except NotConvertibleError as error:
        return None, {**report, "why": str(error)}
    report |= {"rows": len(held_out), "unusual": count, **compared}
    report |= {"inputs": [asdict(each) for each in made.inputs], "opsets": made.opsets}
    report["kept"] = not report["why"]
    return (made.data if report["kept"] else None), report


def _compared(
    model: Model,
    classes: Sequence[Any],
    made: Converted,
    rows: pd.DataFrame,
    threshold: float | None,
    tolerance: float,
) -> dict[str, Any]:
    import numpy as np

    ours = model.scores(rows)
    theirs = calibrated(model.curves, _of_graph(model, made, rows))
    apart = np.abs(ours - theirs)
    apart[np.isnan(ours) & np.isnan(theirs)] = 0.0
    undefined = int((~np.isfinite(apart)).reshape(len(rows), -1).any(axis=1).sum())
    largest = float(np.max(apart[np.isfinite(apart)], initial=0.0))
    flipped = 0
    if model.task != "regression":
        said, other = (
            answer(each, model.task, classes, threshold)["prediction"].to_numpy()
            for each in (ours, theirs)
        )
        flipped = int((said != other).sum())
    allowed = tolerance * _scale(model, ours)
    why = _why(undefined, flipped, largest, allowed)
    return {"largest_difference": largest, "allowed": allowed, "flipped": flipped, "why": why}


def _why(undefined: int, flipped: int, largest: float, allowed: float) -> str:
    """Say what is wrong with the graph; nothing, if nothing is."""
    if undefined:
        return f"{_count(undefined, 'row has', 'rows have')} no score in one of the two"
    if flipped:
        differ = _count(flipped, "label differs", "labels differ")
        return f"{differ}; scores differ by up to {largest:.2g}"
    if largest > allowed:
        return f"scores differ by up to {largest:.2g}, more than {allowed:.2g}"
    return ""


def _count(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def _scale(model: Model, scores: NDArray[Any]) -> float:
    import numpy as np

    if model.task != "regression":
        return 1.0
    return float(np.max(np.abs(scores[np.isfinite(scores)]), initial=0.0)) or 1.0


def _of_graph(model: Model, made: Converted, rows: pd.DataFrame) -> NDArray[Any]:
    """Return the scores of the graph; what onnxruntime cannot run is not convertible."""
    try:
        return raw_scores(made.data, made.inputs, model, rows)
    # onnxruntime raises classes of its own, without a common name that is public.
    except Exception as error:
        why = str(error).strip().partition("\n")[0][:200]
        raise NotConvertibleError(f"onnxruntime does not run the graph: {why}") from error


def _with_unusual(
    model: Model, rows: pd.DataFrame, inputs: Sequence[Mapping[str, Any]]
) -> tuple[pd.DataFrame, int]:
    """Add rows with missing values and new levels, where the model takes them."""
    import pandas as pd

    odd = unusual(rows, inputs)
    try:
        model.scores(odd)
    except DataError:
        return rows, 0
    together = pd.concat([rows.astype(odd.dtypes), odd], ignore_index=True)
    return together, len(odd)


def unusual(rows: pd.DataFrame, inputs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the first rows, in each one value missing that may be, or one level that is new.

    Parameters
    ----------
    rows : DataFrame
    inputs : sequence of {"name", "type", "nullable"}
    """
    import numpy as np

    odd = rows.head(_UNUSUAL).reset_index(drop=True)
    nullable = [each["name"] for each in inputs if each["nullable"]]
    texts = [each["name"] for each in inputs if each["type"] == "string"]
    changes = [*((name, None) for name in nullable), *((name, _NEW) for name in texts)]
    for at, (name, value) in enumerate(changes):
        where = np.arange(len(odd)) % len(changes) == at
        column = odd[name] if value is None else odd[name].astype(object)
        odd[name] = column.mask(where) if value is None else column.mask(where, value)
    return odd


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    from mlpipe.bundle.onnx.session import EXTRA

    return {name: version(name) for name in EXTRA}
