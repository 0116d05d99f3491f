"""The rows of a part, brought together and encoded: what was true, what was said, by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.metrics.arrays import Array
from mlpipe.metrics.baseline import Baseline
from mlpipe.metrics.estimate import Outcomes
from mlpipe.table.columns import ROW
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.evaluate.business.answers import Answers
    from mlpipe.evaluate.business.worth import Worth

__all__ = [
    "Classes",
    "Judged",
    "bring_together",
    "class_code",
    "encode_target",
    "one_class",
    "outcomes_of",
]


@dataclass(frozen=True)
class Classes:
    """The classes in the order of their codes; of a binary target, the positive one is last.

    Attributes
    ----------
    names : tuple
        As they stand in the target column.
    """

    names: tuple[Any, ...]

    @classmethod
    def of(cls, task: str, names: "Sequence[Any]", positive: Any) -> "Classes":
        """Order the classes so that the positive one of two has code 1.

        Raises
        ------
        DataError
            A binary target has not two classes, or the positive one is not among them.
        """
        if task != "binary":
            return cls(tuple(names))
        if len(names) != 2 or (positive is not None and positive not in names):
            known = ", ".join(repr(name) for name in names[:5])
            expected = "two classes" if positive is None else f"two classes with {positive!r}"
            raise DataError(Problem(f"expected {expected}; the target has {known}"))
        negative = names[0] if positive is None else next(n for n in names if n != positive)
        return cls((negative, names[1] if positive is None else positive))

    def codes(self, values: "pd.Series[Any]") -> Array:
        """Return the code of each value; one past the last for a class the model never saw."""
        import numpy as np
        import pandas as pd

        place = {name: code for code, name in enumerate(self.names)}
        found, distinct = pd.factorize(values)
        codes = [place.get(value, len(self.names)) for value in distinct.tolist()]
        return np.array([*codes, len(self.names)], dtype=np.int64)[found]


@dataclass(frozen=True)
class Judged:
    """The rows of a part, or of a slice of it.

    Attributes
    ----------
    part : str
        ``valid`` or ``test``.
    frame : DataFrame, n rows
        Slice, sensitive and business columns.
    unit : str
        What is resampled as a whole, in words.
    outcomes : Outcomes
        What the model said.
    naive : Baseline
        The naive baseline of these rows.
    champion : Outcomes or None
        What the champion said of the same rows.
    worth : dict of str to Worth or Answers
        For each business metric, what the rows are worth, or what their customers say.
    moments : array of int, shape (n,), or None
        The time of each row, where the rows are a time series of numbers.
    steps : int
        How many steps of time ahead is forecast.
    """

    part: str
    frame: "pd.DataFrame"
    unit: str
    outcomes: Outcomes
    naive: Baseline
    champion: Outcomes | None
    worth: Mapping[str, "Worth | Answers"]
    moments: Array | None = None
    steps: int = 1

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.outcomes)

    @property
    def baseline(self) -> Outcomes:
        """What the naive baseline said, as if a model had."""
        return replace(self.outcomes, pred=self.naive.pred, score=self.naive.score)

    @property
    def positives(self) -> int:
        """Count the rows of code 1."""
        return int((self.outcomes.y == 1).sum())

    def against_the_rest(self, code: int | None) -> "Judged":
        """Return the same rows with one class as the positive one, and all others together.

        Raises
        ------
        ValueError
            There is no such class.
        """
        if code is None:
            raise ValueError("no class to judge")
        naive = self.naive
        score = None if naive.score is None else _of_class(naive.score, code)
        return replace(
            self,
            outcomes=one_class(self.outcomes, code),
            naive=replace(naive, pred=(naive.pred == code).astype(int), score=score),
            champion=None if self.champion is None else one_class(self.champion, code),
        )

    def take(self, mask: Array) -> "Judged":
        """Return the rows where the mask holds."""
        return replace(
            self,
            frame=self.frame[mask],
            outcomes=self.outcomes.take(mask),
            naive=self.naive.take(mask),
            champion=None if self.champion is None else self.champion.take(mask),
            moments=None if self.moments is None else self.moments[mask],
            worth={name: each.take(mask) for name, each in self.worth.items()},
        )


def class_code(classes: Classes, wanted: Any) -> int | None:
    """Return the code of a class as the spec writes it; None where there is no such class."""
    for code, name in enumerate(classes.names):
        value = plain(name)
        if value == wanted and isinstance(value, bool) == isinstance(wanted, bool):
            return code
    return None


def bring_together(frame: "pd.DataFrame", predictions: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows of ``frame`` that were predicted, in the order of the predictions.

    Raises
    ------
    DataError
        A row was predicted twice, or is not in the frame.
    """
    rows = predictions[ROW]
    twice = rows[rows.duplicated()]
    if len(twice):
        raise DataError(_bad_rows("predicted twice", twice))
    lost = rows[~rows.isin(frame[ROW])]
    if len(lost):
        raise DataError(_bad_rows("predicted, but not in the table", lost))
    return frame.set_index(ROW, drop=False).loc[rows].reset_index(drop=True)


