"""The train step: candidates compared over the folds, the best one fitted, calibrated, told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import score_columns
from mlpipe.metrics.scores import for_task
from mlpipe.train.compare import Comparison, compare
from mlpipe.train.fit import Fit, Fitted, run
from mlpipe.train.learning import growing
from mlpipe.train.rows import Rows, read_rows
from mlpipe.train.suits import require_probabilities, require_valid
from mlpipe.train.winner import Winner, crown, final_fits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    import ibis.expr.types as ir

    from mlpipe.features.plan import Plan
    from mlpipe.metrics.scores import Metric
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.train.models import AnyModel
    from mlpipe.train.spec import Train

__all__ = ["train"]


def train(
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
    gap: timedelta | None = None,
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
        ``folds`` in the report of split; with a count of 0, models are compared on valid.
    session : Session
    on_progress : callable
        Told ``(done, total, words)`` after each fit.
    jobs : int, optional
        Processes; by default as many as there are cores, where there is enough to do. The
        outputs do not depend on it.
    gap : timedelta, optional
        ``split.gap``: so long before a block of time its rows are not known yet.

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
    folds = (folds_kind, folds_count)
    rows = read_rows(
        task,
        columns,
        plan,
        table,
        parts,
        session,
        folds=folds,
        models=models,
        transform=spec.target,
        gap=gap,
    )
    require_probabilities(models, task, spec.calibrate, seed)
    require_valid(models, rows)
    fits = _fold_fits(models, rows)
    finals = 2 if spec.refit and len(rows.valid) else 1
    grown = growing(spec.asked_curve(), columns, folds_kind, table, rows, session, seed)
    watch = _Count(len(fits) + finals + grown.count, on_progress)
    done = run(fits, rows.data, plan, seed, jobs=jobs, watch=watch)
    raw = {name: _scores_of(name, fits, done) for name in models}
    best = compare(models, raw, rows.pairs, rows.data, metric=metric, calibrate=spec.calibrate)
    last = final_fits(best.chosen, models[best.chosen], rows, refit=spec.refit)
    watch.total = len(fits) + len(last) + grown.count  # fewer where the best one stops by valid
    fitted = run(last, rows.data, plan, seed, jobs=jobs, watch=watch)
    winner = crown(best, rows, last, fitted, spec.calibrate)
    smaller = grown.fits(best.chosen, models[best.chosen])
    learned = run(smaller, rows.data, plan, seed, jobs=jobs, watch=watch) if smaller else []
    report = {
        **_report(spec, best, winner, metric),
        **winner.importance(plan, metric, seed, spec.importance),
        "learning_curve": grown.curve(learned, metric),
        "warnings": _warnings([*fits, *last], [*done, *fitted], best, metric),
    }
    return {
        "model.skops": winner.dumps(plan),
        "model": winner.facts(columns, plan),
        "candidates": best.candidates,
        "report": report,
        **_tables(winner, session),
    }


class _Count:
    """Counts the fits for whoever watches."""

    def __init__(self, total: int, tell: Callable[[int, int, str], None]) -> None:
        self.done, self.total, self.tell = 0, total, tell

    def __call__(self, words: str) -> None:
        self.done += 1
        self.tell(self.done, self.total, words)


def _fold_fits(models: Mapping[str, AnyModel], rows: Rows) -> list[Fit]:
    count = len(rows.pairs)
    return [
        Fit(name, model, on, score, False, f"{name}, fold {number} of {count}")
        for name, model in models.items()
        for number, (on, score) in enumerate(rows.pairs, start=1)
    ]


def _scores_of(name: str, fits: Sequence[Fit], done: Sequence[Fitted]) -> list[Any]:
    return [each.scores for fit, each in zip(fits, done, strict=True) if fit.name == name]


def _report(spec: Train, best: Comparison, winner: Winner, metric: Metric) -> dict[str, Any]:
    facts = next(each for each in best.candidates["models"] if each["name"] == best.chosen)
    return {
        "chosen": best.chosen,
        "type": facts["type"],
        "why": best.candidates["why"],
        "metric": metric.name,
        "score": best.score,
        "baseline": best.candidates["baseline"]["mean"],
        "fitted_on": winner.fitted(),
        "calibrated": spec.calibrate if winner.final.curves else None,
        "calibration": winner.bent(spec.calibrate),
        "classes": list(winner.rows.target.classes),
        "features": len(winner.final.feature_names()),
        "valid": winner.valid_report(metric),
    }


def _warnings(
    fits: Sequence[Fit], done: Sequence[Fitted], best: Comparison, metric: Metric
) -> list[str]:
    """Return what the fits said, once for each candidate, and what is odd about the result."""
    counts: dict[tuple[str, str], int] = {}
    for fit, each in zip(fits, done, strict=True):
        for words in each.warnings:
            counts[fit.name, words] = counts.get((fit.name, words), 0) + 1
    total = {fit.name: sum(other.name == fit.name for other in fits) for fit in fits}
    said = [f"{name}: {words} ({n} of {total[name]} fits)" for (name, words), n in counts.items()]
    naive = best.candidates["baseline"]["mean"]
    if naive is not None and metric.goodness(best.score) <= metric.goodness(naive):
        said.append(
            f"{best.chosen} is no better than the naive baseline: "
            f"{metric.name} {best.score:.4f} against {naive:.4f}"
        )
    return said


def _tables(winner: Winner, session: Session) -> dict[str, ir.Table]:
    rows, task, classes = winner.rows, winner.final.task, winner.rows.target.classes
    none = winner.best.scores[:0]
    crossed = rows.scored() if rows.crossed else rows.train[:0]
    scores = winner.best.scores if rows.crossed else none
    valid = none if winner.valid is None else winner.valid
    return {
        "out_of_fold": rows.table(crossed, score_columns(scores, task, classes), session),
        "valid": rows.table(rows.valid, score_columns(valid, task, classes), session),
    }
