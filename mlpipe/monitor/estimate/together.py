"""Rows whose values are all known and were never together: the support of columns jointly.

A row lies apart where its nearest neighbours among the rows of training are farther off than those
of 99 in 100 rows of training are: the distance to the k-th neighbour (Ramaswamy et al. 2000), in
units in which columns do not hang together (Mahalanobis), so that a correlation that breaks shows
among columns that have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.intervals import wilson
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.window import Window

__all__ = ["USUAL", "apart", "apart_by_chunk", "apart_notes"]

USUAL = 0.01
"""The share of rows like those of training that lie apart."""

LEADING = 10
"""Columns that are looked at: those that matter most. Among more, all rows are far from all."""

MOST_ROWS = 1_000
"""Rows of a chunk that are looked at; the share of them is within two points of that of all."""

LEAST_ROWS = 200
"""Fewest rows of training that say where the others are, and quantiles that ranks are told by."""

_NEIGHBOUR = 5
_LEAST_SHARE = 0.05
"""Of the rows of training, that have a value which is looked at by itself."""


def apart(reference: pd.DataFrame, current: pd.DataFrame, kinds: Mapping[str, str]) -> Array:
    """Say of each current row whether it lies apart from those of training, shape (n,).

    Numbers count by their rank in training, as normal scores, so that long tails hold no power;
    a missing one is that of the nearest rows. Values are one column each, the rare ones one
    together.

    Parameters
    ----------
    reference : DataFrame, m rows
    current : DataFrame, n rows
        With the same columns.
    kinds : mapping
        column -> kind; one that is not ``number`` is looked at by value.
    """
    import numpy as np
    from sklearn.covariance import LedoitWolf
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):  # sums of several threads differ in their last digits
        encoder = _encoder(kinds)
        known = encoder.fit_transform(_plain(reference, kinds))
        asked = encoder.transform(_plain(current, kinds))
        # Shrunk, so that columns which said the same at training do not weigh without limit.
        unit = np.linalg.cholesky(LedoitWolf().fit(known).precision_)
        tree = NearestNeighbors(n_neighbors=_NEIGHBOUR, algorithm="kd_tree").fit(known @ unit)
        usual = np.quantile(tree.kneighbors()[0][:, -1], 1 - USUAL)
        return np.asarray(tree.kneighbors(asked @ unit)[0][:, -1] > usual)


def apart_by_chunk(
    known: pd.DataFrame,
    reference: Mapping[str, Any],
    window: Window,
    chunks: Sequence[Unlabelled],
    outside: pd.Series[bool],
    *,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Return which share of each chunk lies apart, though no column of it is outside.

    Parameters
    ----------
    known : DataFrame
        Rows of training.
    reference : mapping
        The profile: the kinds of the columns, and how much each matters.
    window : Window
    chunks : sequence of Unlabelled
    outside : Series of bool
        Whether a column of the row is outside, by ``_row``.
    seed : int
        Of the rows that are taken of large chunks.

    Returns
    -------
    dict
        Label -> ``share`` and the ``rows`` it stands on; empty where fewer than two columns or
        too few rows are known.
    """
    names = _leading(known, reference, window.table.columns)
    if len(names) < 2 or len(known) < LEAST_ROWS:
        return {}
    import pandas as pd

    taken = {each.label: _some(each.rows, seed) for each in chunks if len(each)}
    wanted = [pd.DataFrame({ROW: rows, "_of": label}) for label, rows in taken.items()]
    if not wanted:
        return {}
    table, kinds = window.table.select(ROW, *names), reference["bins"]
    rows = window.session.frame(pd.concat(wanted)).inner_join(table, ROW).order_by(ROW)
    frame = window.session.pandas(rows)
    far = apart(known[names], frame[names], {name: kinds[name]["kind"] for name in names})
    frame = frame.assign(_far=far & ~outside.reindex(frame[ROW]).to_numpy(bool))
    found = frame.groupby("_of", sort=False)["_far"]
    shares, counts = found.mean(), found.size()
    return {
        label: {"share": float(shares[label]), "rows": int(counts[label])}
        for label in taken
        if label in counts
    }


def apart_notes(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say where more rows lie apart than chance explains: twice the usual share at least.

    >>> apart_notes({"May": {"share": 0.012, "rows": 1000}, "June": {"share": 0.2, "rows": 1000}})
    ['20 % of the rows of June hold values that are all known from training, and were never \
together there (1 % is usual): what is estimated of them is a guess']
    >>> apart_notes({"May": {"share": 0.03, "rows": 200}})
    []
    """
    beyond = [
        (label, each["share"])
        for label, each in found.items()
        if wilson(round(each["share"] * each["rows"]), each["rows"])[0] > 2 * USUAL
    ]
    return [
        f"{100 * share:.0f} % of the rows of {label} hold values that are all known from training, "
        "and were never together there (1 % is usual): what is estimated of them is a guess"
        for label, share in beyond[-1:]
    ]


def _leading(known: pd.DataFrame, reference: Mapping[str, Any], there: Sequence[str]) -> list[str]:
    """Return the columns that matter most, of those that both have and that ever varied."""
    importance = reference.get("importance") or {}
    kinds = {name: each["kind"] for name, each in reference["bins"].items()}
    names = [
        str(name)
        for name in known
        if name in there
        and kinds.get(name) in ("number", "category", "boolean")
        and (not importance or importance.get(name, 0) > 0)
        and known[name].nunique() > 1
    ]
    return sorted(names, key=lambda name: (-importance.get(name, 0), name))[:LEADING]


def _some(rows: Array, seed: int) -> Array:
    import numpy as np

    if len(rows) <= MOST_ROWS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))


def _encoder(kinds: Mapping[str, str]) -> Any:
    """Return what turns columns into numbers of about one size."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import KNNImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

    ranks = QuantileTransformer(n_quantiles=LEAST_ROWS, output_distribution="normal")
    ones = OneHotEncoder(
        min_frequency=_LEAST_SHARE, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    return make_column_transformer(
        (make_pipeline(ranks, KNNImputer(n_neighbors=_NEIGHBOUR)), _numbers(kinds)),
        (ones, [name for name in kinds if name not in _numbers(kinds)]),
    )


def _numbers(kinds: Mapping[str, str]) -> list[str]:
    return [name for name, kind in kinds.items() if kind == "number"]


def _plain(frame: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Return numbers, with NaN where there is none or one without end, and texts."""
    import numpy as np
    import pandas as pd

    numbers = {name: pd.to_numeric(frame[name], errors="coerce") for name in _numbers(kinds)}
    return pd.DataFrame(
        {
            name: numbers[name].astype(float).replace([np.inf, -np.inf], np.nan)
            if name in numbers
            else frame[name].astype("string").fillna("").astype(object)
            for name in kinds
        }
    )
