"""When two rows are nearly the same: values in a plain form, and texts with nearly all words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.validate.doctor.fingerprint import mixed, of_codes
from mlpipe.validate.doctor.plaintext import plain_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column

__all__ = ["normal_codes", "similar"]

DIGITS = 3
SHINGLE = 3
FEWEST_WORDS = 10
BANDS, DEEP = 8, 4
LIKE = 27
"""Of 32 minima that must be equal: a Jaccard similarity of about 0.84."""

MOST_TEXTS = 40_000


def normal_codes(column: Column) -> Array:
    """Return codes (n,) in which values that are nearly the same are one; −1 for missing."""
    import numpy as np
    import pyarrow.compute as pc

    if column.is_number:
        place = _digits(column)
    elif column.is_string:
        found = pc.dictionary_encode(plain_words(column.levels))
        place = found.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    else:
        return column.codes
    return np.append(place, -1)[column.codes]


def _digits(column: Column) -> Array:
    """Return the number of each level's first three significant digits."""
    import numpy as np

    values = np.asarray(column.levels.to_numpy(zero_copy_only=False), float)
    size = np.abs(values)
    usual = np.isfinite(values) & (size > 0)
    power = np.zeros(len(values), np.int64)
    power[usual] = np.floor(np.log10(size[usual])).astype(np.int64) - (DIGITS - 1)
    shown = np.where(usual, np.round(values / 10.0**power), values)
    # The levels ascend, and so do their digits: what is equal is next to each other.
    other = (shown[1:] != shown[:-1]) | (power[1:] != power[:-1])
    return np.concatenate([[0], np.cumsum(other)]) if len(values) else power


def similar(features: Sequence[Column], codes: Sequence[Array], train: Array) -> Array:
    """Return which rows outside train have nearly the text of a train row, all else alike.

    MinHash over runs of three words (Broder 1997), in bands; texts under ten words are too short
    for it, and of more than 40,000 the first are looked at.

    Parameters
    ----------
    features, codes : sequences
        The columns and their `normal_codes`.
    train : array of bool, shape (n,)
    """
    import numpy as np

    found = np.zeros(len(train), bool)
    for place, column in enumerate(features):
        if column.kind != "text" or not column.is_string:
            continue
        others = [each for at, each in enumerate(codes) if at != place]
        rest = of_codes(others) if others else np.zeros(len(train), np.uint64)
        at, minima = _minima(column)
        found |= _alike(at, minima, rest, train)
    return found


def _minima(column: Column) -> tuple[Array, Array]:
    """Return the rows (m,) whose text is long enough, and their 32 minima (m, 32)."""
    import numpy as np
    import pyarrow.compute as pc

    rows = np.flatnonzero(column.present)[:MOST_TEXTS]
    levels, place = np.unique(column.codes[rows], return_inverse=True)
    words = pc.split_pattern(plain_words(column.levels.take(levels)), " ")
    lengths = pc.list_value_length(words).to_numpy(zero_copy_only=False)
    flat = pc.dictionary_encode(pc.list_flatten(words)).indices.to_numpy(zero_copy_only=False)
    ids = mixed(flat.astype(np.uint64) + np.uint64(1))
    long = lengths >= FEWEST_WORDS
    kept = ids[np.repeat(long, lengths)]
    minima = _lowest(kept, lengths[long])
    number = np.cumsum(long) - 1
    there = long[place]
    return rows[there], minima[number[place[there]]]


def _lowest(ids: Array, lengths: Array) -> Array:
    """Return the lowest of 32 hashes over the runs of words of each text, shape (m, 32)."""
    import numpy as np

    if not len(lengths):
        return np.zeros((0, BANDS * DEEP), np.uint64)
    with np.errstate(over="ignore"):
        second, third = np.roll(ids, -1), np.roll(ids, -2)
        runs = mixed(ids + mixed(second + mixed(third)))
    ends = np.cumsum(lengths)
    inside = np.ones(len(ids), bool)
    for back in range(1, SHINGLE):
        inside[ends - back] = False
    starts = np.concatenate([[0], np.cumsum(lengths - (SHINGLE - 1))[:-1]])
    runs = runs[inside]
    columns = []
    for number in range(BANDS * DEEP):
        with np.errstate(over="ignore"):
            hashed = mixed(runs + np.uint64(number + 1) * np.uint64(0x9E3779B97F4A7C15))
        columns.append(np.minimum.reduceat(hashed, starts))
    return np.stack(columns, axis=1)


def _alike(at: Array, minima: Array, rest: Array, train: Array) -> Array:
    """Return which rows outside train share a band and most minima with one in train."""
    import numpy as np

    found = np.zeros(len(train), bool)
    learned = train[at]
    for band in range(BANDS):
        part = minima[:, band * DEEP : (band + 1) * DEEP]
        key = rest[at]
        for column in part.T:
            key = mixed(key + column)
        keys, first = np.unique(key[learned], return_index=True)
        if not len(keys):
            break
        place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        partner = np.flatnonzero(learned)[first[place]]
        same = (keys[place] == key) & ~learned
        same[same] = (minima[same] == minima[partner[same]]).sum(axis=1) >= LIKE
        found[at[same]] = True
    return found
