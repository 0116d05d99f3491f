"""Nights one after another: what one night cannot know, many do."""

import numpy as np
import pytest

from mlpipe.monitor.decay import decay
from mlpipe.monitor.effects import effects
from mlpipe.monitor.estimate.stage import unestimated
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.history.measures import measures
from mlpipe.monitor.history.record import check, records
from mlpipe.monitor.losses import chunk_loss, loss_reference
from mlpipe.monitor.quality import unwatched

ROWS = 300
WAS = {"of": "squared error", **loss_reference(np.random.default_rng(0).random(6000) ** 2)}


def gap(day, value, status):
    was = {"value": 0.02, "low": 0.0, "high": 0.05}
    row = {
        "chunk": day, "rows": ROWS, "labelled": ROWS, "value": value, "low": value - 0.03,
        "high": value + 0.03, "status": status, "naive": 0.0,
    }  # fmt: skip
    return {
        "key": "fairness.accuracy_difference.sex", "name": "accuracy_difference across sex",
        "unit": "", "greater_is_better": False, "reference": was, "margin": 0.0,
        "status": status, "chunks": [row], "notes": [],
    }  # fmt: skip


def night(at, rise=0.0, value=0.02, status="ok"):
    """What monitor observes of one night."""
    day = f"2026-06-{at:02d}"
    loss = np.random.default_rng((1, at)).random(ROWS) ** 2 + rise * WAS["deviation"]
    estimate = unestimated()
    chunk = {
        "chunk": day, "period": day, "until": day, "ordered_by": "time", "content": day,
        "rows": ROWS, "status": "ok",
    }  # fmt: skip
    return {
        "rows": ROWS, "every": "day", "profile": "p",
        "limits": {"drift": 0.2, "warn": 0.1, "rows": 200}, "drift": [],
        "quality": unwatched(), "estimate": estimate,
        "business": effects(estimate, "business"),
        "fairness": {"status": status, "measures": [gap(day, value, status)]},
        "decay": decay([chunk_loss(day, loss)], WAS), "multivariate": {"status": "insufficient"},
        "chunks": [chunk], "notes": [],
    }  # fmt: skip


def judged(*observed):
    """Judge each night with the records of those before it."""
    kept, found = [], []
    for report in observed:
        found.append(judge(report, kept))
        kept += records(report)
    for record in kept:
        check(record)
    return found


def test_a_rise_that_no_night_proves_alerts_after_some():
    found = judged(*[night(at, rise=0.0 if at < 5 else 0.25) for at in range(1, 15)])
    statuses = [each["decay"]["status"] for each in found]
    assert statuses[:4] == ["ok"] * 4
    assert statuses[-1] == found[-1]["status"] == "alert"
    assert "warn" in statuses  # the first night beyond the limit is one chunk only
    assert found[-1]["decay"]["since"] == "2026-06-05"
    assert found[-1]["timeline"]["measures"]["decay.loss"]["status"] == "alert"
    assert decay_alone(night(14, rise=0.25)) == "ok"


def decay_alone(report):
    return judge(report)["decay"]["status"]


def test_quiet_nights_stay_quiet():
    found = judged(*[night(at) for at in range(1, 20)])
    assert {each["status"] for each in found} == {"ok"}


def test_a_gap_between_groups_needs_two_nights_of_three():
    apart = {"value": 0.2, "status": "alert"}
    one, two, three, four = judged(night(1), night(2), night(3, **apart), night(4, **apart))
    assert three["fairness"]["status"] == "warn"
    assert three["fairness"]["measures"][0]["notes"] == ["an alert of one chunk only"]
    assert four["fairness"]["status"] == four["status"] == "alert"
    assert four["fairness"]["measures"][0]["since"] == "2026-06-03"
    assert one["status"] == two["status"] == "ok"


def test_a_night_that_runs_again_counts_once():
    nights = [night(at, rise=0.25) for at in range(1, 9)]
    kept = [record for each in nights for record in records(each)]
    again = judge(nights[-1], kept)
    assert again["decay"]["batches"] == 8


def test_records_hold_realised_gaps_and_losses():
    (record,) = records(night(1))
    gaps = record["measures"]["fairness.accuracy_difference.sex"]
    assert gaps == {
        "group": "fairness", "value": 0.02, "low": pytest.approx(-0.01), "high": 0.05,
        "status": "ok", "n": ROWS,
    }  # fmt: skip
    loss = record["measures"]["decay.loss"]
    assert (loss["group"], loss["n"]) == ("quality", ROWS)
    assert loss["low"] < loss["value"] < loss["high"]


def test_without_labels_there_are_no_losses():
    empty = {**night(1), "decay": decay([], WAS)}
    assert "decay.loss" not in [each.name for each in measures(empty)]
    assert judge(empty)["decay"]["status"] == "insufficient"
