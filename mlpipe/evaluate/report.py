"""The report: every figure of every part, its interval, and the baseline beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.business.entries import business_report
from mlpipe.evaluate.champion import champion_report, champion_warnings
from mlpipe.evaluate.figures import figures
from mlpipe.evaluate.groups import Grouping, fairness_report
from mlpipe.evaluate.parts import part_warnings
from mlpipe.evaluate.per_class import per_class
from mlpipe.evaluate.slices import Axis, cut_notes, slice_reports, slices_of, value_of
from mlpipe.evaluate.slices.scan import scan_report
from mlpipe.metrics.scores import DEFAULT_METRICS
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.business.answers import Joined
    from mlpipe.evaluate.champion import Champion
    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.evaluate.parts import Background
    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.metrics.estimate import Estimate
    from mlpipe.metrics.named import Vocabulary

__all__ = ["chosen_metrics", "report_of"]


def report_of(
    spec: Evaluate,
    parts: Mapping[str, Judged],
    background: Background,
    every: pd.DataFrame,
    measures: Measures,
    *,
    across: Sequence[Grouping],
    threshold: float | None,
    champion: Champion | None = None,
    feedback: Mapping[str, Joined] | None = None,
) -> dict[str, Any]:
    """Return the report over all parts; slices, groups and figures are of the first one.

    Parameters
    ----------
    spec : Evaluate
    parts : mapping of str to Judged
    background : Background
    every : DataFrame
        All rows of all parts.
    measures : Measures
    across : sequence of Grouping
        The groups that are compared.
    threshold : float or None
    champion : Champion, optional
    feedback : mapping of str to Joined, optional
        The answers of each business metric that is feedback.
    """
    task, classes = background.task, background.classes
    names = chosen_metrics(spec, task, measures.vocabulary)
    estimates = {part: measures.metrics(names, judged, part) for part, judged in parts.items()}
    part, judged = next(iter(parts.items()))
    warnings = [line for each in parts.values() for line in part_warnings(each, classes, task)]
    slices = _slices(spec, judged, estimates[part], every=every, measures=measures, task=task)
    groups = _groups(spec, judged, every, measures, across)
    worth = business_report(
        spec.business, parts, feedback or {}, measures, classes=classes.names, threshold=threshold
    )
    for _, found in (slices, groups, worth):
        warnings += found
    warnings += champion_warnings(champion, parts)
    return {
        "task": task,
        "positive": plain(classes.names[-1]) if task == "binary" else None,
        "classes": [plain(name) for name in classes.names],
        "threshold": threshold,
        "parts": {
            part: _part(each, estimates[part], names, measures) for part, each in parts.items()
        },
        "per_class": per_class(judged, classes) if task != "regression" else [],
        "slices": slices[0],
        "cuts": cut_notes(_axes(spec, across), every),
        "scan": scan_report(spec.scanned, judged, every, background.columns, task),
        "fairness": groups[0],
        "champion": champion_report(champion, parts, names, list(spec.business), measures),
        **worth[0],
        "baseline": {"kind": judged.naive.kind, **judged.naive.facts},
        "figures": figures(task, judged, classes, measures.seed),
        "warnings": list(dict.fromkeys(warnings)),
    }


def chosen_metrics(spec: Evaluate, task: str, vocabulary: Vocabulary) -> list[str]:
    """Return the metrics to report: those of the spec or the usual ones, and those of gates."""
    chosen = spec.metric_names or DEFAULT_METRICS[task]
    gated = [
        gate.metric for gate in spec.gates if gate.class_ is None and gate.metric in vocabulary
    ]
    return list(dict.fromkeys([*chosen, *gated]))


def _part(
    judged: Judged, estimates: Mapping[str, Estimate], names: Sequence[str], measures: Measures
) -> dict[str, Any]:
    beside = measures.points(names, judged.baseline)
    return {
        "rows": len(judged),
        "resampled": judged.unit,
        "metrics": [
            {
                **value_of(name, estimates[name]),
                "baseline": plain(beside[name].value),
                "greater_is_better": measures.vocabulary[name].greater_is_better,
            }
            for name in names
        ],
    }


def _slices(
    spec: Evaluate,
    judged: Judged,
    whole: Mapping[str, Estimate],
    *,
    every: pd.DataFrame,
    measures: Measures,
    task: str,
) -> tuple[list[dict[str, Any]], list[str]]:
    slices, warnings = [], []
    for axes in spec.slice_columns:
        found, said = slices_of(judged.frame, every, axes)
        slices += found
        warnings += said
    return slice_reports(slices, judged, whole, measures, task), warnings


def _axes(spec: Evaluate, across: Sequence[Grouping]) -> list[tuple[Axis, ...]]:
    return [*spec.slice_columns, *(each.axes for each in across if spec.fairness)]


def _groups(
    spec: Evaluate,
    judged: Judged,
    every: pd.DataFrame,
    measures: Measures,
    across: Sequence[Grouping],
) -> tuple[list[dict[str, Any]], list[str]]:
    found: list[dict[str, Any]] = []
    warnings: list[str] = []
    if spec.fairness is None:
        return found, warnings
    for each in across:
        table, said = fairness_report(judged, every, each, spec.fairness.metrics, measures)
        found.append(table)
        warnings += said
    return found, warnings
