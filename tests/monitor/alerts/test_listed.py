"""One list of alerts: what is on it, in which order, and what fails the command."""

import pytest

from mlpipe.monitor.alerts.host import host
from mlpipe.monitor.alerts.listed import listed, with_host, worst_of
from mlpipe.monitor.alerts.spec import Host
from tests.monitor.alerts.reports import REPORT, report, spec

LOUD = [
    "quality.roc_auc", "decay.loss", "drift.charges", "served.latency_p95_ms",
    "estimate.f1", "drift.prediction.score",
]  # fmt: skip


def test_everything_that_warns_or_alerts_is_listed_worst_first() -> None:
    alerts = report()["alerts"]
    assert [each["what"] for each in alerts] == LOUD
    assert [each["status"] for each in alerts] == ["alert"] * 4 + ["warn"] * 2
    by_name = {each["what"]: each for each in alerts}
    assert by_name["drift.charges"] == {
        "what": "drift.charges", "status": "alert", "words": "charges: median up 0.3 IQR",
        "since": "2026-06", "importance": 0.4, "silenced": None, "rows": [],
    }  # fmt: skip
    assert by_name["quality.roc_auc"]["words"] == (
        "roc_auc fell to 0.7 (0.68 to 0.72) in 2026-06; 0.82 at training"
    )
    assert by_name["quality.roc_auc"]["since"] == "2026-05"
    assert "0.1 at training, 0.3 since" in by_name["decay.loss"]["words"]
    assert by_name["estimate.f1"]["words"].startswith("f1 is estimated to be 0.5 (0.4 to 0.55)")


def test_every_measure_is_named_whatever_its_status() -> None:
    measures = report()["measures"]
    assert measures["drift.age"] == "ok"
    assert measures["drift.note"] == "insufficient"
    assert measures["multivariate.area"] == "ok"
    assert measures["estimate.fairness.selection_rate_ratio.sex"] == "ok"
    assert len(measures) == 10


def test_a_column_that_is_called_like_a_prediction_is_told_apart() -> None:
    rows = [
        {**REPORT["drift"][1], "column": name, "role": role}
        for name, role in (("prediction", "feature"), ("prediction", "prediction"))
    ]
    found = report(drift=rows)["measures"]
    assert {"drift.feature.prediction", "drift.prediction"} <= found.keys()


@pytest.mark.parametrize(
    ("on_alert", "silenced", "expected"),
    [
        ("fail", [], "fail"),
        ("warn", [], "pass"),
        ("fail", ["quality.*", "decay.*", "drift.charges", "served.*"], "pass"),
        ("fail", ["quality.*", "decay.*", "served.*"], "fail"),
    ],
)
def test_only_alerts_that_nobody_silenced_fail(
    on_alert: str, silenced: list[str], expected: str
) -> None:
    silences = [{"what": what, "until": "2026-12-31", "reason": "known"} for what in silenced]
    found = report({"on_alert": on_alert, "silence": silences})
    assert found["exit"] == expected
    assert found["status"] == "alert"  # what was measured is what was measured


def test_an_alert_that_is_not_on_the_list_fails_all_the_same() -> None:
    everything = [{"what": "*", "until": "2026-12-31", "reason": "all of it"}]
    empty = {"status": "alert", "drift": [], "notes": []}
    assert listed(empty, spec(silence=everything))["exit"] == "fail"
    assert listed({**empty, "status": "warn"}, spec(silence=everything))["exit"] == "pass"


def test_the_host_joins_the_list_and_can_be_silenced() -> None:
    quiet = {"status": "ok", "drift": [], "notes": []}
    measured = host({"memory": 0.95, "disk": 0.5, "load": None}, Host(max_memory=0.9))
    assert measured["status"] == "alert"
    assert [row["status"] for row in measured["measures"]] == ["alert", "ok", "insufficient"]
    loud = with_host(listed(quiet, spec()), measured, spec())
    assert [each["what"] for each in loud["alerts"]] == ["host.memory"]
    assert loud["alerts"][0]["words"] == "host memory: 95.0% of the memory in use; at most 90.0%"
    assert (loud["exit"], worst_of(loud)) == ("fail", "alert")
    silence = [{"what": "host.*", "until": "2026-11-26", "reason": "bigger one is ordered"}]
    still = spec(silence=silence)
    told = with_host(listed(quiet, still), measured, still)
    assert (told["exit"], worst_of(told), told["notes"]) == ("pass", "ok", [])


def test_a_host_at_its_limit_is_fine() -> None:
    measured = host({"memory": 0.9, "disk": 1.0, "load": 9.0}, Host(max_memory=0.9))
    assert measured["status"] == "ok"
