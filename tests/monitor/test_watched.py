"""Quality over a window, as the report tells it: before labels come, after, and when they lie."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from mlpipe.metrics.business import Business
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.monitor.estimate.asked import Asked
from mlpipe.monitor.estimate.reference import learned
from mlpipe.monitor.estimate.stage import ASSUMPTION
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.model import Current, Model
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import observe
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import profile

COLUMNS = Columns.read({"key": "id", "time": "day", "target": {"name": "y", "positive": "yes"}})
KINDS = {"x": "number", "fee": "number", "sex": "category"}
AUC = {"roc_auc": {"value": 0.82, "low": 0.80, "high": 0.84}}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.DRAWS", 40)


def world(seed, n=4000, shift=0.0, turned_from=None, start="2026-01-01"):
    """Four months; from a month on, the feature says the opposite of the target."""
    rng = np.random.default_rng(seed)
    x, day = rng.normal(shift, 1, n), pd.date_range(start, periods=n, freq="43min")
    slope = np.full(n, 1.5)
    if turned_from:
        slope[day >= turned_from] = -1.5
    truth = rng.random(n) < expit(slope * x - 1)
    return pd.DataFrame(
        {
            ROW: np.arange(n),
            "id": np.arange(n),
            "x": x,
            "fee": rng.uniform(10, 20, n),
            "sex": rng.choice(["f", "m"], n),
            "day": day,
            "y": np.where(truth, "yes", "no"),
        }
    )


def said(frame):
    score = expit(frame["x"].to_numpy() - 0.5)
    words = np.where(score >= 0.5, "yes", "no")
    return pd.DataFrame({ROW: frame[ROW], "prediction": words, "score": score})


@pytest.fixture
def reference(session):
    frame = world(0)
    score = said(frame)["score"].to_numpy()
    outcomes = Outcomes((frame["y"] == "yes").to_numpy(int), (score >= 0.5).astype(int), score)
    kept = learned("binary", outcomes, 2, times=np.arange(len(frame)))
    counted = profile(session.frame(frame), COLUMNS, KINDS, session)
    return json.loads(json.dumps({**counted, "unlabelled": kept}))


@pytest.fixture
def run(session, reference):
    def run(frame, labelled=None, asked=None, given=None, known=None, **section):
        rows = frame.copy()
        if labelled is not None:
            rows.loc[rows["day"] >= labelled, "y"] = None
        spec = Monitor.read({"quality": {"metric": "roc_auc", "margin": 0.02}, **section})
        model = Model("binary", {**(given or reference), "quality": AUC}, ["no", "yes"], known)
        current = Current(session.frame(rows), COLUMNS, session.frame(said(frame)))
        report = judge(observe(spec, model, current, session, asked=asked))
        json.dumps(report, allow_nan=False)
        return report

    return run


def quantity(report, name="roc_auc"):
    (found,) = [each for each in report["estimate"]["quantities"] if each["name"] == name]
    return found


def test_without_labels_quality_is_estimated_and_the_assumption_said(run):
    report = run(world(1), labelled="2026-01-01")
    assert report["estimate"]["method"] == "CBPE"
    assert report["estimate"]["assumption"] == ASSUMPTION
    found = quantity(report)
    assert [each["status"] for each in found["chunks"]] == ["ok", "ok", "ok", "ok"]
    assert all(each["realised"] is None for each in found["chunks"])
    for each in found["chunks"]:
        assert 0.7 < each["low"] < each["value"] < each["high"] < 0.9
    assert all(each["outside"] < 0.01 for each in report["estimate"]["chunks"])
    assert report["status"] == "ok"
    assert report["quality"]["notes"] == ["no labels yet"]


def test_weights_play_no_part_and_that_is_said_once(run, monkeypatch):
    words = "each row counts once, now and at training: monitor does not weigh by fee"
    plain = run(world(1))
    assert words not in plain["quality"]["notes"] + plain["estimate"]["notes"]
    weighted = Columns.read({**COLUMNS.model_dump(exclude_none=True), "weight": "fee"})
    monkeypatch.setattr(f"{__name__}.COLUMNS", weighted)
    report = run(world(1))
    assert report["quality"]["notes"] == [words]
    assert words not in report["estimate"]["notes"]
    for part, figures in (("quality", "chunks"), ("estimate", "quantities")):
        assert report[part][figures] == plain[part][figures]
    asked = Asked((), {"profit": Business.read({"value": {"tp": 1}})})
    blind = run(world(1), asked=asked, quality=None)
    assert words in blind["estimate"]["notes"]


def test_rows_that_were_never_together_are_said_where_the_bundle_keeps_rows(run):
    known = world(0, n=1000)[["x", "fee"]]
    known["fee"] = 15 + known["x"]  # what is paid went with x, and now it does not
    frame = world(1)
    assert [each["apart"] for each in run(frame)["estimate"]["chunks"]] == [None] * 4
    report = run(frame, labelled="2026-01-01", known=known)
    assert all(each["apart"] > 0.3 for each in report["estimate"]["chunks"])
    assert all(each["outside"] < 0.01 for each in report["estimate"]["chunks"])
    assert "never together" in report["estimate"]["notes"][-1]
    quiet = run(frame.assign(fee=15 + frame["x"]), labelled="2026-01-01", known=known)
    assert all(each["apart"] < 0.04 for each in quiet["estimate"]["chunks"])
    assert quiet["estimate"]["notes"] == []


def test_labels_replace_the_estimate_chunk_by_chunk(run):
    report = run(world(1), labelled="2026-03-01")
    found = quantity(report)
    assert [each["status"] for each in found["chunks"]] == ["replaced", "replaced", "ok", "ok"]
    first = found["chunks"][0]
    assert first["realised"]["value"] == report["quality"]["chunks"][0]["value"]
    assert abs(first["off"]) < 3.29
    assert report["decay"]["status"] == "ok"


def test_under_concept_drift_labels_end_all_claims_that_it_is_well(run):
    frame = world(2, turned_from="2026-02-01")
    blind = run(frame, labelled="2026-01-01")
    assert blind["status"] == "ok"  # nothing can tell, which is what the assumption says
    known = run(frame, labelled="2026-04-01")
    assert known["status"] == known["quality"]["status"] == known["decay"]["status"] == "alert"
    found = quantity(known)
    assert [each["status"] for each in found["chunks"]] == [
        "replaced",
        "contradicted",
        "contradicted",
        "untrusted",
    ]
    assert found["status"] == "warn"
    assert "features say of the target has changed" in found["notes"][0]
    assert known["decay"]["since"] in {"2026-01", "2026-02"}  # it began on the last of January
    assert "the model is no better than a naive one" in " ".join(known["quality"]["notes"])


def test_a_shift_beyond_the_support_is_said(run):
    report = run(world(3, shift=3.0), labelled="2026-01-01")
    assert all(each["outside"] > 0.1 for each in report["estimate"]["chunks"])
    assert report["estimate"]["outside"][0]["column"] == "x"


def test_the_naive_model_stands_beside_the_realised_metric(run):
    report = run(world(1))
    assert [each["naive"] for each in report["quality"]["chunks"]] == [0.5] * 4


def test_business_value_and_fairness_are_estimated_and_realised(run):
    profit = Business.read({"value": {"tp": "fee", "fp": -5}, "currency": "EUR"})
    capacity = Business.read({"value": {"tp": 1}, "top": 10})
    asked = Asked(
        ("roc_auc", "ece"),
        {"profit": profit, "capacity": capacity},
        ("equal_opportunity_difference",),
        ("sex",),
    )
    frame = world(4)
    report = run(frame, labelled="2026-02-01", asked=asked)
    names = [each["name"] for each in report["estimate"]["quantities"]]
    assert names == ["roc_auc", "profit", "equal_opportunity_difference across sex"]
    assert report["estimate"]["notes"] == [
        "ece is not estimated: it is no function of expected cells",
        "capacity is not watched: it is no mean over rows",
    ]
    january = frame["day"] < "2026-02-01"
    acted = said(frame)["prediction"] == "yes"
    worth = np.where(acted, np.where(frame["y"] == "yes", frame["fee"], -5), 0)[january].mean()
    first = quantity(report, "profit")["chunks"][0]
    assert first["realised"]["value"] == pytest.approx(1000 * worth)
    assert first["realised"]["low"] < 1000 * worth < first["realised"]["high"]
    assert abs(first["off"]) < 3.29
    gap = quantity(report, "equal_opportunity_difference across sex")["chunks"][0]
    assert gap["status"] == "replaced"


def test_a_model_of_before_says_that_it_must_be_trained_again(run, reference):
    old = {key: value for key, value in reference.items() if key != "unlabelled"}
    report = run(world(1), given=old)
    assert "train it again" in report["estimate"]["notes"][0]
    assert "train it again" in report["decay"]["notes"][0]
    assert report["quality"]["status"] == "ok"


def test_without_scores_nothing_is_estimated(session, reference):
    frame = world(1)
    words = said(frame).drop(columns="score")
    spec = Monitor.read({"quality": {"metric": "accuracy"}})
    current = Current(session.frame(frame), COLUMNS, session.frame(words))
    report = judge(observe(spec, Model("binary", reference, ["no", "yes"]), current, session))
    assert report["estimate"]["notes"] == ["there are no scores to estimate quality with"]


def test_decay_can_be_left_out(run):
    assert run(world(1), decay=False)["decay"]["status"] == "insufficient"


def test_errors_of_numbers_are_estimated_and_the_last_value_stands_beside(session):
    def numbers(seed, spread=1.0):
        rng = np.random.default_rng(seed)
        frame = world(seed)
        frame["y"] = frame["x"] * 10 + spread * rng.normal(size=len(frame)) * (1 + frame["x"].abs())
        return frame

    before = numbers(0)
    outcomes = Outcomes(before["y"].to_numpy(), 10 * before["x"].to_numpy())
    kept = learned(
        "regression", outcomes, 0, names=["x"], values=before[["x"]].to_numpy(),
        times=np.arange(len(before)),
    )  # fmt: skip
    columns = Columns.read({"key": "id", "time": "day", "target": "y"})
    counted = profile(session.frame(before), columns, KINDS, session)
    spec = Monitor.read({"quality": {"metric": "mae"}})
    was = {"mae": {"value": 1.43, "low": 1.38, "high": 1.48}}

    def report(frame):
        predictions = pd.DataFrame({ROW: frame[ROW], "prediction": 10 * frame["x"]})
        model = Model("regression", {**counted, "unlabelled": kept, "quality": was})
        current = Current(session.frame(frame), columns, session.frame(predictions))
        return judge(observe(spec, model, current, session))

    quiet = report(numbers(1))
    assert quiet["estimate"]["method"] == "DLE"
    chunks = quantity(quiet, "mae")["chunks"]
    assert {each["status"] for each in chunks} == {"replaced"}
    assert all(each["naive"] > 5 for each in quiet["quality"]["chunks"])
    loud = report(numbers(1, spread=2.0))
    assert {each["status"] for each in quantity(loud, "mae")["chunks"]} == {"contradicted"}
    assert loud["decay"]["status"] == loud["status"] == "alert"
