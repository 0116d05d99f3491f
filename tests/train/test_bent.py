"""Reliability before and after calibration, against scikit-learn's own curve and score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from mlpipe.train.bent import bent
from tests.train.samples import learn, rows

if TYPE_CHECKING:
    from mlpipe.table.session import Session

BALANCED = {
    "models": {"linear": {"type": "logistic_regression", "class_weight": "balanced"}},
}


@pytest.mark.parametrize("method", ["isotonic", "sigmoid"])
def test_scores_that_lied_lie_less(session: Session, method: str) -> None:
    """Balanced weights make probabilities of a rare class too high."""
    frame = rows(2000, seed=3)
    keep = (frame["target"] == "no") | (np.arange(2000) % 6 == 0)
    frame = frame[keep].reset_index(drop=True).assign(_row=lambda each: range(len(each)))
    found = learn(session, frame, {**BALANCED, "calibrate": method})
    told = found["report"]["calibration"]
    assert (told["method"], told["of"], told["crossed"]) == (method, "the positive class", True)
    assert told["after"]["ece"] < told["before"]["ece"] / 2
    assert told["after"]["brier"] < told["before"]["brier"]
    out = found["out_of_fold"]
    assert told["after"]["brier"] == pytest.approx(brier_score_loss(out["truth"], out["score"]))
    assert sum(each["rows"] for each in told["after"]["bins"]) == len(out)


def test_without_calibration_there_is_nothing_to_tell(session: Session) -> None:
    assert learn(session, rows(), BALANCED)["report"]["calibration"] is None


def test_of_many_classes_it_is_the_likeliest(session: Session) -> None:
    spec = {**BALANCED, "calibrate": "isotonic"}
    told = learn(session, rows(600, "multiclass"), spec, "multiclass")["report"]["calibration"]
    assert told["of"] == "the likeliest class"
    assert all(each["score"] >= 1 / 3 - 1e-9 for each in told["before"]["bins"])
    assert all(0 <= each["positive"] <= 1 for each in told["after"]["bins"])


def test_margins_are_no_probabilities(session: Session) -> None:
    spec = {"models": {"svm": {"type": "sklearn.svm.LinearSVC"}}, "calibrate": "sigmoid"}
    told = learn(session, rows(), spec)["report"]["calibration"]
    assert told["before"] is None
    assert told["after"]["bins"]


def test_on_valid_alone_it_has_seen_its_rows(session: Session) -> None:
    spec = {**BALANCED, "calibrate": "sigmoid", "folds": 0}
    assert learn(session, rows(), spec, folds=0)["report"]["calibration"]["crossed"] is False


def test_weights_count() -> None:
    raw, codes = np.array([0.2, 0.9]), np.array([0, 0])
    weight = np.array([3.0, 1.0])
    told = bent("sigmoid", raw, raw, codes, weight, crossed=True)
    assert told["before"]["brier"] == pytest.approx((3 * 0.04 + 0.81) / 4)
    assert told["before"]["ece"] == pytest.approx((3 * 0.2 + 0.9) / 4)
