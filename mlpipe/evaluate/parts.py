"""The parts that are judged, from the frame, the predictions and the training targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.evaluate.business.answers import Joined
from mlpipe.evaluate.business.entries import worths
from mlpipe.evaluate.business.worth import Setting
from mlpipe.evaluate.forecasts import moments_of
from mlpipe.evaluate.judged import Classes, Judged, bring_together, encode_target, outcomes_of
from mlpipe.evaluate.measure import FEWEST_ROWS
from mlpipe.evaluate.naive import known_before, naive
from mlpipe.evaluate.units import OF_ENTITY, units
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.business import Business
from mlpipe.table.columns import ROW, Columns

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.evaluate.champion import Champion

__all__ = ["PARTS", "Background", "judge_parts", "part_warnings"]

PARTS = ("test", "valid")
"""The parts that are judged, the one that gates look at first."""


@dataclass(frozen=True)
class Background:
    """What is known before a part is looked at.

    Attributes
    ----------
    task : str
    columns : Columns
    classes : Classes
    train : array, shape (m,)
        The training targets, encoded.
    train_rows : Series of int, length m, or None
    weight : array, shape (m,), or None
    known : Series of float or None
        The latest target that each row could know, by ``_row``, where there are times.
    """

    task: str
    columns: Columns
    classes: Classes
    train: Array
    train_rows: "pd.Series[int] | None"
    weight: Array | None
    known: "pd.Series[float] | None"

    @classmethod
    def of(
        cls,
        task: str,
        columns: Columns,
        frame: "pd.DataFrame",
        *,
        classes: Sequence[Any] | None = None,
        positive: Any = None,
        train_target: "pd.Series[Any] | None" = None,
    ) -> "Background":
        """Read it from the train rows of the frame, or from the training targets as given.

        Raises
        ------
        DataError
            There are no training targets, or the classes do not fit.
        """
        name = str(columns.target_name)
        rows = frame[(frame["part"] == "train") & frame[name].notna()].set_index(ROW, drop=False)
        targets = rows[name] if len(rows) or train_target is None else train_target.dropna()
        if not len(targets):
            raise DataError(Problem("there are no training targets", key=name))
        names: Sequence[Any] = ()
        if task != "regression":
            names = sorted(targets.unique(), key=str) if classes is None else list(classes)
        ordered = Classes.of(task, names, positive)
        return cls(
            task=task,
            columns=columns,
            classes=ordered,
            train=encode_target(task, name, targets, ordered),
            train_rows=rows[ROW] if len(rows) else None,
            weight=_weight(rows, columns.weight) if len(rows) else None,
            known=known_before(frame, columns) if task == "regression" else None,
        )


def judge_parts(
    rows: "pd.DataFrame",
    predictions: "pd.DataFrame",
    background: Background,
    *,
    business: Mapping[str, Business],
    threshold: float | None = None,
    champion: "Champion | None" = None,
    feedback: Mapping[str, Joined] | None = None,
) -> dict[str, Judged]:
    """Return the rows of each part, encoded, with what the baseline and the champion say.

    Parameters
    ----------
    rows : DataFrame
        The predicted rows of all parts, in the order of ``predictions``.
    predictions : DataFrame
    background : Background
    business : mapping of str to Business
    threshold : float, optional
    champion : Champion, optional
    feedback : mapping of str to Joined, optional
        The answers of each business metric that is feedback.

    Raises
    ------
    DataError
        There are no rows to judge.
    """
    found = {}
    for part in PARTS:
        mask = (rows["part"] == part).to_numpy()
        if mask.any():
            inside, said = rows[mask].reset_index(drop=True), predictions[mask]
            rival = None if champion is None or part in champion.left_out else champion.predictions
            judged = _judged(part, inside, said, background, threshold, rival)
            worth = worths(business, _setting(judged, background), feedback or {})
            found[part] = replace(judged, worth=worth)
    if not found:
        raise DataError(Problem("there are no valid or test rows to evaluate", key="split"))
    return found


def part_warnings(judged: Judged, classes: Classes, task: str) -> list[str]:
    """Return what a reader of the part's figures should know first."""
    found = []
    if len(judged) < FEWEST_ROWS:
        found.append(f"{judged.part} has {len(judged)} rows; intervals of so few are rough")
    unseen = int((judged.outcomes.y == len(classes.names)).sum()) if task == "multiclass" else 0
    if unseen:
        found.append(f"{unseen} rows of {judged.part} have a class that training never saw")
    return found


def _judged(
    part: str,
    inside: "pd.DataFrame",
    predictions: "pd.DataFrame",
    background: Background,
    threshold: float | None,
    champion: "pd.DataFrame | None",
) -> Judged:
    task, columns, classes = background.task, background.columns, background.classes
    name = str(columns.target_name)
    y = encode_target(task, name, inside.set_index(ROW)[name], classes)
    groups, unit = units(inside, columns)
    weight = _weight(inside, columns.weight)
    entities = unit.startswith(OF_ENTITY)
    moments, steps = moments_of(task, inside, columns, of_entities=entities)

    def said(frame: "pd.DataFrame", cut: float | None) -> Any:
        told = outcomes_of(task, y, frame.reset_index(drop=True), classes, cut)
        return replace(told, weight=weight, groups=groups)

    highest = int(y.max()) if task == "multiclass" else 0
    return Judged(
        part=part,
        frame=inside,
        unit=unit,
        outcomes=said(predictions, threshold),
        naive=naive(
            task,
            background.train,
            max(len(classes.names), highest + 1),
            inside[ROW],
            known=background.known,
            train_rows=background.train_rows,
            weight=background.weight,
        ),
        champion=None if champion is None else said(_same_rows(champion, inside), None),
        worth={},
        moments=moments,
        steps=steps,
    )


def _setting(judged: Judged, background: Background) -> Setting:
    return Setting(
        judged.frame,
        judged.outcomes,
        judged.naive,
        judged.champion,
        background.classes.names,
        background.train,
    )


def _same_rows(champion: "pd.DataFrame", inside: "pd.DataFrame") -> "pd.DataFrame":
    """Refuse a comparison on other rows than the champion's."""
    if not inside[ROW].isin(champion[ROW]).all():
        raise DataError(
            Problem("the champion was judged on other rows: a comparison would mean nothing")
        )
    return bring_together(champion, inside[[ROW]])


def _weight(frame: "pd.DataFrame", name: str | None) -> Array | None:
    if name is None:
        return None
    weight = frame[name].to_numpy(float, na_value=float("nan"))
    if not (weight >= 0).all():
        bad = int((~(weight >= 0)).sum())
        raise DataError(Problem(f"expected a weight of 0 or more; {bad} rows have none", key=name))
    return weight
