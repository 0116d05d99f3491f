"""The plan is a pure function: what is reused, what is computed, and the reason."""

from dataclasses import dataclass

import pytest

from mlpipe.run.plan import Planned, closure, explain, foresee, judge


@dataclass(frozen=True)
class Node:
    name: str
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


GRAPH = (
    Node("ingest"),
    Node("split", ("ingest",)),
    Node("validate", ("ingest",)),
    Node("train", ("ingest", "split"), ("validate",)),
    Node("evaluate", ("train",)),
)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("ingest", ("ingest",)),
        ("validate", ("ingest", "validate")),
        ("train", ("ingest", "split", "validate", "train")),
        ("evaluate", ("ingest", "split", "validate", "train", "evaluate")),
    ],
)
def test_a_verb_runs_what_it_stands_on_and_nothing_else(target, expected):
    assert closure(GRAPH, [target]) == expected


def _judge(**changes):
    given = {"found": False, "forced": False, "now": {"spec a": 1}, "before": None, **changes}
    return judge("train", "key", **given)


def test_an_artifact_that_is_there_is_reused():
    assert _judge(found=True) == Planned("train", "reused", "nothing it depends on changed", "key")


def test_force_computes_whatever_is_there():
    assert _judge(found=True, forced=True) == Planned("train", "computed", "forced", "key")


def test_the_first_time_is_said():
    assert _judge().why == "first time"


def test_an_artifact_that_was_removed_is_said():
    assert _judge(before={"spec a": 1}).why == "its artifact is gone"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"spec train.folds": 5}, {"spec train.folds": 3}, "train.folds: 5 → 3"),
        ({"spec a.b": None}, {"spec a.b": True}, "a.b: none → true"),
        ({"file a.csv": "x"}, {"file a.csv": "y"}, "a.csv changed"),
        ({}, {"file b.csv": "y"}, "b.csv is new"),
        ({"file a.csv": "x"}, {}, "a.csv is gone"),
        ({"input ingest": "x"}, {"input ingest": "y"}, "ingest gave another result"),
        (
            {"library scikit-learn": "1.9.0"},
            {"library scikit-learn": "1.9.1"},
            "scikit-learn 1.9.0 → 1.9.1",
        ),
        ({"python": "3.11"}, {"python": "3.12"}, "Python 3.11 → 3.12"),
        ({"mlpipe": "0.1.0"}, {"mlpipe": "0.2.0"}, "mlpipe 0.1.0 → 0.2.0"),
        (
            {"mlpipe": "0.1.0 source aa"},
            {"mlpipe": "0.1.0 source bb"},
            "mlpipe's own source changed",
        ),
        ({"step train": 1}, {"step train": 2}, "mlpipe computes this step another way"),
    ],
)
def test_what_changed_is_said_in_the_users_words(before, now, words):
    assert explain(before, now) == words


def test_files_come_before_settings_and_the_rest_is_counted():
    before = {"spec a": 1, "spec b": 1, "file z.csv": "1", "python": "3.11"}
    now = {"spec a": 2, "spec b": 2, "file z.csv": "2", "python": "3.12"}
    assert explain(before, now) == "z.csv changed, a: 1 → 2 and 2 more"


def test_what_stands_on_a_computed_step_is_not_known_yet():
    judged = {
        "ingest": Planned("ingest", "reused", "", "k"),
        "split": Planned("split", "computed", "first time", "k"),
        "validate": Planned("validate", "reused", "", "k"),
    }
    planned = {each.step: each for each in foresee(GRAPH, judged)}
    assert planned["train"] == Planned("train", "unknown", "unknown until split has run")
    assert planned["evaluate"] == Planned("evaluate", "unknown", "unknown until train has run")
