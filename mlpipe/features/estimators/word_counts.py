"""Counts of words, as scikit-learn's vectorizers have them, in half of their memory."""
# ruff: noqa: TID253 - for scikit-learn transformers; imported lazily

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import CountVectorizer

__all__ = ["count", "learn", "pieces"]

_ROWS = 32_768
"""Texts are taken so many at a time, so that their words are never all there at once."""


def learn(
    vectorizer: CountVectorizer, texts: NDArray[np.object_]
) -> tuple[csr_matrix, NDArray[np.int64]]:
    """Give a vectorizer its vocabulary; return the counts in one pass over the texts.

    The analyzer, the limits and so the vocabulary are those of the vectorizer, but for one thing:
    where more words are equally frequent than ``max_features`` has room for, the first by name
    stay. scikit-learn takes what a sort that is not stable puts first, which depends on the
    processor.

    Parameters
    ----------
    vectorizer : CountVectorizer or TfidfVectorizer
        Its ``vocabulary_`` is set; ``min_df`` is a number of texts.
    texts : array of str, shape (n,)
        A missing one has no words.

    Returns
    -------
    counts : csr_matrix of float64, shape (n, words)
    frequencies : array of int64, shape (words,)
        How many texts have each word.

    Raises
    ------
    ValueError
        If no word is left.
    """
    met: defaultdict[str, int] = defaultdict()
    met.default_factory = met.__len__  # a new word gets the next number
    counts = _numbered(vectorizer, texts, lambda words: map(met.__getitem__, words), met)
    found, times = np.zeros(len(met), dtype=np.int64), np.zeros(len(met))
    for _, piece in pieces(counts):
        found += np.bincount(piece.indices, minlength=len(met))
        times += np.bincount(piece.indices, piece.data, len(met))
    words = sorted(met)
    numbers = np.array([met[word] for word in words], dtype=np.int64)
    stays = np.flatnonzero(found[numbers] >= vectorizer.min_df)
    if vectorizer.max_features is not None:
        order = np.argsort(-times[numbers[stays]], kind="stable")
        stays = np.sort(stays[order[: vectorizer.max_features]])
    if not len(stays):
        raise ValueError("no word is left: the texts are empty, or min_count is too high")
    # Python's integers: numpy's would be a file each in the bundle.
    vectorizer.vocabulary_ = {words[word]: place for place, word in enumerate(stays)}
    places = np.full(len(met), -1, dtype=np.int32)
    places[numbers[stays]] = np.arange(len(stays))
    return _moved(counts, places, len(stays)), found[numbers[stays]]


def count(vectorizer: CountVectorizer, texts: NDArray[np.object_]) -> csr_matrix:
    """Return how often each text has each word of the vocabulary, shape (n, words)."""
    words = vectorizer.vocabulary_
    # The number after the last is that of all words that are not known.
    known, unknown = words.get, len(words)
    counts = _numbered(vectorizer, texts, lambda found: map(known, found, repeat(unknown)), words)
    return _moved(counts, np.array([*range(unknown), -1], dtype=np.int32), unknown)


def pieces(matrix: csr_matrix) -> Iterator[tuple[slice, csr_matrix]]:
    """Yield some rows at a time, and which of the stored values are theirs."""
    for row in range(0, matrix.shape[0], _ROWS):
        starts = matrix.indptr[row : row + _ROWS + 1]
        part = slice(starts[0], starts[-1])
        shape = (len(starts) - 1, matrix.shape[1])
        yield part, csr_matrix((matrix.data[part], matrix.indices[part], starts - starts[0]), shape)


def _numbered(
    vectorizer: CountVectorizer,
    texts: NDArray[np.object_],
    numbers: Callable[[Iterable[str]], Iterable[int]],
    words: dict[str, int],
) -> csr_matrix:
    """Return how often each text has the word of each number, one more than there are words."""
    analyze = _analyzer(vectorizer)
    # Most words come once in a text, so that a byte holds how often.
    columns, times = array("i"), array("B")
    lengths = [np.zeros(1, dtype=np.int64)]
    for first in range(0, len(texts), _ROWS):
        counts = _counted(texts[first : first + _ROWS], analyze, numbers)
        if vectorizer.binary:
            counts.data[:] = 1
        if counts.data.max(initial=0) > 255:
            times = array("i", times)
        columns.frombytes(counts.indices.tobytes())
        times.frombytes(counts.data.astype(times.typecode).tobytes())
        lengths.append(np.diff(counts.indptr))
    starts = np.cumsum(np.concatenate(lengths))
    index = np.int32 if len(columns) < 2**31 else np.int64
    parts = (np.frombuffer(times, times.typecode), np.frombuffer(columns, np.int32))
    return csr_matrix((*parts, starts.astype(index)), (len(texts), len(words) + 1))


def _analyzer(vectorizer: CountVectorizer) -> Callable[[str], list[str]]:
    plain = vectorizer.analyzer == "word" and tuple(vectorizer.ngram_range) == (1, 1)
    if not plain or vectorizer.stop_words:
        analyze: Callable[[str], list[str]] = vectorizer.build_analyzer()
        return analyze
    # Words one by one are what its tokenizer finds: the calls around it take as long again.
    find: Callable[[str], list[str]] = vectorizer.build_tokenizer()
    return (lambda text: find(text.lower())) if vectorizer.lowercase else find


def _counted(
    texts: NDArray[np.object_],
    analyze: Callable[[str], list[str]],
    numbers: Callable[[Iterable[str]], Iterable[int]],
) -> csr_matrix:
    """Return the counts of some texts, as wide as need be; a text that comes again is read once."""
    codes, distinct = pd.factorize(texts)
    documents = [*map(analyze, distinct), []]  # code −1 is missing: the last one
    starts = np.zeros(len(documents) + 1, dtype=np.int32)
    np.cumsum([*map(len, documents)], out=starts[1:])
    columns = np.fromiter(numbers(chain.from_iterable(documents)), np.int32, starts[-1])
    shape = (len(documents), int(columns.max(initial=-1)) + 1)
    counts = csr_matrix((np.ones(len(columns), np.int32), columns, starts), shape)
    counts.sum_duplicates()
    return counts[codes]


def _moved(counts: csr_matrix, places: NDArray[np.int32], width: int) -> csr_matrix:
    """Return the counts as floats in other columns, in the memory of those given.

    Parameters
    ----------
    counts : csr_matrix
        Its columns are written over.
    places : array of int32
        The new column of each, −1 for none.
    width : int
        How many new columns there are.
    """
    stored = sum(int(np.count_nonzero(places[piece.indices] >= 0)) for _, piece in pieces(counts))
    values, columns = np.empty(stored), counts.indices
    starts, row, first = np.zeros_like(counts.indptr), 0, 0
    for _, piece in pieces(counts):
        moved = places[piece.indices]
        kept = moved >= 0
        ends = np.concatenate([[0], np.cumsum(kept)])[piece.indptr]
        made = csr_matrix((piece.data[kept], moved[kept], ends), (piece.shape[0], width))
        made.sort_indices()
        part = slice(first, first + made.nnz)
        # No further than what was read: each piece keeps at most what it had.
        values[part], columns[part] = made.data, made.indices
        starts[row + 1 : row + 1 + made.shape[0]] = ends[1:] + first
        row, first = row + made.shape[0], part.stop
    return csr_matrix((values, columns[:stored], starts), (counts.shape[0], width))
