"""Decisions by thresholds that differ between groups, as fairlearn learns them.

The rules of its ThresholdOptimizer are random where they must be: of the scores between two
thresholds some share is chosen. Here the lot is drawn from the row's own values, so that the same
row gets the same answer, alone or among a million.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.combined import Combined
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.combined import Array

__all__ = ["GroupThresholds", "chances", "lots", "read_rules"]

_NULL = 1
"""The bits of a value that is not there."""


@dataclass
class GroupThresholds(Combined):
    """The scores of one member, parted by the rule of each row's group.

    Attributes
    ----------
    sensitive : str
        The column of the groups.
    columns : list of str
        The raw columns whose values the lot is drawn from.
    probability : bool
        Whether the member's scores are probabilities, and not margins.
    rules : str
        JSON: for each group ``group``, two ``parts`` (``share``, ``operator``, ``threshold``),
        ``ignored`` and ``constant``.
    """

    sensitive: str = ""
    columns: list[str] = field(default_factory=list)
    probability: bool = True
    rules: str = "[]"

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores, shape (n,): 0.5 or more where a row is chosen, in the member's order.

        They say what is decided and who comes first within it; they are no probabilities.

        Raises
        ------
        ValueError
            A row is of a group that training did not have.
        """
        import numpy as np
        from scipy.special import expit

        score = self.said(frame)[0]
        chosen = lots(frame, self.columns) < chances(
            read_rules(self.rules), score, frame[self.sensitive]
        )
        order = np.clip(score, 0, 1) if self.probability else expit(score)
        return np.where(chosen, 0.5 + order / 2, order * np.nextafter(0.5, 0))


def read_rules(text: str) -> list[dict[str, Any]]:
    """Return the rules that a file holds.

    Raises
    ------
    KeyError, TypeError, ValueError
        They are no rules.
    """
    rules = [
        {
            "group": rule["group"],
            "parts": [
                (float(part["share"]), str(part["operator"]), float(part["threshold"]))
                for part in rule["parts"]
            ],
            "ignored": float(rule["ignored"]),
            "constant": float(rule["constant"]),
        }
        for rule in json.loads(text)
    ]
    if any(operator not in ("<", ">") for rule in rules for _, operator, _ in rule["parts"]):
        raise ValueError("a rule has another operator than < and >")
    return rules


def chances(rules: list[dict[str, Any]], score: Array, groups: pd.Series[Any]) -> Array:
    """Return how likely each row is chosen, shape (n,): fairlearn's ``_pmf_predict``.

    Parameters
    ----------
    rules : list of dict
        From `read_rules`.
    score : array, shape (n,)
    groups : Series, length n

    Raises
    ------
    ValueError
        A row is of a group that has no rule.
    """
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(groups)
    values = [*(plain(value) for value in distinct.tolist()), None]
    known = {rule["group"]: rule for rule in rules}
    found = np.zeros(len(score))
    for code in np.unique(codes).tolist():
        value = values[code]
        if value not in known:
            had = ", ".join(str(group) for group in known)
            raise ValueError(f"{groups.name} has no rule for {value!r}; training had {had}")
        inside = codes == code
        found[inside] = _chance(known[value], score[inside])
    return found


def _chance(rule: dict[str, Any], score: Array) -> Array:
    import numpy as np

    mixed = np.zeros(len(score))
    for share, operator, threshold in rule["parts"]:
        mixed += share * (score > threshold if operator == ">" else score < threshold)
    return np.asarray(rule["ignored"] * rule["constant"] + (1 - rule["ignored"]) * mixed)


def lots(frame: pd.DataFrame, columns: list[str]) -> Array:
    """Return a number from 0 to below 1 for each row, drawn from its values alone, shape (n,).

    Numbers count as floats whatever their type, so that nulls in other rows change nothing.
    """
    import numpy as np

    mixed = np.zeros(len(frame), np.uint64)
    for name in columns:
        mixed = _stirred(mixed * np.uint64(31) + _digest(frame[name]))
    return (_stirred(mixed) >> np.uint64(11)) * 2.0**-53


def _digest(values: pd.Series[Any]) -> Array:
    """Return 64 bits for each value."""
    import numpy as np
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if is_numeric_dtype(values.dtype) or is_bool_dtype(values.dtype):
        numbers = values.to_numpy(np.float64, na_value=np.nan) + 0.0  # −0 is 0
        return np.where(np.isnan(numbers), np.uint64(_NULL), numbers.view(np.uint64))
    codes, distinct = pd.factorize(values)
    return np.array([*(_bits(value) for value in distinct.tolist()), _NULL], np.uint64)[codes]


def _bits(value: Any) -> int:
    """Return 64 bits of a value, whatever type it came as: a date is its midnight."""
    from datetime import date
    from decimal import Decimal
    from hashlib import blake2b

    import numpy as np
    import pandas as pd

    if isinstance(value, int | float | Decimal):
        return int(np.float64(float(value) + 0.0).view(np.uint64))
    text = pd.Timestamp(value).isoformat() if isinstance(value, date) else str(value)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _stirred(bits: Array) -> Array:
    """Mix 64 bits so that every one depends on all (the finalizer of SplitMix64, Steele 2014)."""
    import numpy as np

    with np.errstate(over="ignore"):
        bits = bits + np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(bits ^ (bits >> np.uint64(31)))
