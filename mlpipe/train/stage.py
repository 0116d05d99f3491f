"""The train step: candidates compared over the folds, the best one fitted, calibrated, told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import score_columns
from mlpipe.bundle.calibration import calibrated, learn
from mlpipe.bundle.model import Model
from mlpipe.errors import ComputeError, DataError, Problem
from mlpipe.features.pipeline import needed
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.scores import for_task
from mlpipe.table.columns import ROW
from mlpipe.table.folds import fold_pairs
from mlpipe.table.kinds import type_word
from mlpipe.train.compare import Comparison, check_pairs, compare, measure
from mlpipe.train.fit import Data, Fit, Fitted, run
from mlpipe.train.importance import importance
from mlpipe.train.target import Target, read_target

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.features.plan import Plan
    from mlpipe.metrics.scores import Metric
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.train.spec import Train

__all__ = ["train"]

FEW_VALID = 100
"""With fewer valid rows, importance is measured on train."""


def train(  # noqa: PLR0917 - what a model is made of, in the order of the steps
    spec: Train,
    task: str,
    columns: Columns,
    seed: int,
    plan: Plan,
    table: ir.Table,
    parts: ir.Table,
    folds_kind: str,
    folds_count: int,
    session: Session,
    *,
    on_progress: Callable[[int, int, str], None] = lambda *_: None,
    jobs: int | None = None,
) -> dict[str, Any]:
    """Compare the candidates, fit the best one, and say how good it was on rows it had not seen.

    Parameters
    ----------
    spec : Train
    task : {"binary", "multiclass", "regression"}
    columns : Columns
        Names the target, its positive class and the weight.
    seed : int
    plan, table : from the featurize step
        The table has ``_row``, the target, the weight, raw and look-back columns.
    parts : ibis table
        ``_row``, ``part``, ``fold`` from the split step.
    folds_kind, folds_count
        ``folds`` in the report of split.
    session : Session
    on_progress : callable
        Told ``(done, total, words)`` after each fit.
    jobs : int, optional
        Processes; by default as many as there are cores, where there is enough to do. The
        outputs do not depend on it.

    Returns
    -------
    dict
        ``model.skops`` (bytes); ``model`` (what the bundle says of it); ``candidates``; ``report``;
        ``out_of_fold`` and ``valid``: tables of ``_row``, ``truth`` (class code or number),
        ``weight`` where rows have one, and ``score``, ``score_CLASS`` or ``prediction``. Rows of
        train are scored by models of other folds, rows of valid by a model of train alone.

    Raises
    ------
    DataError
        If nothing can be learned from the target or in a fold.
    SpecError
        If a candidate takes no nulls and gets some, no weights and gets some, or gives no
        probabilities.
    ComputeError
        If a candidate cannot be fitted.
    """
    metric = for_task(spec.metric(task), task, "train.select")
    models = spec.candidates(task)
    rows = _rows(plan, list(models), columns, table, parts)
    is_train = (rows["part"] == "train").to_numpy()
    positions = rows[ROW].to_numpy()
    target = read_target(task, columns, rows[columns.target_name], positions, is_train)
    weight = _weight(columns, rows)
    data = Data(_inputs(rows, plan), target.y, weight, task, len(target.classes))
    on, valid = _positions(is_train), _positions(~is_train)
    pairs = _pairs(rows["fold"].to_numpy(), on, valid, folds_kind, folds_count)
    check_pairs(pairs, data)
    fits = [
        Fit(name, model, fit_on, score, False, f"{name}, fold {number} of {len(pairs)}")
        for name, model in models.items()
        for number, (fit_on, score) in enumerate(pairs, start=1)
    ]
    finals = 1 if not len(valid) or not spec.refit else 2
    watch = _Count(len(fits) + finals, on_progress)
    done = run(fits, data, plan, seed, jobs=jobs, watch=watch)
    raw = {
        name: [each.scores for fit, each in zip(fits, done, strict=True) if fit.name == name]
        for name in models
    }
    _require_probabilities(spec, task, fits, done)
    best = compare(models, raw, pairs, data, metric=metric, calibrate=spec.calibrate)
    last = _final_fits(best.chosen, models[best.chosen], on, valid, finals)
    fitted = run(last, data, plan, seed, jobs=jobs, watch=watch)
    scored = [score for _, score in pairs]
    curves = _curves(spec, best, scored, data)
    trained, final = (
        Model(task, data.classes, each.pipeline, curves) for each in (fitted[0], fitted[-1])
    )
    valid_scores = calibrated(curves, fitted[0].scores) if len(valid) else None
    outputs: dict[str, Any] = {
        "model.skops": _bytes(final, best.chosen),
        "model": _facts(final, best, columns, target, table, data, plan, last[-1]),
        "candidates": best.candidates,
    }
    own = Data(data.frame[needed(plan, best.chosen)], data.y, weight, task, data.classes)
    weighs_on = valid if len(valid) >= FEW_VALID else on
    outputs["report"] = {
        **_report(spec, best, metric, last[-1]),
        "valid": _valid_report(metric, data, valid, valid_scores),
        "importance": importance(trained, own, weighs_on, metric, seed),
        "importance_on": "valid" if len(valid) >= FEW_VALID else "train",
        "warnings": _warnings([*fits, *last], [*done, *fitted], best, metric),
    }
    of_folds = len(pairs) > 1 or not len(valid)
    joined = _concatenated(scored) if of_folds else on[:0]
    outputs["out_of_fold"] = _table(
        positions, joined, best.scores if of_folds else best.scores[:0], data, target, session
    )
    none = best.scores[:0]
    outputs["valid"] = _table(
        positions, valid, none if valid_scores is None else valid_scores, data, target, session
    )
    return outputs


class _Count:
    """Counts fits for whoever watches."""

    def __init__(self, total: int, tell: Callable[[int, int, str], None]) -> None:
        self.done, self.total, self.tell = 0, total, tell

    def __call__(self, words: str) -> None:
        self.done += 1
        self.tell(self.done, self.total, words)
