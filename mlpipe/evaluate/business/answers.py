"""What customers answered, of the rows of a part: the score, who answered, and by decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.metrics.estimate import Estimate
from mlpipe.metrics.feedback import Feedback, difference, response_rate, satisfaction
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.table.columns import ROW
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answers", "Joined", "answers_of", "feedback_entry"]

_MOST_GROUPS = 20
_FEW = 0.2
"""Below this share of customers, those who answered may well be others than those who did not."""


@dataclass(frozen=True)
class Joined:
    """Answers as they were read and joined to the rows of the table.

    Attributes
    ----------
    rows : DataFrame
        ``_row``, ``answer`` (NaN where there is none) and ``customer`` (a code from 0; -1 where
        the key is null) of every row of the table.
    facts : mapping
        What became of the answers that were read: ``answers``, ``without_answer``,
        ``repeated``, ``unmatched``, ``rejected``, ``rejected_rows`` (the first ones).
    warnings : tuple of str
    """

    rows: "pd.DataFrame"
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answers:
    """The answers of the customers of some rows; a customer with several rows counts once.

    Attributes
    ----------
    feedback : Feedback
    answer : array, shape (n,)
        NaN where the customer of the row did not answer.
    customer : array of int, shape (n,)
        -1 where the row has none.
    by : array or None, shape (n,)
        The values of the column to compare by.
    """

    feedback: Feedback
    answer: Array
    customer: Array
    by: Array | None = None

    def take(self, rows: Array) -> "Answers":
        """Return those of some of the rows, chosen by a mask."""
        return replace(
            self,
            answer=self.answer[rows],
            customer=self.customer[rows],
            by=None if self.by is None else self.by[rows],
        )

    def customers(self) -> Array:
        """Return the first row of each customer."""
        import numpy as np

        found, first = np.unique(self.customer, return_index=True)
        return np.asarray(first[found >= 0])

    def estimates(
        self, told: Outcomes, *, seed: int | Sequence[int], times: int = 2000
    ) -> dict[str, Estimate]:
        """Return the score as ``value``; there is no baseline to what customers say."""
        return {"value": self._score(self.customers(), told, seed, times)}

    def shown(self, told: Outcomes, *, seed: int | Sequence[int], times: int) -> dict[str, Any]:
        """Return the score and the response rate, JSON-safe."""
        rows = self.customers()
        return self._row(rows, told, seed, times)

    def groups(
        self, told: Outcomes, names: Sequence[Any], *, seed: int | Sequence[int], times: int
    ) -> list[dict[str, Any]]:
        """Return the score of each group of customers: by decision, and by the column named.

        A customer is acted on where any of its rows is. Of two groups, the last row says by how
        much the first is greater.
        """
        found: list[dict[str, Any]] = []
        for title, groups in self._partitions(told, names):
            scores = [self._score(rows, told, seed, times) for _, rows in groups]
            found += [
                {"by": title, "group": group, **self._row(rows, told, seed, times)}
                for group, rows in groups
            ]
            if len(groups) == 2:
                gap = difference(*scores)
                found[-2]["over_the_other"] = _ends(gap)
        return found

    def _partitions(
        self, told: Outcomes, names: Sequence[Any]
    ) -> Iterator[tuple[str, list[tuple[Any, Array]]]]:
        import numpy as np

        rows = self.customers()
        if len(names) == 2:
            size = int(self.customer.max(initial=-1)) + 1
            here = self.customer >= 0
            chosen = np.bincount(self.customer[here], told.pred[here] == 1, size) > 0
            acted = chosen[self.customer[rows]]
            yield "decision", [("acted on", rows[acted]), ("left alone", rows[~acted])]
        elif names and len(names) <= _MOST_GROUPS:
            said = told.pred[rows]
            codes = [code for code in range(len(names)) if (said == code).any()]
            yield "prediction", [(plain(names[code]), rows[said == code]) for code in codes]
        if self.by is not None:
            texts = np.array([_text(value) for value in self.by[rows]], dtype=object)
            values = sorted(set(texts))[:_MOST_GROUPS]
            yield str(self.feedback.by), [(value, rows[texts == value]) for value in values]

    def _score(
        self, rows: Array, told: Outcomes, seed: int | Sequence[int], times: int
    ) -> Estimate:
        import numpy as np

        rows = rows[np.isfinite(self.answer[rows])]
        groups = None if told.groups is None else told.groups[rows]
        return satisfaction(self.feedback, self.answer[rows], seed=seed, groups=groups, times=times)

    def _row(
        self, rows: Array, told: Outcomes, seed: int | Sequence[int], times: int
    ) -> dict[str, Any]:
        import numpy as np

        answered = int(np.isfinite(self.answer[rows]).sum())
        score = self._score(rows, told, seed, times)
        return {
            "customers": len(rows),
            "answered": answered,
            "response_rate": _ends(response_rate(answered, len(rows))),
            **score.told(),
        }


def answers_of(feedback: Feedback, joined: Joined, frame: "pd.DataFrame") -> Answers:
    """Return the answers of the rows of a part."""
    rows = joined.rows.set_index(ROW).loc[frame[ROW]]
    return Answers(
        feedback,
        rows["answer"].to_numpy(float, na_value=float("nan")),
        rows["customer"].to_numpy(int),
        frame[feedback.by].astype(object).to_numpy() if feedback.by else None,
    )


def feedback_entry(
    name: str,
    part: str,
    answers: Answers,
    joined: Joined,
    told: Outcomes,
    classes: Sequence[Any],
    *,
    seed: int | Sequence[int],
    times: int,
) -> tuple[dict[str, Any], list[str]]:
    """Return the entry of the report, with warnings."""
    whole = answers.shown(told, seed=seed, times=times)
    entry = {
        "name": name,
        "part": part,
        "kind": answers.feedback.method,
        "join": list(answers.feedback.keys),
        **whole,
        "groups": answers.groups(told, classes, seed=seed, times=times),
        "read": plain(dict(joined.facts)),
    }
    return entry, [f"{name}: {line}" for line in _warnings(part, whole)]


def _warnings(part: str, whole: Mapping[str, Any]) -> Iterator[str]:
    asked, answered = whole["customers"], whole["answered"]
    if asked and not answered:
        yield f"none of the {asked:,} customers of {part} answered"
    elif asked and answered < _FEW * asked:
        yield (
            f"{answered:,} of {asked:,} customers of {part} answered ({answered / asked:.0%}); "
            "they may differ from those who did not"
        )


def _text(value: Any) -> str:
    import pandas as pd

    return "missing" if pd.isna(value) else str(value)


def _ends(estimate: Estimate) -> dict[str, Any]:
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {end: plain(value) for end, value in ends.items()}
