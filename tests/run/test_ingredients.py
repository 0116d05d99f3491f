"""A key is made of what the step names, and of nothing else."""

from dataclasses import dataclass
from pathlib import Path

from mlpipe.run.digests import digest_json
from mlpipe.run.ingredients import Facts, flatten, ingredients, section
from mlpipe.run.remembered import Past


@dataclass(frozen=True)
class Step:
    name: str = "train"
    version: int = 1
    reads: tuple[str, ...] = ("train.folds", "seed")
    needs: tuple[str, ...] = ("split",)
    libraries: tuple[str, ...] = ("scikit-learn",)
    has_rival: bool = False

    def distributions(self, _pipeline):
        return self.libraries

    def files(self, _pipeline):
        return [Path("features.py")]


def _facts(**values):
    spec = {"train": {"folds": 5, "select": "f1"}, "seed": 7, "evaluate": {"gates": []}, **values}
    return Facts(spec, lambda path: f"sha of {path}", {"scikit-learn": "1.9.1"}, "3.11", "0.1.0")


def _of(**values):
    return ingredients(Step(), None, {"split": "abc"}, _facts(**values))


def test_each_ingredient_has_a_name():
    assert _of() == {
        "step train": 1,
        "spec train.folds": 5,
        "spec seed": 7,
        "input split": "abc",
        "file features.py": "sha of features.py",
        "library scikit-learn": "1.9.1",
        "python": "3.11",
        "mlpipe": "0.1.0",
    }


def test_a_slice_that_the_step_does_not_read_changes_nothing():
    assert digest_json(_of()) == digest_json(_of(evaluate={"gates": [{"min": 0.8}]}))
    assert digest_json(_of()) != digest_json(_of(seed=8))


def test_what_came_before_a_window_is_named():
    before = ingredients(Step(), None, {"split": "abc"}, _facts(), Past(({"period": "2026-06"},)))
    assert before["history"].startswith("1 chunks (")
    assert {name for name in before if name not in _of()} == {"history"}


def test_a_section_that_was_left_out_is_none():
    assert section({"monitor": None}, "monitor.current") is None


def test_empty_containers_are_leaves():
    assert flatten("spec a", {"b": [], "c": {}}) == {"spec a.b": [], "spec a.c": {}}
