"""Planted behaviours are found, and models without them pass."""

import json

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import SpecError
from mlpipe.metrics.intervals import wilson
from tests.evaluate.behaviour.conftest import classes_of, subject, tried

GENDER = {"invariance": {"set": {"gender": ["female", "male"]}}, "tolerance": 0.02}
TENURE = {"add": {"tenure": 12}}

by_tenure = classes_of(lambda rows: 1 / (1 + np.exp(rows["tenure"].astype(float) / 10 - 3)))
constant = classes_of(lambda rows: np.full(len(rows), 0.3))


def by_gender(effect):
    return classes_of(
        lambda rows: 0.4 + effect * (rows["gender"] == "female") + 0.001 * rows["tenure"]
    )


@pytest.mark.parametrize(("effect", "status"), [(0.05, "fail"), (0.0, "pass"), (0.019, "pass")])
def test_a_column_that_matters_more_than_it_may_is_found(rows, effect, status):
    found = tried(rows, GENDER, subject(by_gender(effect)))
    assert found["status"] == found["counts_as"] == status
    assert found["rows"] == len(rows)
    assert found["failing"] == (len(rows) if status == "fail" else 0)
    json.dumps(found, allow_nan=False)


def test_without_a_tolerance_the_class_must_stay(rows):
    crossing = classes_of(lambda rows: 0.45 + 0.1 * (rows["gender"] == "female"))
    asked = {"invariance": GENDER["invariance"]}
    assert tried(rows, asked, subject(crossing))["failing"] == len(rows)
    assert tried(rows, asked, subject(by_gender(0.01)))["status"] == "pass"


@pytest.mark.parametrize(
    ("predict", "expect", "status"),
    [
        (by_tenure, "not_up", "pass"),
        (by_tenure, "down", "pass"),
        (by_tenure, "not_down", "fail"),
        (by_tenure, "up", "fail"),
        (constant, "not_up", "pass"),
        (constant, "not_down", "pass"),
        (constant, "down", "fail"),
        (constant, "up", "fail"),
    ],
)
def test_a_direction_is_held_or_not(rows, predict, expect, status):
    asked = {"direction": {**TENURE, "expect": expect}}
    assert tried(rows, asked, subject(predict))["status"] == status


def test_the_share_is_judged_by_wilsons_interval(rows):
    """A model that goes the wrong way for a known share of the rows."""

    def wrong_for(count):
        ids = {f"k{number}" for number in range(count)}
        return classes_of(
            lambda rows: (
                0.5 + np.where(rows["id"].isin(ids), 0.001, -0.001) * rows["tenure"].astype(float)
            )
        )

    asked = {"direction": {**TENURE, "expect": "not_up"}, "mostly": 0.95}
    for count, status in ((8, "pass"), (15, "inconclusive"), (60, "fail")):
        found = tried(rows, asked, subject(wrong_for(count)))
        assert (found["failing"], found["status"]) == (count, status)
        assert (found["low"], found["high"]) == wilson(400 - count, 400)
        assert ("would decide" in found["why"]) == (status == "inconclusive")
    warned = tried(rows, {**asked, "severity": "warn"}, subject(wrong_for(60)))
    assert (warned["status"], warned["counts_as"]) == ("fail", "warn")
    open_ = {**asked, "on_inconclusive": "fail"}
    assert tried(rows, open_, subject(wrong_for(15)))["counts_as"] == "fail"
    every = {**asked, "mostly": 1.0}
    assert tried(rows, every, subject(wrong_for(1)))["status"] == "fail"
    assert tried(rows, every, subject(wrong_for(0)))["status"] == "pass"


def test_so_many_rows_would_decide(rows):
    asked = {"direction": {**TENURE, "expect": "not_up"}}
    few = tried(rows.head(60), asked, subject(by_tenure))
    assert few["status"] == "inconclusive"
    assert "about 73 rows" in few["why"]
    assert tried(rows.head(73), asked, subject(by_tenure))["status"] == "pass"


def test_rows_that_a_change_leaves_alone_do_not_count(rows):
    asked = {"invariance": {"set": {"gender": "male"}}, "tolerance": 0.02}
    found = tried(rows, asked, subject(by_gender(0.05)))
    women = int((rows["gender"] == "female").sum())
    assert (found["rows"], found["unchanged"]) == (women, 400 - women)
    nobody = tried(rows.assign(gender="male"), asked, subject(by_gender(0.0)))
    assert (nobody["status"], nobody["rows"]) == ("fail", 0)
    assert "nothing was tested" in nobody["why"]


