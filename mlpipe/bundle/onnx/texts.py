"""Weights of words: counted by skl2onnx's graph, weighed in float64 by ours."""

from __future__ import annotations

from typing import Any

from mlpipe.bundle.onnx.graph import Graph, NotConvertibleError
from mlpipe.bundle.onnx.library import by_library

__all__ = ["lowercased", "text_weights"]

_WORDS = r"[\p{L}\p{N}_]{2,}"
"""What Python's ``\\b\\w\\w+\\b`` finds, in the regular expressions of onnxruntime."""


def lowercased(vectorizer: Any) -> bool:
    """Whether texts come as small letters: ONNX makes them so for English alone."""
    return bool(vectorizer.lowercase)


def text_weights(graph: Graph, vectorizer: Any, tensor: str) -> tuple[str, int]:
    """Add a fitted `TfidfVectorizer` or `CountVectorizer` over one column of texts.

    The texts come in small letters, if it wants them so.

    Raises
    ------
    NotConvertibleError
        For an analyzer that ONNX does not have.
    """
    import numpy as np

    width = len(vectorizer.vocabulary_)
    counts = _counts(graph, vectorizer, tensor)
    zero, one = (graph.constant(np.array(value)) for value in (0.0, 1.0))
    there = graph.add("Greater", counts, zero)
    if vectorizer.binary:
        counts = graph.add("Cast", there, to=11)
    if getattr(vectorizer, "sublinear_tf", False):
        logs = graph.add("Add", graph.add("Log", graph.add("Where", there, counts, one)), one)
        counts = graph.add("Where", there, logs, zero)
    if getattr(vectorizer, "use_idf", False):
        counts = graph.add("Mul", counts, graph.constant(np.asarray(vectorizer.idf_)[None, :]))
    return (_unit_length(graph, counts) if getattr(vectorizer, "norm", None) else counts), width


def _counts(graph: Graph, vectorizer: Any, tensor: str) -> str:
    from sklearn.feature_extraction.text import CountVectorizer

    if vectorizer.analyzer not in ("word", "char"):
        raise NotConvertibleError(f"tfidf with analyzer: {vectorizer.analyzer} has no operator")
    counter = CountVectorizer(
        lowercase=False,
        ngram_range=vectorizer.ngram_range,
        analyzer=vectorizer.analyzer,
        stop_words=vectorizer.stop_words,
        vocabulary=vectorizer.vocabulary_,
    )
    counter.fit([])
    options = {"tokenexp": _WORDS} if vectorizer.analyzer == "word" else {}
    return by_library(graph, counter, tensor, 1, "string", options)


def _unit_length(graph: Graph, weights: str) -> str:
    """Divide by the Euclidean length; a text without words stays zero.

    Squares are added one after another, as scikit-learn does it: in any other order the last bit
    may differ, and a tree may split just there.
    """
    import numpy as np

    axis, zero, one, last = (
        graph.constant(value)
        for value in (np.array(1), np.array(0.0), np.array(1.0), np.array([-1], np.int64))
    )
    added = graph.add("CumSum", graph.add("Mul", weights, weights), axis)
    length = graph.add("Sqrt", graph.add("Gather", added, last, axis=1))
    empty = graph.add("Equal", length, zero)
    return graph.add("Div", weights, graph.add("Where", empty, one, length))
