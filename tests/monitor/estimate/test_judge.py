from dataclasses import replace

import pytest
from scipy.stats import gamma, norm

from mlpipe.metrics.estimated import Estimate
from mlpipe.monitor.estimate.expected import Expected
from mlpipe.monitor.estimate.judge import Realised, Told, said_of
from mlpipe.monitor.estimate.quantity import Quantity

WAS = {"value": 0.8, "low": 0.78, "high": 0.82}
AUC = Quantity(
    "estimate.roc_auc", "roc_auc", "metric", True, lambda *_: 0.0, lambda *_: Estimate(None), 0.0,
    1.0, reference=WAS,
)  # fmt: skip
GOOD, BAD = Expected(0.8, 0.01, 0.01), Expected(0.6, 0.01, 0.01)


def row(label, estimate, truth=None):
    realised = truth and Realised(Estimate(truth, truth - 0.02, truth + 0.02), 500, estimate)
    return Told(label, 500, estimate, realised)


def statuses(*rows, quantity=AUC):
    said = said_of(quantity, rows)
    return said["status"], [each["status"] for each in said["chunks"]], said["notes"]


def test_an_estimate_warns_and_never_alerts():
    assert statuses(row("a", GOOD))[:2] == ("ok", ["ok"])
    assert statuses(row("a", BAD), row("b", BAD), row("c", BAD))[0] == "warn"


def test_a_margin_is_still_fine():
    wide = replace(AUC, margin=0.2)
    assert statuses(row("a", BAD), quantity=wide)[0] == "ok"


def test_what_should_be_small_warns_when_it_grows():
    brier = replace(AUC, name="brier", greater_is_better=False)
    assert statuses(row("a", BAD), quantity=brier)[0] == "ok"
    assert statuses(row("a", Expected(0.9, 0.01, 0.01)), quantity=brier)[0] == "warn"


def test_the_truth_replaces_the_estimate():
    status, each, notes = statuses(row("a", GOOD, 0.81), row("b", GOOD, 0.79))
    assert (status, each, notes) == ("replaced", ["replaced", "replaced"], [])
    # What is realised is judged as quality: a bad estimate that truth confirms does not warn here.
    assert statuses(row("a", BAD, 0.6))[:2] == ("replaced", ["replaced"])


def test_after_a_contradiction_later_estimates_are_not_trusted():
    status, each, notes = statuses(row("a", GOOD, 0.8), row("b", GOOD, 0.5), row("c", GOOD))
    assert each == ["replaced", "contradicted", "untrusted"]
    assert status == "warn"
    assert "expected to be 0.8 and is 0.5, 30.0 standard errors off" in notes[0]
    assert "not trusted" in notes[1]


def off(gap, skew):
    expected = Expected(0.5, 0.1, 0.0, skew)
    realised = Realised(Estimate(0.5 + gap, 0.0, 1.0), 500, expected)
    (chunk,) = said_of(AUC, [Told("a", 500, expected, realised)])["chunks"]
    return chunk["off"], chunk["status"]


def test_a_skewed_figure_is_off_by_what_is_as_rare():
    # Of a gamma law with skew 1 (4 events), 3.5 deviations more come as often as 2.5 of a normal.
    found, status = off(0.35, 1.0)
    assert norm.sf(found) == pytest.approx(gamma.sf(4 + 3.5 * 2, 4))
    assert status == "replaced"
    assert off(-0.35, -1.0) == (pytest.approx(-found), "replaced")
    # To the other side, where there is no tail, and without a skew, it stays what it is.
    assert off(-0.35, 1.0) == off(-0.35, 0.0) == (pytest.approx(-3.5), "contradicted")
    assert off(0.3, 1.0)[0] == pytest.approx(3.0)
    assert off(1.0, 1.0)[1] == "contradicted"
    assert off(40.0, 1.0) == (pytest.approx(400.0), "contradicted")


def test_trust_comes_back_with_a_truth_that_agrees():
    _, each, _ = statuses(row("a", GOOD, 0.5), row("b", GOOD, 0.8), row("c", GOOD))
    assert each == ["contradicted", "replaced", "ok"]


def test_what_labels_do_not_enter_is_never_contradicted_by_rounding():
    exact = Expected(0.25, 1e-17, 0.01)
    truth = Realised(Estimate(0.25 + 1e-16, 0.2, 0.3), 500, exact)
    found = said_of(AUC, [Told("a", 500, exact, truth)])["chunks"][0]
    assert (found["status"], found["off"]) == ("replaced", 0.0)


def test_without_enough_rows_or_a_reference_nothing_is_judged():
    assert statuses(Told("a", 50))[:2] == ("insufficient", ["insufficient"])
    new = replace(AUC, reference=None)
    assert statuses(row("a", BAD), quantity=new)[:2] == ("insufficient", ["unjudged"])


def test_the_interval_is_told():
    chunk = said_of(AUC, [row("a", GOOD)])["chunks"][0]
    assert chunk["low"] == pytest.approx(0.8 - 1.96 * 0.01 * 2**0.5, abs=1e-4)


def test_a_truth_that_is_better_than_expected_is_told_and_warns_nobody():
    status, each, notes = statuses(row("a", GOOD, 0.9), row("b", BAD))
    assert (status, each) == ("ok", ["contradicted", "untrusted"])
    assert "standard errors off" in notes[0]
    brier = replace(AUC, name="brier", greater_is_better=False)
    assert statuses(row("a", GOOD, 0.9), quantity=brier)[0] == "warn"
