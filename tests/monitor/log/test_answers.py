import pandas as pd
import pytest

from mlpipe.monitor.log.answers import compared


def answered(*scores, digest="now"):
    return pd.DataFrame(
        {"_row": range(len(scores)), "model": "m 1", "digest": digest, "score": list(scores)}
    )


def said(**columns):
    return pd.DataFrame({"_row": range(3), **columns})


def test_the_same_scores_say_nothing():
    now = said(score=[0.1, 0.2, 0.3], prediction=["no"] * 3)
    found, notes = compared(answered("0.1", "0.20001", None), now, "binary", ["no", "yes"], "now")
    assert (found["rows"], found["differ"], found["others"], notes) == (2, 0, 0, [])


@pytest.mark.parametrize(
    ("digest", "why"), [("then", "another model answered (m 1)"), ("now", "the same model")]
)
def test_scores_that_differ_are_said_with_whoever_answered(digest, why):
    now = said(score=[0.1, 0.2, 0.3], prediction=["no"] * 3)
    found, notes = compared(
        answered("0.1", "0.4", "0.31", digest=digest), now, "binary", ["no", "yes"], "now"
    )
    assert (found["differ"], round(found["largest"], 9)) == (2, 0.2)
    assert notes[0].startswith("2 of 3 logged scores differ from what the model says now, by up to")
    assert why in notes[0]


def test_a_score_for_each_class():
    now = said(score_a=[0.1, 0.5, 0.3], score_b=[0.9, 0.5, 0.7], prediction=["b"] * 3)
    then = answered('{"a": 0.1, "b": 0.9}', '{"a": 0.1, "b": 0.9}', '{"c": 1}')
    found, _ = compared(then, now, "multiclass", ["a", "b"], "now")
    assert (found["rows"], found["differ"]) == (2, 1)
    binary = said(score=[0.9, 0.5, 0.7], prediction=["b"] * 3)
    assert compared(then, binary, "binary", ["a", "b"], "now")[0]["differ"] == 1


def test_numbers_are_compared_by_their_size():
    now = said(prediction=[1e6, 2.0, 3.0])
    found, _ = compared(answered("1000001", "2.1", "true"), now, "regression", [], "now")
    assert (found["differ"], found["rows"]) == (1, 2), "true is no number"
