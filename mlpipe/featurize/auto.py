"""``rest: auto``: sound steps by kind, number of levels and family of model, each with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from mlpipe.features.plan import Block, Input, YamlStep
from mlpipe.featurize.facts import Facts

__all__ = ["Choice", "blocks", "choose"]

FEW_LEVELS = 50
"""Up to so many levels each gets a column or a number; with more, the target's mean."""
LIKE_AN_ID = 0.95
"""Strings with so large a share of different values name rows, and say nothing of others."""
ENOUGH_ROWS = 20
TWO_YEARS, TWO_WEEKS, TWO_DAYS = 730.0, 14.0, 2.0


@dataclass(frozen=True)
class Choice:
    """The steps of one column, or none where it is left out, and why."""

    column: str
    steps: tuple[YamlStep, ...] | None
    reason: str


def choose(column: Input, facts: Facts | None, family: str, time: str | None) -> Choice:
    """Return the steps for one column.

    Parameters
    ----------
    column : Input
        Its name, kind and type.
    facts : Facts or None
        What train shows of it; None where nobody looked: a look-back or a user's column.
    family : {"linear", "trees", "other"}
        The model's.
    time : str or None
        The column of time, of which only what comes round again is taken.
    """
    name = column["name"]
    if facts is not None and (useless := _useless(column, facts)):
        return Choice(name, None, useless)
    if column["kind"] in {"number", "boolean"}:
        return Choice(name, *_number(column["kind"], family))
    if column["kind"] == "category":
        return Choice(name, *_category(facts, family))
    if column["kind"] == "text":
        return Choice(name, *_text(family))
    parts = _date_parts(facts, of_time=name == time)
    if not parts:
        return Choice(name, None, "its span is too short for any calendar part to come round again")
    return Choice(name, *_date(parts, family))


def blocks(choices: Iterable[Choice]) -> list[Block]:
    """Put columns with the same steps together, in the order of their first column."""
    together: dict[str, Block] = {}
    for choice in choices:
        if choice.steps is None:
            continue
        key = f"{choice.steps}{choice.reason}"
        block = together.setdefault(
            key, Block(columns=[], steps=list(choice.steps), reason=choice.reason)
        )
        block["columns"].append(choice.column)
    return list(together.values())


def _useless(column: Input, facts: Facts) -> str:
    if facts.present == 0:
        return "train has no value of it"
    if facts.constant:
        return "it has the same value in every row of train"
    if facts.distinct is None or facts.present < ENOUGH_ROWS:
        return ""
    if column["kind"] == "category" and facts.distinct >= LIKE_AN_ID * facts.present:
        return "nearly every value is different: it looks like an id"
    if _counts_rows(facts):
        return "every number comes once and few are left out: it looks like a count of rows"
    return ""


def _counts_rows(facts: Facts) -> bool:
    if facts.low is None or facts.high is None or facts.distinct != facts.present:
        return False
    return facts.high - facts.low + 1 <= 2 * facts.present


Steps = tuple[tuple[YamlStep, ...], str]


def _number(kind: str, family: str) -> Steps:
    if family == "trees":
        return ({"keep": {}},), "trees take numbers and gaps as they are"
    if kind == "boolean":
        fill = {"strategy": "most_frequent", "indicator": True}
        return ({"impute": fill},), "0 and 1 need no scale; gaps are filled and marked"
    fill = {"strategy": "median", "indicator": True}
    return (
        ({"impute": fill}, {"scale": {"method": "standard"}}),
        "gaps are filled and marked; one scale for all",
    )


def _category(facts: Facts | None, family: str) -> Steps:
    many = facts is not None and (facts.distinct or 0) > FEW_LEVELS
    if many and family == "trees":
        return ({"target_encode": {}},), f"more than {FEW_LEVELS} levels: the target's mean of each"
    if many:
        return (
            ({"target_encode": {}}, {"scale": {"method": "standard"}}),
            f"more than {FEW_LEVELS} levels: the target's mean of each, scaled",
        )
    if family == "trees":
        return ({"ordinal": {}},), f"up to {FEW_LEVELS} levels: trees split numbered levels well"
    rare = _rare(facts.rows if facts else 0)
    return (
        ({"one_hot": {"min_frequency": rare, "unknown": "infrequent"}},),
        f"up to {FEW_LEVELS} levels: a column each, those with fewer than {rare} rows together",
    )


def _rare(rows: int) -> int:
    """Return how many rows a level needs to be learned from: 20, fewer in a small table."""
    return max(1, min(20, rows // 100))


def _text(family: str) -> Steps:
    words = {"tfidf": {"max_features": 5000, "ngrams": [1, 2], "sublinear": True}}
    if family == "linear":
        return (words,), "linear models take many sparse words"
    return (words, {"svd": {"components": 50}}), "words pressed into 50 dense columns"


def _date_parts(facts: Facts | None, *, of_time: bool) -> list[str]:
    span = _span(facts)
    hours = facts is not None and (facts.hours or 0) > 1
    days = facts is None or (facts.days or 0) > 1
    parts = [] if of_time else ["days"]
    # A month seen in one year only is that year's trend, not its season.
    if span >= TWO_YEARS:
        parts.append("month")
    if span >= TWO_WEEKS and days:
        parts.append("dayofweek")
    if span >= TWO_DAYS and hours:
        parts.append("hour")
    return parts


def _span(facts: Facts | None) -> float:
    if facts is None or facts.low is None or facts.high is None:
        return TWO_YEARS
    return facts.high - facts.low


def _date(parts: list[str], family: str) -> Steps:
    if family == "trees":
        return ({"date": {"parts": parts}},), "calendar parts that train has seen come round"
    date = {"date": {"parts": parts, "cyclic": True}}
    fill = {"strategy": "median", "indicator": True}
    return (
        (date, {"impute": fill}, {"scale": {"method": "standard"}}),
        "calendar parts, cyclic so that a sum of weights can follow them",
    )
