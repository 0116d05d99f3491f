"""Automatic choices, each for its reason."""

import pytest

from mlpipe.featurize.auto import Choice, blocks, choose
from mlpipe.featurize.facts import Facts


def _words(kind, facts, family, time=None, name="x"):
    choice = choose({"name": name, "kind": kind, "type": ""}, facts, family, time)
    assert choice.reason
    return None if choice.steps is None else [next(iter(step)) for step in choice.steps]


def _levels(distinct, rows=1000):
    return Facts(rows=rows, present=rows, distinct=distinct)


def _dates(span, hours=1, days=30):
    return Facts(rows=1000, present=1000, low=0.0, high=span, hours=hours, days=days)


@pytest.mark.parametrize(
    ("kind", "facts", "linear", "trees"),
    [
        ("number", Facts(1000, 900, low=0.0, high=9.0), ["impute", "scale"], ["keep"]),
        ("boolean", _levels(2), ["impute"], ["keep"]),
        ("category", _levels(5), ["one_hot"], ["ordinal"]),
        ("category", _levels(50), ["one_hot"], ["ordinal"]),
        ("category", _levels(51), ["target_encode", "scale"], ["target_encode"]),
        ("text", _levels(900), ["tfidf"], ["tfidf", "svd"]),
        ("date", _dates(2000.0), ["date", "impute", "scale"], ["date"]),
        ("number", None, ["impute", "scale"], ["keep"]),
        ("category", None, ["one_hot"], ["ordinal"]),
        ("date", None, ["date", "impute", "scale"], ["date"]),
    ],
)
def test_steps_go_by_kind_levels_and_family(kind, facts, linear, trees):
    assert _words(kind, facts, "linear") == linear
    assert _words(kind, facts, "trees") == trees


@pytest.mark.parametrize(
    ("kind", "facts", "why"),
    [
        ("category", Facts(1000, 0, distinct=0), "no value"),
        ("number", Facts(1000, 1000, low=3.0, high=3.0), "same value"),
        ("boolean", _levels(1), "same value"),
        ("category", _levels(990), "looks like an id"),
        ("number", Facts(1000, 1000, distinct=1000, low=1.0, high=1400.0), "a count of rows"),
    ],
)
def test_useless_columns_are_left_out(kind, facts, why):
    choice = choose({"name": "x", "kind": kind, "type": ""}, facts, "trees", None)
    assert choice.steps is None
    assert why in choice.reason


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("category", _levels(10, rows=10)),
        ("number", Facts(1000, 1000, distinct=1000, low=1.0, high=90_000.0)),
        ("number", Facts(1000, 900, distinct=1, low=3.0, high=3.0)),
        ("text", _levels(1000)),
    ],
)
def test_what_may_be_useful_stays(kind, facts):
    assert _words(kind, facts, "trees") is not None


def _parts(facts, time=None):
    choice = choose({"name": "x", "kind": "date", "type": ""}, facts, "trees", time)
    return None if choice.steps is None else choice.steps[0]["date"]["parts"]


def test_of_time_only_what_has_come_round():
    assert _parts(_dates(800.0, hours=24), time="x") == ["month", "dayofweek", "hour"]
    assert _parts(_dates(100.0, hours=24), time="x") == ["dayofweek", "hour"]
    assert _parts(_dates(100.0), time="x") == ["dayofweek"]
    assert _parts(_dates(100.0, days=1), time="x") is None
    assert _parts(_dates(1.0), time="x") is None
    assert _parts(_dates(100.0)) == ["days", "dayofweek"]


def test_columns_with_the_same_steps_stand_together():
    step = ({"keep": {}},)
    made = blocks(
        [
            Choice("a", step, "why"),
            Choice("b", ({"scale": {}},), "why"),
            Choice("c", step, "why"),
            Choice("d", None, "useless"),
        ]
    )
    assert [block["columns"] for block in made] == [["a", "c"], ["b"]]
