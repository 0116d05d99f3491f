"""Judge a model's predictions: a report with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.evaluate.absent import refuse_absent
from mlpipe.evaluate.champion import refuse_unfair
from mlpipe.evaluate.gates import judge_gate, verdict
from mlpipe.evaluate.groups import groupings
from mlpipe.evaluate.judged import bring_together
from mlpipe.evaluate.measure import Measures
from mlpipe.evaluate.misfits import misfits
from mlpipe.evaluate.parts import PARTS, Background, judge_parts
from mlpipe.evaluate.reading import columns_needed, refuse_uncut, refuse_unknown
from mlpipe.evaluate.report import report_of
from mlpipe.evaluate.vocabulary import vocabulary
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.business.answers import Joined
    from mlpipe.evaluate.champion import Champion
    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.table.columns import Columns

__all__ = ["evaluate"]


def evaluate(
    spec: Evaluate,
    *,
    task: str,
    columns: Columns,
    seed: int,
    frame: pd.DataFrame,
    predictions: pd.DataFrame,
    classes: Sequence[Any] | None = None,
    positive: Any = None,
    threshold: float | None = None,
    train_target: pd.Series[Any] | None = None,
    champion: Champion | None = None,
    behaviour: Sequence[dict[str, Any]] = (),
    feedback: Mapping[str, Joined] | None = None,
    code: Mapping[str, str] | None = None,
    times: int = 2000,
) -> dict[str, Any]:
    """Return the predictions beside the truth, the report, and the verdict of the gates.

    Parameters
    ----------
    spec : Evaluate
    task : str
    columns : Columns
    seed : int
    frame : DataFrame
        ``_row``, ``part`` and the columns of `columns_needed`, for the rows of all parts. Those of
        the train part are read for the baseline: their targets, times and entities.
    predictions : DataFrame
        For rows of valid and test: ``_row``, ``prediction``, and ``score`` (binary) or
        ``score_CLASS`` for each class. Rows of other parts are left aside.
    classes : sequence, optional
        The classes as the model orders them; by default, those of the target, sorted.
    positive : optional
        The positive class of a binary task; by default, the last one.
    threshold : float, optional
        Reported; makes the labels where the predictions have none.
    train_target : Series, optional
        The training targets, where the frame has no train rows.
    champion : Champion, optional
        What the champion says of the same rows, in the same shape.
    behaviour : sequence of dict
        What the behaviour tests found, as `behave` returns it.
    feedback : mapping of str to Joined, optional
        The answers of each business metric that is feedback, by its name.
    code : mapping of str to str, optional
        The text of each file that metrics of the user's own name.
    times : int
        Resamples of a bootstrap.

    Returns
    -------
    dict
        ``predictions`` (DataFrame: ``_row``, the key, part, target, what was predicted),
        ``report`` and ``verdict`` (JSON-safe).

    Raises
    ------
    SpecError
        A metric of another task, or a column that the table does not have.
    DataError
        Null targets, rows predicted twice, classes that do not fit, no rows to judge; a gate on
        what the rows do not have, or that compares with a champion which has seen them.
    ComputeError
        A metric of the user's own fails.
    """
    _check(spec, task, columns, frame)
    rows = bring_together(frame, predictions)
    background = Background.of(
        task, columns, frame, classes=classes, positive=positive, train_target=train_target
    )
    parts = judge_parts(
        rows,
        predictions,
        background,
        business=spec.business,
        threshold=threshold,
        champion=champion,
        feedback=feedback,
    )
    names = vocabulary(spec, task, background.classes.names, parts, code or {})
    measures = Measures(seed, times, names)
    every = _as_declared(frame[frame["part"].isin(["train", *PARTS])], columns)
    refuse_absent(spec.gates, parts, every, background.classes)
    refuse_unfair(spec, parts, champion)
    across = groupings(spec.fairness, columns.sensitive, task, background.classes.names)
    report = report_of(
        spec,
        parts,
        background,
        every,
        measures,
        across=across,
        threshold=threshold,
        champion=champion,
        feedback=feedback,
    )
    findings = [
        finding
        for gate in spec.gates
        if gate not in spec.operational_gates
        for finding in judge_gate(
            gate, parts, every, measures, task=task, classes=background.classes, across=across
        )
    ]
    return {
        "predictions": _beside_the_truth(rows, predictions, columns),
        "report": report,
        "verdict": verdict(findings, behaviour),
    }


def _check(spec: Evaluate, task: str, columns: Columns, frame: pd.DataFrame) -> None:
    found = [
        Problem(message, key=".".join(["evaluate", *map(str, at)]), hint=hint)
        for at, message, hint in misfits(spec, task, columns)
    ]
    if found:
        raise SpecError(*found)
    refuse_unknown(spec, columns_needed(spec, columns, list(frame.columns)), frame.columns)
    refuse_uncut(spec, frame)


def _as_declared(every: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Make categories of codes that look like numbers: their values are slices, not bins."""
    codes = [name for name in columns.kinds.get("category", ()) if name in every]
    return every.astype(dict.fromkeys(codes, "category")) if codes else every


def _beside_the_truth(
    rows: pd.DataFrame, predictions: pd.DataFrame, columns: Columns
) -> pd.DataFrame:
    judged = rows["part"].isin(PARTS)
    names = [ROW, *columns.keys, "part", str(columns.target_name)]
    said = [str(name) for name in predictions if name not in names]
    found = rows.loc[judged, list(dict.fromkeys(names))].assign(
        **{name: predictions[name].to_numpy()[judged] for name in said}
    )
    return found.sort_values(ROW, ignore_index=True)
