"""Whatever the bytes, a spec is read or refused at a place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.yaml import parse, scalar
from tests.spec.fuzz import SNIPPETS, fuzz


@pytest.mark.parametrize("seed", range(4))
def test_mutated_specs(seed: int) -> None:
    result = fuzz(400, seed)
    assert result.count == 400
    assert 0 < result.accepted < 400
    assert result.slowest < 2


def test_the_same_seed_tries_the_same_specs() -> None:
    assert fuzz(60, 11).accepted == fuzz(60, 11).accepted


def test_a_crash_comes_through_with_its_input() -> None:
    def crash(*_: object) -> None:
        raise KeyError("x")

    with pytest.raises(AssertionError, match=r"KeyError\('x'\) for b'"):
        fuzz(1, 0, crash)


def test_a_problem_without_a_place_comes_through() -> None:
    def refuse(*_: object) -> None:
        raise SpecError("nowhere")

    with pytest.raises(AssertionError, match="no place: nowhere"):
        fuzz(1, 0, refuse)


@given(st.binary(max_size=60) | st.lists(st.sampled_from(SNIPPETS), max_size=12).map(b"".join))
def test_any_bytes(data: bytes) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        tree = parse(data, "f.yaml")
    except SpecError as error:
        problems = error.problems
    else:
        assert isinstance(tree.value, dict)
        assert tree.marks.keys() >= tree.keys.keys()
    assert all(problem.place.startswith("f.yaml") for problem in problems)


@given(st.text(max_size=30))
def test_any_value_of_an_option(text: str) -> None:
    with contextlib.suppress(SpecError):
        value = scalar(text)
        assert value is None or isinstance(value, str | int | float | bool | list | dict)
