"""What a behaviour test may say, and what contradicts the rest of the spec."""

import pytest
from pydantic import ValidationError

from mlpipe.evaluate.behaviour.misfits import misfits
from mlpipe.evaluate.behaviour.spec import Behaviour
from mlpipe.table.columns import Columns

CHANGE = {"set": {"gender": ["female", "male"]}}
GIVEN = {"given": [{"tenure": 1}]}
COLUMNS = Columns.read({"target": "left"})


def _read(test):
    return Behaviour.read({"name": "it", **test})


def test_the_shares_asked_for_by_default():
    assert _read({"invariance": CHANGE}).share == 0.95
    assert _read({**GIVEN, "expect": {"label": "yes"}}).share == 1.0
    assert _read({"invariance": CHANGE, "mostly": 0.5}).share == 0.5


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ({}, "one of invariance, direction and given"),
        ({"invariance": CHANGE, **GIVEN}, "one of invariance, direction and given"),
        (GIVEN, "given rows go with expect"),
        ({"invariance": CHANGE, "expect": {"label": "yes"}}, "given rows go with expect"),
        ({**GIVEN, "expect": {}}, "expected label, score or prediction"),
        ({**GIVEN, "expect": {"score": {}}}, "min, max or both"),
        ({**GIVEN, "expect": {"score": {"min": 1, "max": 0}}}, "min is above max"),
        ({**GIVEN, "expect": {"label": "a"}, "tolerance": 0.1}, "go with changes"),
        ({"invariance": CHANGE, "others": "typical"}, "goes with given rows"),
        ({"invariance": {}}, "nothing is changed"),
        ({"invariance": {"set": {"a": list(range(21))}}}, "21 versions"),
        ({"invariance": {"set": {"a": list(range(7)), "b": list(range(3))}}}, "21 versions"),
        ({"invariance": {"python": "features"}}, "path.py:function"),
        ({"direction": CHANGE}, "Field required"),
        ({"direction": {**CHANGE, "expect": "sideways"}}, "Input should be"),
        ({"invariance": CHANGE, "mostly": 0}, "greater than 0"),
        ({"invariance": CHANGE, "tolerance": -1}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused(test, message):
    with pytest.raises(ValidationError, match=message):
        _read(test)


@pytest.mark.parametrize(
    ("test", "task", "at", "message"),
    [
        ({**GIVEN, "expect": {"label": "a"}}, "regression", ("expect",), "no classes"),
        (
            {**GIVEN, "expect": {"prediction": {"min": 1}}},
            "binary",
            ("expect", "prediction"),
            "label and score",
        ),
        ({"direction": {**CHANGE, "expect": "up"}}, "multiclass", (), "which class"),
        ({"invariance": CHANGE, "score_of": "a"}, "binary", ("score_of",), "many classes"),
        ({"invariance": {"missing": "left"}}, "binary", ("invariance", "missing"), "the target"),
        ({**GIVEN, "expect": {"label": "a"}}, "binary", None, ""),
        ({"invariance": CHANGE}, "multiclass", None, ""),
    ],
)
def test_what_does_not_fit_the_task_is_said_with_its_place(test, task, at, message):
    found = list(misfits([_read(test)], task, COLUMNS))
    if at is None:
        assert found == []
        return
    ((place, what, _),) = found
    assert place == (0, *at)
    assert message in what


def test_two_tests_of_one_name_are_told_apart():
    tests = [_read({"invariance": CHANGE}), _read({"invariance": CHANGE})]
    assert [at for at, *_ in misfits(tests, "binary", COLUMNS)] == [(1, "name")]
