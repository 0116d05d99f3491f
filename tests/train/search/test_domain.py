"""The words of a space: what they draw, what they hold, and how they are written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import kstest, loguniform

from mlpipe.train.search.spec import Search


def domain(written: Any) -> Any:
    return Search.read({"space": {"m.p": written}}).space["m.p"]


def draws(written: Any, count: int = 2000, seed: int = 0) -> list[Any]:
    random, drawn = np.random.default_rng(seed), domain(written)
    return [drawn.draw(random) for _ in range(count)]


@given(st.floats(1e-6, 10), st.floats(1.01, 1e6), st.integers(0, 2**32 - 1))
def test_what_is_drawn_is_held(low: float, times: float, seed: int) -> None:
    for word in ("uniform", "log_uniform"):
        written = {word: [low, low * times]}
        assert all(domain(written).holds(value) for value in draws(written, 5, seed))


@given(st.integers(1, 1000), st.integers(1, 10**6), st.booleans(), st.integers(0, 2**32 - 1))
def test_whole_numbers_are_held(low: int, more: int, log: bool, seed: int) -> None:
    written = {"integers": {"between": [low, low + more], "log": log}}
    found = draws(written, 5, seed)
    assert all(type(value) is int and low <= value <= low + more for value in found)


def test_log_uniform_is_that_of_scipy() -> None:
    assert kstest(draws({"log_uniform": [0.01, 0.3]}), loguniform(0.01, 0.3).cdf).pvalue > 0.01
    assert kstest(draws({"uniform": [0.01, 0.3]}), loguniform(0.01, 0.3).cdf).pvalue < 1e-9


def test_both_ends_of_whole_numbers_come_up() -> None:
    assert set(draws({"integers": [2, 5]})) == {2, 3, 4, 5}
    log = draws({"integers": {"between": [1, 1000], "log": True}})
    assert 0.25 < np.mean(np.array(log) <= 10) < 0.55
    assert np.mean(np.array(draws({"integers": [1, 1000]})) <= 10) < 0.05


def test_choices_are_all_taken_and_tell_true_from_one() -> None:
    assert set(map(repr, draws([1, "a", None, 0.5], 200))) == {"1", "'a'", "None", "0.5"}
    assert domain([True, "x"]).holds(True)
    assert not domain([True, "x"]).holds(1)
    assert not domain({"integers": [0, 3]}).holds(True)


@pytest.mark.parametrize(
    "written",
    [
        [0.1, 1, 10],
        [None, "sqrt", [3, 4]],
        {"uniform": [0, 1]},
        {"log_uniform": [0.01, 0.3]},
        {"integers": [4, 64]},
        {"integers": {"between": [4, 64], "log": True}},
    ],
)
def test_a_domain_comes_back_from_what_it_is_written_as(written: Any) -> None:
    search = Search.read({"space": {"m.p": written}})
    assert Search.read(search.model_dump(mode="json")) == search


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([], "at least 1 item"),
        ([1, 2, 1], "stands there twice"),
        ({"uniform": [1, 1]}, "must be less than"),
        ({"uniform": [2, 1]}, "must be less than"),
        ({"uniform": [0.1]}, "Field required"),
        ({"uniform": [0.1, 0.2, 0.3]}, "at most 2 items"),
        ({"uniform": ["a", 1]}, "valid number"),
        ({"uniform": [0, float("inf")]}, "finite"),
        ({"log_uniform": [0, 1]}, "no logarithm"),
        ({"log_uniform": [-1, 1]}, "no logarithm"),
        ({"integers": [1.5, 3]}, "valid integer"),
        ({"integers": {"between": [0, 3], "log": True}}, "no logarithm"),
        ({"normal": [0, 1]}, "not known"),
        ({"uniform": [0, 1], "log": True}, "nothing beside it"),
        (0.5, "expected a word"),
    ],
)
def test_bad_domains(written: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        domain(written)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({}, "Field required"),
        ({"space": {}}, "at least 1 item"),
        ({"space": {"m.p": [1]}, "trials": 0}, "greater than or equal to 1"),
        ({"space": {"m.p": [1]}, "seconds": 60}, "Extra inputs"),
        ({"space": {"m.p": [1]}, "method": "bayes"}, "'optuna'"),
        ({"space": {"m.p": [1]}, "batch": 2}, "`batch` is for method: optuna"),
        ({"space": {"m.p": [1]}, "factor": 2}, "`factor` is for method: halving"),
        ({"space": {"m.p": [1]}, "method": "grid", "resource": "rows"}, "for method: halving"),
    ],
)
def test_bad_sections(section: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Search.read(section)
