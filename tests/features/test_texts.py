"""Words of texts against scikit-learn's own vectorizers, and what they keep in memory."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

from mlpipe.features.estimators import word_counts
from mlpipe.features.estimators.text import TextCounts, TextWeights
from mlpipe.features.words import step

PARAMETERS = [
    {},
    {"ngram_range": (1, 2), "min_df": 2},
    {"analyzer": "char_wb", "ngram_range": (2, 4)},
    {"analyzer": "char", "ngram_range": (1, 2)},
    {"stop_words": "english"},
    {"lowercase": False},
]
WORDS = ["the", "and", "Größe", "ΣΊΣΥΦΟΣ", "a", "can't", "3.5", "x_y", "日本語", "\x00", "\n"]


def _frame(texts):
    return pd.DataFrame({"n": pd.Series(texts, dtype=object)})


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Several pieces, as a large table has."""
    monkeypatch.setattr(word_counts, "_ROWS", 7)


def _texts(seed=0, count=60):
    rng = np.random.default_rng(seed)
    some = [" ".join(rng.choice([*WORDS, "late", "Late"], rng.integers(0, 9))) for _ in range(40)]
    return [*rng.choice(some, count), "echo " * 300]


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
@pytest.mark.parametrize("sublinear", [False, True])
def test_weights_are_those_of_scikit_learn(parameters, sublinear):
    ours = TextWeights(**parameters, sublinear_tf=sublinear)
    theirs = TfidfVectorizer(**parameters, sublinear_tf=sublinear)
    made, expected = ours.fit_transform(_frame(_texts())), theirs.fit_transform(_texts())
    assert list(ours.vectorizer_.vocabulary_) == list(theirs.get_feature_names_out())
    made.check_format()
    np.testing.assert_allclose(made.toarray(), expected.toarray(), rtol=0, atol=1e-12)
    new = [*_texts(seed=9), "words that nobody knows", ""]
    made, expected = ours.transform(_frame(new)), theirs.transform(new)
    np.testing.assert_allclose(made.toarray(), expected.toarray(), rtol=0, atol=1e-12)
    # What the bundle holds is scikit-learn's own, fitted: another program may read it.
    np.testing.assert_allclose(ours.vectorizer_.transform(new).toarray(), expected.toarray())


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
@pytest.mark.parametrize("binary", [False, True])
def test_counts_are_those_of_scikit_learn(parameters, binary):
    ours = TextCounts(**parameters, binary=binary)
    theirs = CountVectorizer(**parameters, binary=binary)
    made, expected = ours.fit_transform(_frame(_texts())), theirs.fit_transform(_texts())
    np.testing.assert_array_equal(made.toarray(), expected.toarray())
    assert made.toarray().max() == (1 if binary else expected.max())


@pytest.mark.slow
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=20))
def test_any_text_is_counted_as_scikit_learn_does(texts):
    try:
        expected = CountVectorizer().fit_transform(texts).toarray()
    except ValueError:  # no words at all
        with pytest.raises(ValueError, match="no word is left"):
            TextCounts().fit(_frame(texts))
        return
    np.testing.assert_array_equal(TextCounts().fit_transform(_frame(texts)).toarray(), expected)


def test_of_equally_frequent_words_the_first_by_name_stay():
    texts = ["delta alpha", "charlie bravo", "zulu zulu"]
    fitted = TextCounts(max_features=3).fit(_frame(texts))
    assert list(fitted.get_feature_names_out()) == ["n_alpha", "n_bravo", "n_zulu"]


def test_a_missing_text_has_no_words_and_a_repeated_one_is_read_once(monkeypatch):
    read = []
    find = CountVectorizer().build_tokenizer()
    tokenizer = lambda self: lambda text: read.append(text) or find(text)  # noqa: E731
    monkeypatch.setattr(CountVectorizer, "build_tokenizer", tokenizer)
    made = TextCounts().fit_transform(_frame(["one two", None, "one two", "two", np.nan]))
    np.testing.assert_array_equal(made.toarray(), [[1, 1], [0, 0], [1, 1], [0, 1], [0, 0]])
    assert read == ["one two", "two"]


def test_no_word_at_all_is_said():
    for texts in ([None, None], ["", "!"]):
        with pytest.raises(ValueError, match="no word is left: the texts are empty"):
            TextWeights().fit(_frame(texts))


def test_no_row_is_no_row():
    fitted = TextWeights().fit(_frame(["one two"]))
    assert fitted.transform(_frame([])).shape == (0, 2)


def test_hashes_are_those_of_scikit_learn():
    fitted = step({"hash_text": {"size": 64, "ngrams": [1, 2]}}).build(0)
    made = fitted.fit_transform(_frame([*_texts(), None]))
    theirs = HashingVectorizer(n_features=64, ngram_range=(1, 2))
    np.testing.assert_array_equal(made.toarray(), theirs.transform([*_texts(), ""]).toarray())


def test_lsa_is_svd_of_tfidf_and_brings_synonyms_together():
    texts = ["car engine", "automobile engine", "car motor", "automobile motor"] * 5
    texts += ["banana fruit", "apple fruit"] * 5
    fitted = step({"lsa": {"size": 2}}).build(3)
    made = fitted.fit_transform(_frame(texts))
    weights = TfidfVectorizer().fit_transform(texts)
    expected = TruncatedSVD(2, random_state=3).fit_transform(weights)
    np.testing.assert_allclose(made, expected, atol=1e-9)
    assert list(fitted.get_feature_names_out()) == ["lsa0", "lsa1"]
    near = made / np.linalg.norm(made, axis=1, keepdims=True)
    assert near[0] @ near[3] > 0.9  # no word in common
    assert near[0] @ near[20] < 0.1


def test_measures_of_a_text():
    parts = ["characters", "words", "word_length", "capitals", "digits", "punctuation"]
    made = (
        step({"text_length": parts})
        .build(0)
        .fit_transform(_frame(["WIN 100 now!!", "", None, "ab cd"]))
    )
    np.testing.assert_allclose(
        made,
        [
            [13, 3, 11 / 3, 3 / 6, 3 / 13, 2 / 13],
            [0, 0, 0, 0, 0, 0],
            [np.nan] * 6,
            [5, 2, 2, 0, 0, 0],
        ],
    )
