import numpy as np
import pandas as pd
import pytest

from mlpipe.monitor.multivariate import multivariate

KINDS = {"a": "number", "b": "number", "s": "category", "when": "date"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("mlpipe.monitor.told_apart._PERMUTATIONS", 19)
    monkeypatch.setattr("mlpipe.monitor.told_apart.ALPHA", 0.05)


def rows(seed, correlation=0.8, n=500):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    b = correlation * a + (1 - correlation**2) ** 0.5 * rng.normal(size=n)
    levels = pd.Series(rng.choice(["x", "y", None], n), dtype=object)
    return pd.DataFrame({"a": a, "b": b, "s": levels, "when": pd.Timestamp("2026-01-01")})


def test_a_correlation_that_turned_is_an_alert_though_no_column_moved():
    found = multivariate(rows(0), rows(1, -0.8), KINDS, least=200, seed=1)
    assert (found["status"], found["p"]) == ("alert", 0.05)
    assert found["area"] > 0.8
    assert found["columns"] == ["a", "b", "s"]  # dates always drift


def test_quiet_rows_are_not_told_apart():
    later = rows(1)
    later["when"] = pd.Timestamp("2026-06-01")
    found = multivariate(rows(0), later, KINDS, least=200, seed=1)
    assert (found["status"], found["p"]) == ("ok", None)
    assert found["area"] == pytest.approx(0.5, abs=0.1)


def test_a_new_category_is_told_apart():
    later = rows(1)
    later.loc[:300, "s"] = "new"
    assert multivariate(rows(0), later, KINDS, least=200, seed=1)["status"] == "alert"


def test_the_columns_that_tell_most_are_named():
    later = rows(1)
    later["b"] += 2
    found = multivariate(rows(0), later, KINDS, least=200, seed=1)
    assert found["carried"][0]["column"] == "b"
    assert found["carried"][0]["lost"] > 0.2
    assert multivariate(rows(0), rows(1), KINDS, least=200, seed=1)["carried"] == []


def notes(seed, words, n=300):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"t": [" ".join(rng.choice(words, 6)) for _ in range(n)]})


OLD, NEW = [f"old{at}" for at in range(50)], [f"new{at}" for at in range(50)]


def test_texts_about_something_else_are_told_apart_by_their_words():
    mixed = [*OLD, *NEW[:20]]
    found = multivariate(notes(0, OLD), notes(1, mixed), {"t": "text"}, least=200, seed=1)
    (text,) = found["texts"]
    assert (found["status"], text["status"], text["p"]) == ("alert", "alert", 0.05)
    assert found["carried"][0]["column"] == "t"
    assert found["area"] == text["area"] > 0.8


@pytest.mark.parametrize("words", [OLD, [""]])
def test_texts_of_the_same_words_and_of_none_are_quiet(words):
    found = multivariate(notes(0, words), notes(1, words), {"t": "text"}, least=200, seed=1)
    assert (found["status"], found["texts"][0]["p"]) == ("ok", None)
    assert found["area"] == pytest.approx(0.5, abs=0.1)


def test_the_same_rows_and_seed_give_the_same():
    one = multivariate(rows(0), rows(1), KINDS, least=200, seed=1)
    assert one == multivariate(rows(0), rows(1), KINDS, least=200, seed=1)


def test_few_rows_and_no_column_in_common_are_insufficient():
    few = multivariate(rows(0), rows(1, n=150), KINDS, least=200, seed=1)
    assert (few["status"], few["notes"]) == ("insufficient", ["fewer than 200 rows"])
    other = multivariate(rows(0), pd.DataFrame({"z": [1.0]}), KINDS, least=1, seed=1)
    assert other["notes"] == ["no column in common"]
