"""What decisions were worth and how far groups were apart: against training, over nights."""

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import equalized_odds_difference
from scipy.special import expit

from mlpipe.errors import DataError
from mlpipe.metrics.business import Business
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.monitor.effects import effects
from mlpipe.monitor.estimate.asked import Asked
from mlpipe.monitor.estimate.chunk import Unlabelled
from mlpipe.monitor.estimate.reference import learned, realised_at_training
from mlpipe.monitor.estimate.stage import estimated
from mlpipe.monitor.spec import Monitor

PROFIT = Business.read({"value": {"tp": "fee", "fp": -5}, "currency": "EUR"})
GAP = "equalized_odds_difference"
ASKED = Asked((), {"profit": PROFIT}, (GAP,), ("sex",))
CLASSES = ["no", "yes"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.DRAWS", 40)
    monkeypatch.setattr("mlpipe.monitor.estimate.worth.TIMES", 200)


def world(seed, n=2000, slope=1.5, unfair=0.0, share=0.5):
    """Scores that are right; of women so many positives are missed and negatives chosen."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = (rng.random(n) < expit(slope * x - 1)).astype(int)
    score = expit(1.5 * x - 1)
    frame = pd.DataFrame(
        {"fee": rng.uniform(10, 20, n), "sex": np.where(rng.random(n) < share, "f", "m")}
    )
    wrong = (rng.random(n) < unfair) & (frame["sex"] == "f")
    said = (score >= 0.4).astype(int)
    return frame, Outcomes(y, np.where(wrong, 1 - said, said), score)


def chunk(label, told, known=None):
    at = np.arange(len(told) if known is None else known)
    return Unlabelled(label, np.arange(len(told)), told.pred, told.score, at, told.take(at))


@pytest.fixture(scope="module")
def reference():
    frame, told = world(0, 6000)
    kept = {"unlabelled": learned("binary", told, 2)}
    return kept | realised_at_training(ASKED, "binary", told, frame, CLASSES, seed=1)


def report(reference, *worlds, known=None, asked=ASKED, margins=None):
    """The parts over chunks, all of them with the same frame of the first."""
    frames = [frame.set_index(frame.index + 10_000 * at) for at, (frame, _) in enumerate(worlds)]
    chunks = []
    for at, (_, told) in enumerate(worlds):
        each = chunk(f"{at}", told, known)
        chunks.append(
            Unlabelled(each.label, each.rows + 10_000 * at, each.pred, each.score, each.known,
                       each.truth)
        )  # fmt: skip
    frame = pd.concat(frames)
    naive = {each.label: np.zeros(len(each.known), int) for each in chunks}
    found = estimated(
        asked, "binary", chunks, reference, frame, classes=CLASSES,
        outside=pd.Series(data=False, index=frame.index), seed=1, naive=naive,
        spec=Monitor.read({"margins": margins or {}}),
    )  # fmt: skip
    return found, effects(found, "business"), effects(found, "fairness")


def test_the_figures_are_those_of_the_rows(reference):
    frame, told = world(1)
    _, business, fairness = report(reference, (frame, told))
    worth = np.where(told.pred == 1, np.where(told.y == 1, frame["fee"], -5), 0)
    (profit,) = business["measures"]
    (row,) = profit["chunks"]
    assert row["value"] == pytest.approx(1000 * worth.mean())
    assert row["low"] < row["value"] < row["high"]
    assert (row["naive"], row["labelled"]) == (0.0, 2000)  # it says no, and earns nothing
    assert (profit["key"], profit["unit"]) == ("business.profit", "EUR a 1,000")
    (gap,) = fairness["measures"]
    same = equalized_odds_difference(told.y, told.pred, sensitive_features=frame["sex"])
    assert gap["chunks"][0]["value"] == pytest.approx(same)
    assert gap["chunks"][0]["naive"] == 0.0  # it treats all alike
    assert gap["key"] == f"fairness.{GAP}.sex"
    assert business["status"] == fairness["status"] == "ok"


def test_a_loss_of_value_alerts_when_two_of_three_chunks_say_so(reference):
    bad = world(2, slope=0.0)
    assert report(reference, world(1), bad, bad)[1]["status"] == "alert"
    assert report(reference, world(1), world(3), bad)[1]["status"] == "warn"
    assert report(reference, world(1), world(3), world(4))[1]["status"] == "ok"


def test_a_margin_is_how_much_worse_is_still_fine(reference):
    bad, unfair = world(2, slope=0.0), world(5, unfair=0.3)
    found, business, _ = report(reference, bad, bad, margins={"profit": 10_000})
    assert (business["status"], business["measures"][0]["margin"]) == ("ok", 10_000)
    assert report(reference, bad, bad, margins={"profit": 10})[1]["status"] == "alert"
    assert report(reference, unfair, unfair, margins={GAP: 0.5})[2]["status"] == "ok"
    assert report(reference, unfair, unfair, margins={GAP: 0.01})[2]["status"] == "alert"
    # The same margins hold for what is estimated.
    margins = {each["name"]: each["margin"] for each in found["quantities"]}
    assert margins == {"profit": 10_000, f"{GAP} across sex": 0.0}


def test_groups_that_come_apart_alert_and_others_do_not(reference):
    unfair = [world(seed, unfair=0.3) for seed in (5, 6)]
    _, _, fairness = report(reference, world(1), *unfair)
    assert fairness["status"] == "alert"
    statuses = [row["status"] for row in fairness["measures"][0]["chunks"]]
    assert statuses == ["ok", "alert", "alert"]


def test_quiet_chunks_seldom_warn_and_hardly_ever_alert(reference, monkeypatch):
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.DRAWS", 1)
    found = [report(reference, world(seed, 500))[1:] for seed in range(100, 160)]
    for parts in zip(*found, strict=True):
        statuses = [each["status"] for each in parts]
        assert statuses.count("ok") >= 55
        assert statuses.count("alert") <= 1


def test_a_small_group_is_insufficient_and_said(reference):
    _, _, fairness = report(reference, world(1, 600, share=0.1))
    (row,) = fairness["measures"][0]["chunks"]
    assert (row["status"], row["value"]) == ("insufficient", None)
    assert row["why"].startswith("f has ")
    assert row["why"].endswith(" rows, fewer than 100")


def test_only_the_groups_of_training_are_compared(reference):
    frame, told = world(1)
    frame.loc[frame.index[:150], "sex"] = "new"
    assert reference["fairness"][f"{GAP} across sex"]["groups"] == ["f", "m"]
    _, _, fairness = report(reference, (frame, told))
    kept = frame["sex"] != "new"
    same = equalized_odds_difference(
        told.y[kept], told.pred[kept], sensitive_features=frame["sex"][kept]
    )
    assert fairness["measures"][0]["chunks"][0]["value"] == pytest.approx(same)


def test_before_labels_nothing_is_realised_and_the_estimate_is_judged(reference):
    found, business, fairness = report(reference, world(1), known=0)
    assert business["status"] == fairness["status"] == "insufficient"
    assert [each["chunks"][0]["status"] for each in found["quantities"]] == ["ok", "ok"]
    assert business["measures"][0]["chunks"][0]["why"] == "too few labels"


def test_another_definition_has_no_reference(reference):
    other = Business.read({"value": {"tp": "fee", "fp": -50}, "currency": "EUR"})
    asked = Asked((), {"profit": other})
    _, business, _ = report(reference, world(1), asked=asked)
    (row,) = business["measures"][0]["chunks"]
    assert (row["status"], row["why"]) == (
        "insufficient",
        "the model carries no reference value",
    )


def test_a_column_that_holds_no_numbers_is_named(reference):
    frame, told = world(1)
    words = frame.assign(fee="a lot")
    with pytest.raises(DataError, match="hold no number") as found:
        report(reference, (words, told))
    assert found.value.problems[0].key == "evaluate.business.profit: fee"


def test_costs_and_gaps_of_numbers_are_realised_and_not_estimated():
    rng = np.random.default_rng(3)
    cost = Business.read({"cost": {"under": 2, "over": 1}})
    asked = Asked(("mae",), {"cost": cost}, ("mae_difference",), ("sex",))
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 1000)})
    y = rng.normal(size=1000)
    told = Outcomes(y, y + rng.normal(size=1000))
    kept = {"unlabelled": learned("regression", told, 0)}
    kept |= realised_at_training(asked, "regression", told, frame, [], seed=1)
    found = estimated(
        asked, "regression", [chunk("0", told)], kept, frame, classes=[],
        outside=pd.Series(data=False, index=frame.index), spec=Monitor(), seed=1,
    )  # fmt: skip
    gap = told.y - told.pred
    (row,) = effects(found, "business")["measures"][0]["chunks"]
    costs = np.where(gap > 0, 2 * gap, -gap)
    assert row["value"] == pytest.approx(-1000 * costs.mean())
    assert row["status"] == effects(found, "fairness")["status"] == "ok"
    assert [each["chunks"][0]["value"] is None for each in found["quantities"]] == [
        False,
        True,
        True,
    ]


def test_nothing_asked_is_nothing():
    assert not Asked()
    assert not Asked(fairness=(GAP,))
    assert Asked(fairness=(GAP,), sensitive=("sex",))


def test_several_classes_have_values_and_gaps_too():
    rng = np.random.default_rng(5)
    score = rng.dirichlet([1, 1, 1], 1500)
    y = np.array([rng.choice(3, p=each) for each in score])
    told = Outcomes(y, score.argmax(axis=1), score)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 1500)})
    costs = Business.read({"matrix": {"a": {"a": 3, "b": -1}, "c": {"c": 5}}})
    asked = Asked(("accuracy",), {"routing": costs}, ("accuracy_difference",), ("sex",))
    kept = {"unlabelled": learned("multiclass", told, 3)}
    kept |= realised_at_training(asked, "multiclass", told, frame, ["a", "b", "c"], seed=1)
    found = estimated(
        asked, "multiclass", [chunk("0", told)], kept, frame, classes=["a", "b", "c"],
        outside=pd.Series(data=False, index=frame.index), spec=Monitor(), seed=1,
        naive={"0": np.full(1500, 2)},
    )  # fmt: skip
    (row,) = effects(found, "business")["measures"][0]["chunks"]
    table = np.array([[3, -1, 0], [0, 0, 0], [0, 0, 5]])
    assert row["value"] == pytest.approx(1000 * table[told.y, told.pred].mean())
    assert row["naive"] == pytest.approx(1000 * table[told.y, 2].mean())
    (gap,) = effects(found, "fairness")["measures"][0]["chunks"]
    right = [(told.y == told.pred)[frame["sex"] == each].mean() for each in "fm"]
    assert gap["value"] == pytest.approx(abs(right[0] - right[1]))
    assert {each["chunks"][0]["status"] for each in found["quantities"]} == {"replaced"}
