"""Explain a model on held-out rows: importance, curves, and the worst of its mistakes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError
from mlpipe.explain.curves import ROWS, curve
from mlpipe.explain.explained import groups
from mlpipe.explain.importance import importance
from mlpipe.explain.permutation import one_thread
from mlpipe.explain.reasons import asked_of_each, reasons
from mlpipe.explain.worst import loss, worst_entries, worst_rows, wrong_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.random import Generator

    from mlpipe.explain.explained import Explained
    from mlpipe.explain.held import Held
    from mlpipe.explain.reasons import Reasons
    from mlpipe.explain.spec import Explain
    from mlpipe.metrics.arrays import Array

__all__ = ["explain"]

MOST = 1_000_000
"""So many rows are predicted for importance, over all columns and repeats."""

MOST_FOR_REASONS = 200_000
"""So many for the reasons of the worst rows; of wide tables fewer of them have reasons."""

_FEWEST = 200
_DRAWN = frozenset({"number", "date", "boolean", "category"})


def explain(
    spec: Explain,
    model: Explained,
    held: Held,
    *,
    metric: str,
    background: pd.DataFrame | None,
    places: Callable[[list[int]], Mapping[int, tuple[str, int]]],
    seed: int,
) -> dict[str, Any]:
    """Say what a model uses, on rows of the part that is judged.

    Parameters
    ----------
    spec : Explain
    model : Explained
    held : Held
    metric : str
        The one that chose the model.
    background : DataFrame, optional
        What the bundle keeps to compare a row with; without, there are no reasons.
    places : callable
        From positions of rows to the file and line of those that have one.
    seed : int

    Returns
    -------
    dict
        ``report``, JSON-safe: ``part``, ``rows`` that were shuffled, ``of`` how many, ``repeats``,
        what `importance` gives, ``curves``, ``worst`` and ``warnings``.
    """
    import numpy as np

    together = groups(model.plan, list(map(str, held.frame)))
    random = np.random.default_rng((seed, 1))
    at = _sample(len(held), _rows(spec, len(together)), random)
    said: list[str] = []
    with one_thread():
        find = partial(importance, model, held, at, together, metric=metric,
                       repeats=spec.repeats, random=random)  # fmt: skip
        measured = _tried("importance", said, find) or {"importance": []}
        ranked = [each["column"] for each in measured["importance"]]
        curves = _curves(spec.curves, model, held, at, ranked, said)
        why = None
        worst = worst_rows(held, spec.worst)
        if spec.reasons and background is not None and len(worst) and together:
            why = _reasons(model, held, worst, together, background, seed, said)
    located = places([int(row) for row in held.rows[worst]])
    report = {
        "part": held.part,
        "rows": len(at),
        "of": held.of,
        "repeats": spec.repeats,
        **measured,
        "curves": curves,
        "worst": _worst(held, worst, why, located),
        "warnings": said,
    }
    return {"report": report}


def _rows(spec: Explain, columns: int) -> int:
    """Return how many rows are shuffled: of wide tables fewer, for the work is bounded."""
    return min(spec.rows, max(_FEWEST, MOST // max(1, columns * spec.repeats)))


def _sample(rows: int, most: int, random: Generator) -> Array:
    import numpy as np

    if rows <= most:
        return np.arange(rows)
    return np.sort(random.choice(rows, most, replace=False))


def _tried(what: str, said: list[str], find: Callable[[], Any]) -> Any:
    """Return what is found, or None and say why not: no verdict hangs on an explanation.

    Values that never met in a row of the data may be too much for the model.
    """
    try:
        return find()
    except DataError as error:
        said.append(f"no {what}: {error.problems[0].message}")
        return None


def _curves(
    most: int, model: Explained, held: Held, at: Array, ranked: Sequence[str], said: list[str]
) -> list[dict[str, Any]]:
    """Return the curves of the most important columns that can have one."""
    import numpy as np

    able = [name for name in ranked if held.kinds.get(name) in _DRAWN and name in held.frame]
    # A curve tells the values of its column one by one.
    able = [name for name in able if name not in held.withheld and model.answers_to(name)][:most]
    frame = held.frame.iloc[at].reset_index(drop=True)
    few = np.linspace(0, len(frame) - 1, min(ROWS, len(frame))).round().astype(int)
    rows = frame.iloc[few].reset_index(drop=True)
    classes = held.classes if held.task == "multiclass" else ()
    found = []
    for name in able:
        values: pd.Series[Any] = frame[name]
        draw = partial(curve, model, rows, values, held.kinds[name], classes)
        drawn = _tried(f"curve of {name}", said, draw)
        found += [drawn] if drawn and len(drawn["at"]) > 1 else []
    return found


def _reasons(
    model: Explained,
    held: Held,
    worst: Array,
    together: Mapping[str, Sequence[str]],
    background: pd.DataFrame,
    seed: int,
    said: list[str],
) -> Reasons | None:
    """Return the reasons of the worst rows, of wide tables of the first of them."""
    of_one = asked_of_each(len(together), len(background))
    worst = worst[: max(1, MOST_FOR_REASONS // max(1, of_one))]
    labels = held.labels(held.scores)[worst] if held.task == "multiclass" else None
    rows = held.frame.iloc[worst].reset_index(drop=True)
    find = partial(reasons, model.scores, rows, background, together, seed=seed, of=labels)
    found: Reasons | None = _tried("reasons", said, find)
    return found


def _worst(
    held: Held, worst: Array, why: Reasons | None, places: Mapping[int, tuple[str, int]]
) -> dict[str, Any]:
    numbers = held.task == "regression"
    one_base = why is not None and held.task != "multiclass"
    return {
        "among": len(held),
        "wrong": None if numbers else int(wrong_rows(held).sum()),
        "unit": loss(held)[1],
        "base": float(why.base[0]) if why is not None and one_base else None,
        "rows": worst_entries(held, worst, why, places),
    }
