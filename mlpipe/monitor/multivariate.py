"""Drift of all columns together: whether a classifier tells current rows from those of training.

A domain classifier sees what no single column shows, such as a correlation that turned. Numbers,
categories and booleans are looked at together; each text by itself, by the words that are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.told_apart import carried, told_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlpipe.metrics.arrays import Array

__all__ = ["LONGEST", "MOST_ROWS", "multivariate", "unlooked"]

MOST_ROWS = 2_000
"""Rows of train that the bundle keeps, and of current data that are looked at."""

LONGEST = 2_000
"""Characters of a text that are kept, and looked at."""

_MOST_LEVELS = 200
_MOST_WORDS = 5_000
_KINDS, _TEXTS = ("number", "category", "boolean"), ("text",)


def unlooked(note: str = "") -> dict[str, Any]:
    """Return the report where columns are not looked at together."""
    return {"status": "insufficient", "notes": [note] if note else []}


def multivariate(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    kinds: Mapping[str, str],
    *,
    least: int,
    seed: int,
) -> dict[str, Any]:
    """Tell current rows from reference rows.

    Parameters
    ----------
    reference, current : DataFrame
        Of more than 2,000 rows, as many are taken at random.
    kinds : mapping
        column -> kind; numbers, categories, booleans and texts that both have are looked at.
    least : int
        Fewest rows of either; fewer are ``insufficient``.
    seed : int

    Returns
    -------
    dict
        ``status`` (ok, alert, insufficient), ``area`` and ``p`` of what is told apart best,
        ``carried``: the columns that tell most, ``rows``, ``columns``, ``texts`` (each with its
        ``area``, ``p`` and ``status``) and ``notes``.
    """
    import numpy as np

    names, texts = _looked_at(reference, current, kinds)
    rows = [min(len(each), MOST_ROWS) for each in (reference, current)]
    if not (names or texts) or min(rows) < least:
        why = f"fewer than {least:,} rows" if names or texts else "no column in common"
        return unlooked(why)
    rng = np.random.default_rng(seed)
    both = [
        each[[*names, *texts]].iloc[np.sort(rng.choice(len(each), count, replace=False))]
        for each, count in zip((reference, current), rows, strict=True)
    ]
    domain = np.repeat([0, 1], rows)
    parts = [_columns(both[0][names], both[1][names], kinds, domain, seed)] if names else []
    by_text = [_text(both[0][name], both[1][name], domain, seed) for name in texts]
    strongest = max([*parts, *by_text], key=lambda each: (each["status"] == "alert", each["area"]))
    return {
        "status": strongest["status"],
        "area": strongest["area"],
        "p": strongest["p"],
        "carried": strongest["carried"],
        "rows": {"reference": rows[0], "current": rows[1]},
        "columns": names,
        "texts": [
            {"column": name, **{key: each[key] for key in ("status", "area", "p")}}
            for name, each in zip(texts, by_text, strict=True)
        ],
        "notes": [],
    }


def _looked_at(
    reference: pd.DataFrame, current: pd.DataFrame, kinds: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return the columns of both that are looked at together, and the texts."""
    there = [str(name) for name in reference if name in current.columns]
    names, texts = ([n for n in there if kinds.get(n) in wanted] for wanted in (_KINDS, _TEXTS))
    return names, texts


def _columns(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    kinds: Mapping[str, str],
    domain: Array,
    seed: int,
) -> dict[str, Any]:
    """Look at numbers, categories and booleans together."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    table = _encoded(reference, current, kinds)
    model = HistGradientBoostingClassifier(
        max_iter=10, learning_rate=0.3, max_leaf_nodes=8, early_stopping=False, random_state=0
    )
    found = told_apart(model, table, domain, seed)
    names = [str(name) for name in reference]
    tells = carried(model, table, domain, names, seed) if found["status"] == "alert" else []
    return {**found, "carried": tells}


def _text(
    reference: pd.Series[Any], current: pd.Series[Any], domain: Array, seed: int
) -> dict[str, Any]:
    """Look at the words of one text: naive Bayes on TF-IDF is fast enough to be permuted."""
    import pandas as pd
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB

    said = pd.concat([reference, current]).astype("string").fillna("").str.slice(0, LONGEST)
    try:
        words = TfidfVectorizer(max_features=_MOST_WORDS, sublinear_tf=True).fit_transform(said)
    except ValueError:  # not a word in all of them
        return {"status": "ok", "area": 0.5, "p": None, "carried": []}
    found = told_apart(MultinomialNB(), words, domain, seed)
    name = {"column": str(reference.name), "lost": found["area"] - 0.5}
    return {**found, "carried": [name] if found["status"] == "alert" else []}


def _encoded(reference: pd.DataFrame, current: pd.DataFrame, kinds: Mapping[str, str]) -> Array:
    """Return both as numbers; of values, the codes of the most frequent ones."""
    import numpy as np
    import pandas as pd

    together = pd.concat([reference, current], ignore_index=True)
    columns = []
    for name in together:
        values = together[name]
        if kinds[str(name)] == "number":
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
            columns.append(np.where(np.isfinite(numbers), numbers, np.nan))
            continue
        known = values.astype("string").fillna("")
        top = known.value_counts().sort_index(kind="stable")
        ranked = top.sort_values(ascending=False, kind="stable").index[:_MOST_LEVELS]
        codes = known.map({value: code for code, value in enumerate(ranked)})
        columns.append(codes.fillna(_MOST_LEVELS).to_numpy(float))
    return np.column_stack(columns)
