"""Columns that say nearly the same: shuffled alone, each seems to matter less than it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array

__all__ = ["STRONG", "correlated"]

STRONG = 0.9
"""So much of a rank correlation, or of Cramér's V, makes two columns move together."""

_LEVELS = 50
"""Categories of more levels are not compared: on few rows chance alone makes V large."""

_NUMBERS = frozenset({"number", "date", "boolean"})


def correlated(frame: pd.DataFrame, kinds: Mapping[str, str]) -> list[list[str]]:
    """Return the columns that are tied to one another, directly or by way of others.

    Parameters
    ----------
    frame : DataFrame
        The columns to compare.
    kinds : mapping of str to str
        Numbers, dates and booleans are compared by the absolute rank correlation of Spearman,
        categories by Cramér's V (`scipy.stats.contingency.association`), others not at all.

    Returns
    -------
    list of list of str
        Each of two or more columns, in the order of the frame.
    """
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    names = [str(name) for name in frame]
    place = {name: at for at, name in enumerate(names)}
    tied = np.zeros((len(names), len(names)), bool)
    numbers = [name for name in names if kinds.get(name) in _NUMBERS]
    levels = [name for name in names if kinds.get(name) == "category"]
    for those, strong in (
        (numbers, _by_ranks(frame, numbers)),
        (levels, _by_levels(frame, levels)),
    ):
        at = [place[name] for name in those]
        tied[np.ix_(at, at)] = strong
    _, label = connected_components(csr_array(tied), directed=False)
    found: dict[int, list[str]] = {}
    for name, code in zip(names, label.tolist(), strict=True):
        found.setdefault(code, []).append(name)
    return [members for members in found.values() if len(members) > 1]


def _by_ranks(frame: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return which columns are rank correlated, over the rows where both have a value."""
    import numpy as np
    import pandas as pd

    ranks = pd.DataFrame({name: _numbers(frame[name]) for name in names}, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = ranks.corr(method="spearman", min_periods=max(10, len(frame) // 2))
    return np.asarray(found.abs().to_numpy() >= STRONG)


def _numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return what orders as the values do; nulls stay nulls."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype(float)
    found, _ = pd.factorize(values, sort=True)
    return pd.Series(found, index=values.index, dtype=float).where(found >= 0)


def _by_levels(frame: pd.DataFrame, names: Sequence[str]) -> Array:
    import numpy as np
    import pandas as pd
    from scipy.stats.contingency import association

    coded = {name: pd.factorize(frame[name], use_na_sentinel=False) for name in names}
    few = [name for name in names if 1 < len(coded[name][1]) <= _LEVELS]
    found = np.zeros((len(names), len(names)), bool)
    for number, one in enumerate(few):
        for other in few[:number]:
            counts = pd.crosstab(coded[one][0], coded[other][0]).to_numpy()
            strong = association(counts, method="cramer") >= STRONG
            found[names.index(one), names.index(other)] = strong
    return found