def test_where_means_rows_and_rows_limits_them(rows):
    asked = {"direction": {**TENURE, "expect": "down"}, "where": {"gender": "male"}}
    found = tried(rows, asked, subject(by_tenure))
    assert found["rows"] == int((rows["gender"] == "male").sum())
    few = tried(rows, {**asked, "rows": 30}, subject(by_tenure))
    assert few["rows"] == 30
    dated = tried(rows, {**asked, "where": {"since": "2026-01-03"}}, subject(by_tenure))
    assert dated["rows"] == 1


def test_drawn_rows_follow_from_the_seed(rows):
    def noisy(frame):
        return 0.5 + 0.01 * (frame["_row"].astype(int) % 7) * (frame["gender"] == "female")

    asked = {**GENDER, "rows": 40}
    model = subject(classes_of(noisy))
    first = tried(rows, asked, model, seed=3)
    assert first == tried(rows, asked, model, seed=3)
    assert first["examples"] != tried(rows, asked, model, seed=4)["examples"]


def test_the_worst_rows_come_first_with_place_key_and_both_answers(rows):
    model = subject(
        by_tenure, locate=lambda found: {row: ("a.csv", row + 2) for row in found}, part="valid"
    )
    found = tried(rows, {"direction": {**TENURE, "expect": "not_down"}}, model)
    falls = [each["before"]["score"] - each["after"]["score"] for each in found["examples"]]
    assert len(falls) == 5
    assert falls == sorted(falls, reverse=True)
    worst = found["examples"][0]
    assert (worst["file"], worst["line"]) == ("a.csv", worst["row"] + 2)
    assert worst["key"] == {"id": f"k{worst['row'] - 1000}"}
    (before, after) = worst["changed"]["tenure"]
    assert after == before + 12
    assert found["part"] == "valid"


def test_values_of_withheld_columns_are_not_shown(rows):
    hidden = frozenset({"gender", "id"})
    found = tried(rows, GENDER, subject(by_gender(0.5), withheld=hidden))
    assert found["examples"][0]["changed"] == {"gender": None}
    assert found["examples"][0]["key"] == {}
    assert "female" not in json.dumps(found)


def test_a_change_that_the_model_does_not_read_is_said(rows):
    found = tried(rows.head(5), GENDER, subject(constant, reads=frozenset({"tenure"})))
    assert found["status"] == "pass"
    assert found["note"] == "the model does not read gender: nothing could change"
    assert tried(rows, GENDER, subject(constant))["note"] == ""


def test_given_rows_must_be_predicted_as_expected(rows):
    given = [{"tenure": 1, "charges": 90}, {"tenure": 59, "charges": 10}]
    asked = {"given": given, "expect": {"label": "yes"}}
    found = tried(rows, asked, subject(by_tenure))
    assert (found["test"], found["rows"], found["failing"]) == ("minimum functionality", 2, 1)
    assert (found["value"], found["low"]) == (0.5, None)  # they are no sample of anything
    assert found["status"] == "fail"
    (example,) = found["examples"]
    assert example["given"] == 1
    assert example["changed"]["tenure"] == [None, 59]
    first = {"given": given[:1], "expect": {"label": "yes", "score": {"min": 0.9, "max": 0.99}}}
    assert tried(rows, first, subject(by_tenure))["status"] == "pass"
    assert tried(rows, {**asked, "mostly": 0.5}, subject(by_tenure))["status"] == "pass"


def test_what_given_rows_leave_out_is_typical_or_missing(rows):
    seen = []

    def predict(frame):
        seen.append(frame)
        return constant(frame)

    asked = {"given": [{"tenure": 3}], "expect": {"label": "no"}}
    tried(rows, asked, subject(predict))
    tried(rows, {**asked, "others": "typical"}, subject(predict))
    bare, typical = (frame.iloc[0] for frame in seen)
    assert (bare["tenure"], typical["tenure"]) == (3, 3)
    assert pd.isna(bare["charges"])
    assert typical["charges"] == pytest.approx(rows["charges"].median())
    assert typical["gender"] == rows["gender"].mode()[0]
    assert typical["since"] == rows["since"].max()
    assert pd.isna(typical["_row"])


def test_a_function_of_the_users_may_change_rows(rows):
    functions = {"c.py:older": lambda frame: frame.assign(tenure=frame["tenure"] + 1)}
    model = subject(by_tenure, functions=functions)
    found = tried(rows, {"direction": {"python": "c.py:older", "expect": "down"}}, model)
    assert (found["status"], found["rows"]) == ("pass", 400)
    untouched = subject(by_tenure, functions={"c.py:older": lambda frame: frame})
    asked = {"direction": {"python": "c.py:older", "expect": "down"}}
    assert tried(rows, asked, untouched)["rows"] == 0


