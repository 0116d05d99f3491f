"""The train step: candidates compared over the folds, the best one fitted, calibrated, told of."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import score_columns
from mlpipe.metrics.scores import for_task
from mlpipe.train.compare import Comparison, compare
from mlpipe.train.fit import Fit, Fitted, run
from mlpipe.train.learning import growing
from mlpipe.train.rows import read_rows
from mlpipe.train.search.proposals import evaluations
from mlpipe.train.search.record import summary, trials
from mlpipe.train.search.search import Searched, search, search_alone
from mlpipe.train.search.setting import Setting
from mlpipe.train.suits import require_probabilities, require_valid
from mlpipe.train.winner import Winner, crown, final_fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import timedelta

    import ibis.expr.types as ir

    from mlpipe.features.plan import Plan
    from mlpipe.metrics.scores import Metric
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.train.models import AnyModel
    from mlpipe.train.rows import Rows
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
    on_time: Callable[[int, float], None] = lambda *_: None,
    earlier: Iterable[Mapping[str, Any]] = (),
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
    on_time : callable
        Told ``(trial, seconds)`` of each trial that was fitted, for the record of the run alone.
    earlier : iterable of dict
        Trials of ``trials`` of a search that differed in their number alone: what is known is not
        fitted again. The outputs do not depend on it.
    jobs : int, optional
        Processes; by default as many as there are cores, where there is enough to do. The
        outputs do not depend on it.
    gap : timedelta, optional
        ``split.gap``: so long before a block of time its rows are not known yet.

    Returns
    -------
    dict
        ``model.skops`` (bytes); ``model`` (what the bundle says of it); ``candidates``; ``report``;
        ``trials`` where there was a search;
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
    resource = (spec.search and spec.search.resource) or "rows"
    setting = Setting(rows, plan, seed, metric, spec.calibrate, resource, jobs, times=on_time)
    grown = growing(spec.asked_curve(), columns, folds_kind, table, rows, session, seed)
    fits = evaluations(spec.search, models, setting) * len(rows.pairs)
    watch = _Count(fits + _finals(spec, rows) + grown.count, on_progress)
    setting = replace(setting, watch=watch)
    searched, best, last, fitted = _learned(spec, models, setting, earlier, watch)
    rows = rows.with_model(best.chosen, last[0].model)
    winner = crown(best, rows, last, fitted, spec.calibrate)
    smaller = grown.fits(best.chosen, last[0].model)
    learned = run(smaller, rows.data, plan, seed, jobs=jobs, watch=watch) if smaller else []
    report = {
        **_report(spec, best, winner, metric),
        **winner.importance(plan, metric, seed, spec.importance),
        **summary(spec.search, searched, metric, best.chosen),
        "learning_curve": grown.curve(learned, metric),
        "warnings": _warnings(searched, last, fitted, best, metric),
    }
    return {
        "model.skops": winner.dumps(plan),
        "model": winner.facts(columns, plan),
        "candidates": best.candidates,
        "report": report,
        **trials(spec.search, searched, metric),
        **_tables(winner, session),
    }


def _finals(spec: Train, rows: Rows) -> int:
    """Return how often the best one is fitted in the end, unless it stops by valid."""
    return 2 if spec.refit and len(rows.valid) else 1


def _learned(
    spec: Train,
    models: Mapping[str, AnyModel],
    setting: Setting,
    earlier: Iterable[Mapping[str, Any]],
    watch: _Count,
) -> tuple[Searched, Comparison, Sequence[Fit], Sequence[Fitted]]:
    """Compare the candidates and fit the best one: a sole one beside its folds, for it is known."""
    rows = setting.rows
    if spec.search is None and len(models) == 1:
        ((name, model),) = models.items()
        last = final_fits(name, model, rows, refit=spec.refit)
        watch.total += len(last) - _finals(spec, rows)
        searched, fitted = search_alone(models, setting, last)
        return searched, _compared(searched, setting), last, fitted
    searched = search(spec.search, models, setting, earlier)
    best = _compared(searched, setting)
    model = searched.best[best.chosen].trial.model
    rows = rows.with_model(best.chosen, model)
    last = final_fits(best.chosen, model, rows, refit=spec.refit)
    watch.total += len(last) - _finals(spec, rows)
    fitted = run(last, rows.data, setting.plan, setting.seed, jobs=setting.jobs, watch=watch)
    return searched, best, last, fitted


class _Count:
    """Counts the fits for whoever watches."""

    def __init__(self, total: int, tell: Callable[[int, int, str], None]) -> None:
        self.done, self.total, self.tell = 0, total, tell

    def __call__(self, words: str) -> None:
        self.done += 1
        self.tell(self.done, self.total, words)


def _compared(searched: Searched, setting: Setting) -> Comparison:
    """Set the candidates beside each other, each with its best parameters."""
    rows = setting.rows
    return compare(
        {name: tried.trial.model for name, tried in searched.best.items()},
        {name: tried.found for name, tried in searched.best.items()},
        searched.raw,
        rows.pairs,
        rows.data,
        metric=setting.metric,
        calibrate=setting.calibrate,
    )


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
    searched: Searched,
    last: Sequence[Fit],
    fitted: Sequence[Fitted],
    best: Comparison,
    metric: Metric,
) -> list[str]:
    """Return what the fits said, once for each candidate, and what is odd about the result."""
    heard = [
        *((each.trial.candidate, words) for each in searched.fitted() for words in each.warnings),
        *((fit.name, each.warnings) for fit, each in zip(last, fitted, strict=True)),
    ]
    total = Counter(name for name, _ in heard)
    counts = Counter((name, each) for name, words in heard for each in words)
    said = [f"{name}: {words} ({n} of {total[name]} fits)" for (name, words), n in counts.items()]
    said += searched.warnings()
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
