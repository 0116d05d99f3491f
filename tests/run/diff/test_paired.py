"""Which rows of two runs are the same, and what they say of the two models."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from mlpipe.metrics.intervals import delong_paired
from mlpipe.run.diff.paired import gains, pairing
from tests.run.diff.sides import ROWS, a_side, predictions

NAMES = ("roc_auc", "accuracy", "brier", "of_my_own")


@pytest.fixture
def pair(tmp_path):
    return (a_side(tmp_path, "a", predictions(0.4)), a_side(tmp_path, "b", predictions(0.2)))


def test_the_same_table_is_paired_by_row_and_a_gain_is_what_the_metrics_say(pair) -> None:
    old, new = pair
    found, why = gains(old, new, "test", NAMES, pairing(old, new).by)
    one, two = predictions(0.4), predictions(0.2)
    y = (one["left"] == "yes").to_numpy(int)

    assert pairing(old, new).by == "row"
    assert why == ""
    assert set(found) == {"roc_auc", "accuracy", "brier"}  # the user's own code is not run
    areas = [roc_auc_score(y, each["score"]) for each in (one, two)]
    assert found["roc_auc"]["value"] == pytest.approx(areas[1] - areas[0], abs=1e-12)
    expected = delong_paired(y, two["score"].to_numpy(), one["score"].to_numpy())
    ends = [found["roc_auc"][end] for end in ("value", "low", "high")]
    assert ends == pytest.approx(expected[:3], abs=1e-12)
    less = [brier_score_loss(y, each["score"]) for each in (one, two)]
    assert found["brier"]["value"] == pytest.approx(less[0] - less[1], abs=1e-12)
    assert found["brier"]["low"] > 0  # less noise is better, and better is above 0


def test_the_other_way_round_a_gain_is_a_loss(pair) -> None:
    old, new = pair
    there, _ = gains(old, new, "test", NAMES, "row")
    back, _ = gains(new, old, "test", NAMES, "row")

    for name in there:
        assert there[name]["value"] == pytest.approx(-back[name]["value"], abs=1e-12)
        assert there[name]["low"] == pytest.approx(-back[name]["high"], abs=0.01)


def test_a_run_against_itself_gains_nothing_whatsoever(pair) -> None:
    found, _ = gains(pair[0], pair[0], "test", NAMES, "row")

    for each in found.values():
        assert (each["value"], each["low"], each["high"]) == (0, 0, 0)
        assert each["why"] == "the same predictions"


def test_other_data_with_the_same_keys_is_paired_by_key(tmp_path, pair) -> None:
    order = np.random.default_rng(1).permutation(ROWS)
    shuffled = predictions(0.2).iloc[order].reset_index(drop=True)
    shuffled["_row"] = np.arange(ROWS) + 7
    other = a_side(tmp_path, "c", shuffled, data="d2")
    by_key, why = gains(pair[0], other, "test", NAMES, pairing(pair[0], other).by)
    by_row, _ = gains(*pair, "test", NAMES, "row")

    assert pairing(pair[0], other).by == "key"
    assert why == ""
    assert by_key == by_row


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda frame: frame.iloc[:-3], "they judged 400 and 397 rows, 397 of them the same"),
        (lambda frame: frame.assign(id=frame["id"].replace("k0003", "new")),
         "they judged 400 and 400 rows, 399 of them the same"),
        (lambda frame: frame.assign(part="valid"), "they judged 400 and 0 rows"),
        (lambda frame: frame.assign(left=frame["left"].mask(frame.index < 2, "yes")),
         "the left of 2 rows is not the same"),
        (lambda frame: frame.assign(id=np.arange(len(frame))), "the key id is of another type"),
    ],
)  # fmt: skip
def test_other_rows_are_not_paired_and_it_says_why(tmp_path, pair, change, why) -> None:
    other = a_side(tmp_path, "c", change(predictions(0.2)), data="d2")
    found, said = gains(pair[0], other, "test", NAMES, "key")

    assert found == {}
    assert said.startswith(why)


def test_without_a_common_key_other_data_cannot_be_paired(tmp_path, pair) -> None:
    for at, columns in enumerate(({"key": ()}, {"key": ("id", "left")})):
        other = a_side(tmp_path, f"c{at}", predictions(0.2), data="d2", columns=columns)

        assert pairing(pair[0], other).why == (
            "the data are not the same, and the runs declare no common key"
        )


def test_runs_that_ask_something_else_are_not_paired(pair) -> None:
    old, new = pair
    report = {**new.reports["evaluate"], "task": "multiclass", "classes": ["a", "b", "c"]}
    other = replace(new, reports={**new.reports, "evaluate": report})

    assert pairing(old, other).why == (
        "a predicts left (binary), b predicts left (multiclass of 3 classes)"
    )


def test_runs_without_a_judged_model_are_not_paired(pair) -> None:
    old, new = pair
    bare = replace(new, reports={**new.reports, "evaluate": {}})
    never = replace(bare, record={**new.record, "artifacts": {}})

    assert pairing(old, bare).why == "b: what it predicted is gone from the store"
    assert pairing(never, old).why == "b: judged no model"


def test_rows_of_an_entity_stay_together_and_weights_count(tmp_path) -> None:
    frame = predictions(0.4)
    table = pd.DataFrame({"who": frame["_row"] // 8, "w": np.where(frame["_row"] < 200, 1.0, 0.0)})
    roles = {"entity": "who", "weight": "w"}
    sides = [
        a_side(tmp_path, called, predictions(noise), columns=roles, table=table)
        for called, noise in (("a", 0.4), ("b", 0.2))
    ]
    found, _ = gains(*sides, "test", ["brier"], "row")
    plain = [a_side(tmp_path, f"p{at}", predictions(n)[:200]) for at, n in enumerate((0.4, 0.2))]
    half = (predictions(0.4)[:200], predictions(0.2)[:200])
    y = (half[0]["left"] == "yes").to_numpy(int)
    less = [brier_score_loss(y, each["score"]) for each in half]

    assert found["brier"]["value"] == pytest.approx(less[0] - less[1], abs=1e-12)
    assert gains(*plain, "test", ["brier"], "row")[0]["brier"]["low"] != found["brier"]["low"]


def test_a_table_that_is_gone_is_said(tmp_path) -> None:
    sides = [a_side(tmp_path, each, predictions(0.3), columns={"weight": "w"}) for each in "ab"]

    assert gains(*sides, "test", NAMES, "row") == ({}, "the table of a is gone from the store")
