import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from mlpipe.metrics.estimate import estimate
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.scores import METRICS
from mlpipe.monitor.quality import Labelled, encode, ordered_classes, realised
from mlpipe.monitor.spec import Monitor

ACCURACY = METRICS["accuracy"]
WAS = {"value": 0.9, "low": 0.88, "high": 0.92}


def chunk(right, n=1000, rows=None):
    """Rows of which a share is right."""
    y = np.arange(n) % 2
    pred = np.where(np.arange(n) < right * n, y, 1 - y)
    target, said = pd.Series(y), pd.DataFrame({"prediction": pred, "score": pred * 1.0})
    return Labelled("2026-06", rows or n, encode("binary", target, said, [0, 1]))


def judged(*chunks, margin=0.0, reference=WAS, metric=ACCURACY):
    spec = Monitor.read({"quality": {"metric": metric.name, "margin": margin}})
    return realised(metric, chunks, reference, spec=spec, seed=1)


@pytest.mark.parametrize(
    ("right", "margin", "status"),
    [
        (0.95, 0.0, "ok"),  # better is never an alert
        (0.90, 0.0, "ok"),
        (0.88, 0.0, "ok"),  # worse, within what both intervals allow
        (0.865, 0.0, "warn"),  # more than the 95 % intervals allow
        (0.80, 0.0, "alert"),
        (0.88, 0.03, "ok"),
        (0.80, 0.2, "ok"),
    ],
)
def test_only_a_loss_beyond_margin_and_intervals_is_an_alert(right, margin, status):
    found = judged(chunk(right), margin=margin)
    assert found["status"] == status
    assert found["chunks"][0]["value"] == pytest.approx(right)
    assert found["chunks"][0]["low"] < right < found["chunks"][0]["high"]


def test_a_metric_that_should_be_small_alerts_when_it_grows():
    brier = METRICS["brier"]
    was = {"value": 0.1, "low": 0.09, "high": 0.11}
    assert judged(chunk(0.8), reference=was, metric=brier)["status"] == "alert"
    assert judged(chunk(0.95), reference=was, metric=brier)["status"] == "ok"


def test_few_labels_are_insufficient_and_none_is_said():
    few = judged(chunk(0.1, n=150, rows=1000))
    assert (few["status"], few["chunks"][0]["value"]) == ("insufficient", None)
    assert "850 rows have no label yet" in few["notes"]
    none = judged(chunk(0.5, n=0, rows=1000))
    assert (none["status"], none["notes"]) == ("insufficient", ["no labels yet"])


def test_without_a_reference_the_value_is_told_and_not_judged():
    found = judged(chunk(0.9), reference=None)
    assert found["status"] == "insufficient"
    assert found["chunks"][0]["value"] == pytest.approx(0.9)
    assert "no reference value of accuracy" in found["notes"][-1]


def rare(seed, rows):
    """Six positives in a hundred, of which the model finds one in ten."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    y, said = (rng.random(rows) < expit(1.5 * x - 3.5)).astype(int), expit(1.5 * x - 3.5) >= 0.4
    return Labelled(str(seed), rows, Outcomes(y, said.astype(int)))


def alerts_of_rare_positives(rows, known):
    """The share of quiet chunks that warn or alert, and that alert."""
    metric, was = METRICS["balanced_accuracy"], rare(0, 5000)
    found = estimate([metric], was.outcomes, seed=1, times=400)[metric.name].told()
    spec = Monitor.read({"quality": {"metric": metric.name}})
    chunks = [rare(seed, rows) for seed in range(1, 121)]
    loss = {"deviation": 0.0, "rows": 5000} if known else None
    told = realised(metric, chunks, found, spec=spec, seed=1, loss=loss)["chunks"]
    levels = [each["status"] for each in told]
    return sum(each != "ok" for each in levels) / 120, levels.count("alert") / 120


def test_few_positives_that_were_all_missed_are_no_alert():
    off, alerts = alerts_of_rare_positives(200, known=True)
    assert off <= 0.05
    assert alerts <= 0.01
    # As sure as a bootstrap of these rows alone, one quiet chunk in eight would be an alert.
    assert alerts_of_rare_positives(200, known=False)[1] > 0.08


def test_two_of_three_chunks_decide():
    good, bad = chunk(0.9), chunk(0.7)
    assert judged(good, good, bad)["status"] == "warn"
    assert judged(good, bad, bad)["status"] == "alert"


def test_the_positive_class_has_code_one():
    assert ordered_classes("binary", [], ["no", "yes", "no"], "no") == ["yes", "no"]
    assert ordered_classes("binary", ["b", "a"], [], None) == ["b", "a"]
    assert ordered_classes("regression", [], [1.0], None) == []


def test_several_classes_keep_a_column_for_one_never_seen():
    said = pd.DataFrame({"prediction": ["a", "b"], "score_a": [0.9, 0.2], "score_b": [0.1, 0.8]})
    found = encode("multiclass", pd.Series(["a", "new"]), said, ["a", "b"])
    assert found.y.tolist() == [0, 2]
    assert found.score.tolist() == [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]]


def test_numbers_are_numbers():
    found = encode(
        "regression", pd.Series([1, 2]), pd.DataFrame({"prediction": [1.5, 2]}), ["ignored"]
    )
    assert found.y.dtype == found.pred.dtype == float
    assert found.score is None


@pytest.mark.parametrize(
    ("between", "right", "told"), [(0.3, 0.7, True), (0.3, 0.89, False), (0.0, 0.7, False)]
)
def test_a_loss_that_the_periods_of_training_hide_is_not_passed_over(between, right, told):
    loss = {"mean": 0.1, "deviation": 0.3, "between": between, "error": 0.01, "rows": 2000}
    spec = Monitor.read({"quality": {"metric": "accuracy"}})
    chunks = [chunk(right), chunk(right), chunk(right)]
    found = realised(ACCURACY, chunks, WAS, spec=spec, seed=1, loss=loss)
    assert any("so that no alert says so" in note for note in found["notes"]) is told
    assert found["status"] == ("alert" if not between else "ok")