def test_regression_moves_in_its_own_units(rows):
    def predict(frame):
        return pd.DataFrame({"prediction": 1e6 + 3.0 * frame["tenure"].astype(float)})

    model = subject(predict, task="regression", classes=())
    up = {"direction": {**TENURE, "expect": "up"}}
    assert tried(rows, up, model)["status"] == "pass"
    assert tried(rows, {**up, "tolerance": 36.0}, model)["status"] == "fail"
    asked = {"given": [{"tenure": 1}], "expect": {"prediction": {"max": 1e6}}}
    assert tried(rows, asked, model)["status"] == "fail"
    same = {"invariance": {"set": {"gender": "male"}}}
    assert tried(rows, same, model)["status"] == "pass"
    assert tried(rows, {"invariance": TENURE}, model)["status"] == "fail"


def test_of_many_classes_one_is_looked_at(rows):
    def predict(frame):
        a = 0.2 + 0.01 * frame["tenure"].astype(float).clip(0, 60)
        scores = pd.DataFrame({"score_a": a, "score_b": 0.1, "score_c": 0.9 - a})
        return scores.assign(prediction=np.where(a > 0.45, "a", "c"))

    model = subject(predict, task="multiclass", classes=("a", "b", "c"))
    up = {"direction": {**TENURE, "expect": "not_down"}}
    assert tried(rows, {**up, "score_of": "a"}, model)["status"] == "pass"
    assert tried(rows, {**up, "score_of": "c"}, model)["status"] == "fail"
    flips = tried(rows, {"invariance": TENURE}, model)
    before, after = rows["tenure"] > 25, rows["tenure"] + 12 > 25
    assert flips["failing"] == int((before != after).sum())
    moved = tried(rows, {"invariance": TENURE, "tolerance": 0.1}, model)
    assert moved["failing"] == int((rows["tenure"] < 50).sum())


def test_noise_of_summing_in_another_order_is_no_change(rows):
    generator = np.random.default_rng(0)
    noisy = classes_of(lambda rows: 0.3 + 1e-12 * generator.normal(size=len(rows)))
    asked = {"invariance": {"set": {"gender": ["female", "male"]}}, "tolerance": 0.0}
    assert tried(rows, asked, subject(noisy))["status"] == "pass"


def test_the_rows_are_left_as_they_are(rows):
    before = rows.copy()
    change = {"set": {"gender": [None, "male"]}, "add": {"tenure": 1}, "typo": "note"}
    tried(rows, {"invariance": change, "tolerance": 1.0}, subject(by_tenure))
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize(
    ("test", "key", "message"),
    [
        ({"invariance": {"set": {"gendr": "x"}}}, "invariance.set.gendr", "no column 'gendr'"),
        ({"invariance": {"set": {"tenure": "x"}}}, "invariance.set.tenure", "expected integer"),
        ({"invariance": {"set": {"tenure": [1, 1.5]}}}, "invariance.set.tenure", "1.5"),
        ({"invariance": {"set": {"paid": 1}}}, "invariance.set.paid", "expected boolean"),
        ({"invariance": {"set": {"since": "May"}}}, "invariance.set.since", "expected date"),
        ({"invariance": {"set": {"gender": 1}}}, "invariance.set.gender", "expected string"),
        ({"invariance": {"add": {"gender": 1}}}, "invariance.add.gender", "add is for numbers"),
        ({"invariance": {"add": {"tenure": 0.5}}}, "invariance.add.tenure", "makes it none"),
        ({"invariance": {"typo": "tenure"}}, "invariance.typo", "typo is for text"),
        ({"invariance": {"set": {"since": "2026-02-01"}}}, "invariance.set.since", "look"),
        ({"invariance": TENURE, "where": {"plan": 1}}, "where.plan", "no column 'plan'"),
        ({"invariance": TENURE, "where": {"tenure": "a"}}, "where.tenure", "expected integer"),
        ({"given": [{"tenure": "a"}], "expect": {"label": "no"}}, "given.0.tenure", "integer"),
        ({"given": [{"paid": True}], "expect": {"label": "no"}}, "given.0", "needs tenure"),
        ({"given": [{"tenure": 1}], "expect": {"label": "maybe"}}, "expect.label", "'maybe'"),
    ],
)
def test_what_does_not_fit_the_data_is_said_with_its_place(rows, test, key, message):
    fixed = frozenset({"since"}) if message == "look" else frozenset()
    model = subject(constant, needs=("tenure",), fixed=fixed)
    with pytest.raises(SpecError) as raised:
        tried(rows, test, model)
    (problem,) = raised.value.problems
    assert problem.key == f"evaluate.behaviour.0.{key}"
    assert message in problem.message
