"""Which parameters are tried: trial i depends on the seed and i alone."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.model_selection import ParameterGrid

from mlpipe.train.search.sampling import grid, points, random, turn, wanted
from mlpipe.train.search.spec import Search

SPACE = {
    "boosted.learning_rate": {"log_uniform": [0.01, 0.3]},
    "boosted.max_leaf_nodes": {"integers": [4, 64]},
    "linear.C": [0.1, 1, 10],
}
LISTS = {
    "linear.C": [0.1, 1, 10],
    "linear.l1_ratio": [0.0, 0.5],
    "boosted.max_iter": {"integers": [3, 4]},
}
NAMES = ["plain", "linear", "boosted"]


def spec(**section: Any) -> Search:
    return Search.read({"space": SPACE, **section})


def test_a_longer_search_begins_with_the_shorter_one() -> None:
    short, long = (random(spec(trials=n), NAMES, 7) for n in (9, 30))
    assert len(short) == 9 - len(NAMES)
    assert long[: len(short)] == short
    assert random(spec(trials=9), NAMES, 8) != short


def test_no_trial_depends_on_the_space_of_another_candidate() -> None:
    other = {**SPACE, "linear.C": {"uniform": [1, 2]}}
    one, two = (random(Search.read({"space": s, "trials": 20}), NAMES, 7) for s in (SPACE, other))
    assert [each for each in one if each[0] == "boosted"] == [e for e in two if e[0] == "boosted"]


def test_trials_are_shared_in_turn() -> None:
    drawn = random(spec(trials=10), NAMES, 7)
    assert [name for name, _ in drawn] == ["linear", "boosted"] * 3 + ["linear"]
    assert [turn(spec(), NAMES, number) for number in (3, 4, 5)] == ["linear", "boosted", "linear"]
    assert wanted(spec(), NAMES) == 40
    assert wanted(spec(trials=12), NAMES) == 12


@pytest.mark.parametrize("seed", range(3))
def test_every_value_is_in_the_space(seed: int) -> None:
    search = spec(trials=60)
    for name, params in random(search, NAMES, seed):
        domains = search.domains(name)
        assert params.keys() == domains.keys()
        assert all(domains[key].holds(value) for key, value in params.items())


def test_a_grid_has_the_order_of_scikit_learn() -> None:
    search = Search.read({"method": "grid", "space": LISTS})
    found = [params for name, params in grid(search, NAMES) if name == "linear"]
    assert found == list(ParameterGrid({"C": [0.1, 1, 10], "l1_ratio": [0.0, 0.5]}))
    assert points(search, "linear") == 6
    assert points(search, "boosted") == 2
    assert wanted(search, NAMES) == 3 + 6 + 2
    assert [name for name, _ in grid(search, NAMES)] == [
        "linear", "boosted", "linear", "boosted", *["linear"] * 4,
    ]  # fmt: skip


def test_the_first_points_of_a_grid_are_those_of_the_whole() -> None:
    whole = grid(Search.read({"method": "grid", "space": LISTS}), NAMES)
    part = grid(Search.read({"method": "grid", "space": LISTS, "trials": 6}), NAMES)
    assert part == whole[:3]


def test_a_part_of_an_endless_grid_is_taken_at_once() -> None:
    space = {f"linear.p{n}": {"integers": [1, 1000]} for n in range(5)}
    search = Search.read({"method": "grid", "space": space, "trials": 5})
    assert len(grid(search, NAMES)) == 2
    assert points(search, "linear") == 1000**5
