"""Roles of columns, durations and folds."""

from datetime import timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from mlpipe.table.columns import Columns
from mlpipe.table.duration import parse
from mlpipe.table.folds import fold_pairs


def test_a_key_is_one_column_or_several():
    assert Columns.read({}).keys == ()
    assert Columns.read({"key": "id"}).keys == ("id",)
    assert Columns.read({"key": ["id", "month"]}).keys == ("id", "month")


def test_a_target_is_a_name_or_more():
    short = Columns.read({"target": "y"})
    assert (short.target_name, short.positive, short.horizon) == ("y", None, None)
    whole = Columns.read({"target": {"name": "y", "positive": "yes", "horizon": "30d"}})
    assert (whole.target_name, whole.positive, whole.horizon) == ("y", "yes", "30d")
    assert Columns.read({}).target_name is None


@pytest.mark.parametrize(
    "values",
    [
        {"key": ""},
        {"kinds": {"category": ["a"], "text": ["a"]}},
        {"kinds": {"colour": ["a"]}},
        {"timezone": "Europe/Berln"},
        {"target": {"name": "y", "horizon": "soon"}},
        {"entities": "x"},
    ],
)
def test_wrong_roles_are_refused(values):
    with pytest.raises(ValidationError):
        Columns.read(values)


def test_a_near_time_zone_is_suggested():
    with pytest.raises(ValidationError) as error:
        Columns.read({"timezone": "Europe/Berln"})
    assert error.value.errors()[0]["ctx"]["hint"] == "did you mean 'Europe/Berlin'?"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("2w", timedelta(weeks=2)),
        ("5s", timedelta(seconds=5)),
    ],
)
def test_durations(text, span):
    assert parse(text) == span


@pytest.mark.parametrize("text", ["", "30", "d", "1.5d", "-3d", "3 d", "3D", "٣d", "999999999w"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match=r"duration|200 years"):
        parse(text)


def test_crossed_folds_fit_on_the_others():
    fold = np.array([0, 1, -1, 0, 1])
    pairs = [(fit.tolist(), test.tolist()) for fit, test in fold_pairs(fold, "crossed", 2)]
    assert pairs == [([1, 4], [0, 3]), ([0, 3], [1, 4])]


def test_expanding_folds_fit_on_what_came_before():
    fold = np.array([0, 1, 2, -1, 0])
    pairs = [(fit.tolist(), test.tolist()) for fit, test in fold_pairs(fold, "expanding", 2)]
    assert pairs == [([0, 4], [1]), ([0, 1, 4], [2])]


def test_an_unknown_kind_of_folds():
    with pytest.raises(ValueError, match="unknown kind"):
        list(fold_pairs(np.array([0]), "shuffled", 1))