def encode_target(task: str, name: str, values: "pd.Series[Any]", classes: Classes) -> Array:
    """Return the true codes or numbers.

    Raises
    ------
    DataError
        A null target, one that is no number, or a third class of a binary target.
    """
    import pandas as pd

    nulls = values[values.isna()]
    if len(nulls):
        hint = "leave the rows out with ingest.scope, or bring their labels"
        raise DataError(_bad_rows("target is null", nulls.index.to_series(), name, hint))
    if task == "regression":
        numbers = pd.to_numeric(values, errors="coerce")
        if numbers.isna().any():
            raise DataError(
                _bad_rows("target is not a number", values[numbers.isna()].index.to_series(), name)
            )
        return numbers.to_numpy(float)
    codes = classes.codes(values)
    unknown = codes == len(classes.names)
    if task == "binary" and unknown.any():
        found = ", ".join(sorted({repr(value) for value in values[unknown]})[:5])
        expected = " and ".join(repr(each) for each in classes.names)
        raise DataError(Problem(f"expected {expected}; found {found}", key=name))
    return codes


def outcomes_of(
    task: str, y: Array, predictions: "pd.DataFrame", classes: Classes, threshold: float | None
) -> Outcomes:
    """Return what a model said of the rows, encoded.

    Parameters
    ----------
    task : str
    y : array, shape (n,)
        From `encode_target`.
    predictions : DataFrame, n rows
        ``prediction`` and ``score``, or ``score_CLASS`` for each class.
    classes : Classes
    threshold : float or None
        Makes labels of binary scores where there is no column ``prediction``.
    """
    import numpy as np

    score = _scores(task, predictions, classes)
    if "prediction" in predictions:
        said = predictions["prediction"]
        if said.isna().any():
            raise DataError(_bad_rows("prediction is null", predictions[ROW][said.isna()]))
        pred = said.to_numpy(float) if task == "regression" else classes.codes(said)
    elif score is not None:
        pred = np.argmax(score, axis=1) if score.ndim == 2 else score >= (threshold or 0.5)
    else:
        raise DataError(Problem("predictions have neither prediction nor score"))
    if score is not None and score.ndim == 2 and (y == len(classes.names)).any():
        score = np.column_stack([score, np.zeros(len(score))])
    return Outcomes(y=y, pred=pred if task == "regression" else pred.astype(int), score=score)


def one_class(told: Outcomes, code: int) -> Outcomes:
    """Return one class against the rest, as a task of two classes."""
    score = None if told.score is None else _of_class(told.score, code)
    return replace(
        told, y=(told.y == code).astype(int), pred=(told.pred == code).astype(int), score=score
    )


def _of_class(score: Array, code: int) -> Array:
    """Return P(class) of each row."""
    if score.ndim == 2:
        found: Array = score[:, code]
        return found
    return score if code == 1 else 1 - score


def _scores(task: str, predictions: "pd.DataFrame", classes: Classes) -> Array | None:
    if task == "binary":
        return predictions["score"].to_numpy(float) if "score" in predictions else None
    names = [f"score_{name}" for name in classes.names]
    if task == "regression" or not set(names) <= set(predictions):
        return None
    return predictions[names].to_numpy(float)


def _bad_rows(what: str, rows: "pd.Series[Any]", column: str = "", hint: str = "") -> Problem:
    shown = ", ".join(str(int(row)) for row in rows[:5])
    more = ", …" if len(rows) > 5 else ""
    return Problem(f"{what} in {len(rows)} rows: {shown}{more}", key=column, hint=hint)
