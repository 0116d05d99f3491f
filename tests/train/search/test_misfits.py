"""A bad space is refused at its line, before anything is read or fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlpipe.errors import SpecError
from mlpipe.pipeline import load
from mlpipe.train.misfits import misfits
from mlpipe.train.search import misfits as module
from mlpipe.train.spec import Train
from tests.project import SPEC

if TYPE_CHECKING:
    from pathlib import Path

MODELS = {
    "linear": "logistic_regression",
    "boosted": {"type": "hist_gradient_boosting", "max_iter": 50},
    "knn": "sklearn.neighbors.KNeighborsClassifier",
}


def found(space: Any, models: Any = MODELS, **search: Any) -> list[tuple[Any, str, str]]:
    section = {"models": models, "search": {"space": space, **search}}
    return list(misfits(Train.read(section), "binary"))


@pytest.mark.parametrize(
    ("key", "domain", "message", "hint"),
    [
        ("bosted.max_iter", [5], "there is no candidate 'bosted'", "did you mean 'boosted'?"),
        ("x.C", [5], "there is no candidate 'x'", "the candidates are: linear, boosted, knn"),
        ("linear.c", [5], "logistic_regression has no parameter 'c'", "did you mean 'C'?"),
        ("boosted.learning_rat", [0.1], "has no parameter 'learning_rat'", "'learning_rate'?"),
        ("knn.n_neighbours", [3], "has no parameter 'n_neighbours'", "'n_neighbors'?"),
        ("linear", [5], "name a parameter of linear: linear.PARAMETER", "e.g. linear.C"),
        ("linear.", [5], "name a parameter of linear", "e.g. linear.C"),
        ("linear.type", ["ridge"], "the type of a candidate cannot be searched", "declare"),
        ("linear.C", [1, -1], "reaches -1, which logistic_regression refuses", ""),
        ("linear.C", {"uniform": [-1, 1]}, "reaches -1.0, which", ""),
        ("linear.l1_ratio", {"uniform": [0, 1.5]}, "reaches 1.5, which", ""),
        ("linear.C", ["strong"], "reaches strong, which", ""),
        ("boosted.max_iter", {"uniform": [10, 20]}, "refuses: Input should be a valid int", ""),
        ("boosted.max_leaf_nodes", {"integers": [1, 64]}, "reaches 1, which", ""),
        ("boosted.early_stopping", [True, "auto"], "reaches auto, which", ""),
    ],
)
def test_bad_spaces(key: str, domain: Any, message: str, hint: str) -> None:
    ((place, said, told),) = found({key: domain})
    assert place == ("search", "space", key)
    assert message in said
    assert hint in told


def test_good_spaces() -> None:
    space = {
        "linear.C": {"log_uniform": [0.01, 10]},
        "boosted.max_leaf_nodes": [None, 4, 31],
        "knn.n_neighbors": {"integers": [1, 9]},
    }
    for method in ("random", "halving", "optuna"):
        assert found(space, method=method) == []
    grid = {"linear.C": [0.1, 1], "knn.n_neighbors": {"integers": [1, 9]}}
    assert found(grid, method="grid") == []
    default = {"boosted.max_iter": [5, 10]}
    assert list(misfits(Train.read({"search": {"space": default}}), "regression")) == []


def test_a_grid_counts_its_values() -> None:
    ((place, said, hint),) = found({"linear.C": {"log_uniform": [0.1, 1]}}, method="grid")
    assert place == ("search", "space", "linear.C")
    assert "a grid cannot count the values of log_uniform" in said
    assert hint
    large = {"linear.max_iter": {"integers": [1, 100]}, "knn.n_neighbors": {"integers": [1, 901]}}
    ((place, said, hint),) = found(large, method="grid")
    assert place == ("search", "space")
    assert said == "the grid has 1,001 points"
    assert "trials: N" in hint
    assert found(large, method="grid", trials=50) == []


def test_too_few_trials() -> None:
    ((place, said, _),) = found({"linear.C": [0.1]}, trials=3)
    assert place == ("search", "trials")
    assert "3 trials leave none to search with" in said
    assert found({"linear.C": [0.1]}, trials=4) == []


def test_halving_of_iterations() -> None:
    halved = {"method": "halving", "resource": "iterations"}
    assert found({"boosted.learning_rate": [0.1]}, **halved) == []
    ((_, said, _),) = found({"linear.C": [0.1]}, **halved)
    assert "no boosting iterations" in said
    ((_, said, _),) = found({"boosted.max_iter": [5]}, **halved)
    assert "max_iter is the resource" in said


def test_a_search_needs_folds() -> None:
    section = {"models": MODELS, "folds": 0, "search": {"space": {"linear.C": [0.1]}}}
    ((place, said, _),) = misfits(Train.read(section), "binary")
    assert place == ("folds",)
    assert "choose on valid" in said


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_missing", lambda: True)
    space = {"linear.C": [0.1]}
    ((place, said, hint),) = found(space, method="optuna")
    assert place == ("search", "method")
    assert said == "method: optuna needs the extra `tune`"
    assert hint == "pip install 'mlpipe[tune]'"
    assert found(space) == []


def test_every_problem_stands_at_its_line(tmp_path: Path) -> None:
    search = """\
  search:
    space:
      linear.c: [0.1]
      linear.C: {uniform: [0, 1]}
      linear.tol: {log_uniform: [2, 1]}
"""
    path = tmp_path / "mlpipe.yaml"
    path.write_text(SPEC.replace("  folds: 3\n", search + "  folds: 3\n"))
    first = SPEC[: SPEC.index("  folds: 3")].count("\n") + 1
    with pytest.raises(SpecError) as caught:
        load(path, environ={})
    (problem,) = caught.value.problems  # a range that does not rise: nothing else is looked at
    assert problem.place.endswith(f":{first + 4}:33") or f":{first + 4}:" in problem.place
    assert problem.key == "train.search.space.linear.tol.log_uniform"
    path.write_text(path.read_text().replace("[2, 1]", "[1, 2]"))
    with pytest.raises(SpecError) as caught:
        load(path, environ={})
    places = [problem.place.split(":")[-2] for problem in caught.value.problems]
    assert places == [str(first + 2), str(first + 3)]
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["train.search.space.linear.c", "train.search.space.linear.C"]
