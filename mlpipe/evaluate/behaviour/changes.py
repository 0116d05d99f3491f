"""Changes of rows: each version of a frame that a change makes."""

from __future__ import annotations

import string
from itertools import product
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mlpipe.evaluate.behaviour.spec import TEXT_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from mlpipe.evaluate.behaviour.spec import Change
    from mlpipe.metrics.arrays import Array

__all__ = ["changed", "versions"]


def versions(
    change: Change,
    rows: pd.DataFrame,
    types: Mapping[str, str],
    function: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the changed rows: one frame for each combination of the values that are set.

    Parameters
    ----------
    change : Change
    rows : DataFrame
        Not changed.
    types : mapping of str to str
        Of the columns.
    function : callable, optional
        The user's own change, made last.
    """
    names = list(change.set)
    given = (value if isinstance(value, tuple) else (value,) for value in change.set.values())
    for values in product(*given):
        made = rows.copy()
        for name, value in zip(names, values, strict=True):
            made[name] = constant(value, rows[name])
        _shift(change, made, types)
        _rewrite(change, made)
        for name in change.columns_of("missing"):
            made[name] = constant(None, made[name])
        yield made if function is None else _by_function(function, made)


def changed(before: pd.DataFrame, after: pd.DataFrame, names: list[str]) -> Array:
    """Return, for each row and column, whether the value is another one; shape (n, columns)."""
    import numpy as np

    found = np.zeros((len(before), len(names)), bool)
    for place, name in enumerate(names):
        old, new = before[name].astype(object), after[name].astype(object)
        same = (old == new).fillna(value=False) | (old.isna() & new.isna())
        found[:, place] = ~same.to_numpy(bool)
    return found


def constant(value: Any, like: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of one value; a date in words becomes one."""
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(like.dtype):
        return pd.Series(_time(value, like.dtype), index=like.index, dtype=like.dtype)
    return pd.Series([value] * len(like), index=like.index, dtype=object)


def _time(value: Any, dtype: Any) -> Any:
    """Return a time in the zone of a column; one without a zone is of that zone, or of UTC."""
    import pandas as pd

    if value is None:
        return pd.NaT
    time, zone = pd.Timestamp(value), getattr(dtype, "tz", None)
    if zone is not None:
        return time.tz_localize(zone) if time.tzinfo is None else time.tz_convert(zone)
    return time if time.tzinfo is None else time.tz_convert("UTC").tz_localize(None)


def _shift(change: Change, made: pd.DataFrame, types: Mapping[str, str]) -> None:
    """Add and multiply; what is missing stays so."""
    for name, amount in change.add.items():
        made[name] = made[name].astype("float64") + amount
    for name, factor in change.multiply.items():
        values = made[name].astype("float64") * factor
        made[name] = values.round() if types[name] == "integer" else values


def _rewrite(change: Change, made: pd.DataFrame) -> None:
    for word in TEXT_WORDS:
        for name in change.columns_of(word):
            texts = made[name].astype(object)
            made[name] = texts.map(_TEXTS[word], na_action="ignore")


def _by_function(
    function: Callable[[pd.DataFrame], pd.DataFrame], rows: pd.DataFrame
) -> pd.DataFrame:
    """Let the user's function change all columns but ours, and lose none."""
    given = rows.drop(columns=[name for name in rows if str(name).startswith("_row")])
    made = function(given)
    return rows.assign(**{str(name): made[name] for name in given if name in made})


def _typo(text: str) -> str:
    """Swap two neighbouring letters that differ, always the same ones of a text."""
    places = [
        at
        for at in range(len(text) - 1)
        if text[at].isalpha() and text[at + 1].isalpha() and text[at] != text[at + 1]
    ]
    if not places:
        return text
    at = places[_drawn(text, len(places))]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _swap_words(text: str) -> str:
    """Swap two neighbouring words that differ, always the same ones of a text."""
    words = text.split(" ")
    places = [at for at in range(len(words) - 1) if words[at] != words[at + 1]]
    if not places:
        return text
    at = places[_drawn(text, len(places))]
    words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


def _strip_punctuation(text: str) -> str:
    return text.translate(str.maketrans("", "", string.punctuation))


def _drawn(text: str, count: int) -> int:
    """Draw a place by the text alone, so that a row is changed alike in every run."""
    return crc32(text.encode("utf-8", "surrogatepass")) % count


_TEXTS: dict[str, Callable[[str], str]] = {
    "typo": _typo,
    "swap_words": _swap_words,
    "strip_punctuation": _strip_punctuation,
    "uppercase": str.upper,
    "lowercase": str.lower,
}
