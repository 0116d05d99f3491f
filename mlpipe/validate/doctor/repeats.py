"""Rows that are there twice: on both sides of the split, or on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.validate.doctor.chance import matters
from mlpipe.validate.doctor.finding import Finding, percent
from mlpipe.validate.doctor.fingerprint import distinct, fingerprints, is_among, of_codes
from mlpipe.validate.doctor.likeness import normal_codes, similar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["repeated_rows"]

MOST_CHARACTERS = 25_000_000
"""Bytes of text beyond which every second, third… row is looked at for its like."""

_APART = "or keep them on one side: split: {by: group}"


def repeated_rows(rows: Rows) -> Iterator[Finding]:
    """Yield how many rows have all features of another, and whether that one is in train.

    Exactly, and nearly: but for case, space and punctuation, beyond three digits of numbers, or
    with nearly the same words. Where few values are possible rows repeat by nature, and nothing
    is said; neither of entities in time, of which some never change.
    """
    features, train = rows.features(), rows.train
    if not features or (rows.parting.by == "time" and rows.roles.entity):
        return
    prints, codes = fingerprints(features), [column.codes for column in features]
    exact = _seen(prints, train)
    count, judged = int(exact.sum()), int((~train).sum())
    again = _again(prints)
    if matters(count, judged, features, codes):
        yield _shared(count, judged, again)
    elif matters(again, rows.count, features, codes):
        yield _repeated(again, rows.count)
    step = _characters(features) // MOST_CHARACTERS + 1
    yield from _nearly([column.every(step) for column in features], exact[::step], train[::step])


def _nearly(features: Sequence[Column], exact: Array, train: Array) -> Iterator[Finding]:
    codes = [normal_codes(column) for column in features]
    near = (_seen(of_codes(codes), train) | similar(features, codes, train)) & ~exact
    count, judged = int(near.sum()), int((~train).sum())
    if matters(count, judged, features, codes):
        yield _near(count, judged)


def _characters(features: Sequence[Column]) -> int:
    """Return the bytes of all texts."""
    texts = [column for column in features if column.kind == "text" and column.is_string]
    return sum(int(column.levels.nbytes) for column in texts)


def _seen(prints: Array, train: Array) -> Array:
    """Return which rows outside train have the number of a row in train."""
    found = ~train
    found[~train] = is_among(prints[~train], distinct(prints[train]))
    return found


def _again(prints: Array) -> int:
    """Return how many rows there are beyond the first of their like."""
    return len(prints) - len(distinct(prints))


def _shared(count: int, judged: int, again: int) -> Finding:
    return Finding(
        "shared_rows",
        (),
        f"{count:,} of {judged:,} rows of valid and test ({percent(count, judged)}) are in train "
        "too, with the same features",
        f"remove the repeats in ingest.sql (select distinct), {_APART}",
        {"rows": count, "of": judged, "repeated": again},
    )


def _repeated(again: int, whole: int) -> Finding:
    return Finding(
        "repeated_rows",
        (),
        f"{again:,} of {whole:,} rows ({percent(again, whole)}) repeat the features of another; "
        "hardly any is in train and in what judges it",
        "remove the repeats in ingest.sql (select distinct), or keep them: each counts",
        {"rows": again, "of": whole},
    )


def _near(count: int, judged: int) -> Finding:
    return Finding(
        "near_rows",
        (),
        f"{count:,} of {judged:,} rows of valid and test ({percent(count, judged)}) are nearly in "
        "train: the same but for case, space, punctuation, a few words or the fourth digit",
        f"remove the repeats in ingest.sql, {_APART}",
        {"rows": count, "of": judged},
    )
