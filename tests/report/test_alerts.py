"""Alerts on the page and in the files of CI, the silenced ones with their reason."""

from xml.etree import ElementTree as ET

from mlpipe.report.alerts import alerts
from mlpipe.report.cases import suites, verdict_of
from mlpipe.report.headline import headline
from mlpipe.report.junit import junit
from mlpipe.report.markdown import markdown
from mlpipe.report.page import page
from tests.monitor.alerts.reports import REPORT, report

HOSTILE = "<script>alert(1)</script>"
SILENCE = [{"what": "drift.charges", "until": "2026-12-31", "reason": "new price list"}]


def document(found):
    return {"title": "mlpipe monitor", "steps": [{"step": "monitor"}], "monitor": found}


def cases(found):
    (suite,) = suites(document(found))
    return {f"{case.group}.{case.name}": case for case in suite.cases}


def test_every_measure_is_a_case():
    found = cases(report())
    assert {name: case.status for name, case in found.items()} == {
        "quality.roc_auc": "failed",
        "decay.loss": "failed",
        "estimate.f1": "warned",
        "estimate.fairness.selection_rate_ratio.sex": "passed",
        "drift.prediction.score": "warned",
        "drift.charges": "failed",
        "drift.age": "passed",
        "drift.note": "skipped",
        "multivariate.area": "passed",
        "served.latency_p95_ms": "failed",
    }
    assert found["drift.note"].message == "too little to judge"
    assert found["drift.charges"].message == "charges: median up 0.3 IQR, since 2026-06"


def test_alerts_that_only_warn_fail_nothing():
    found = cases(report({"on_alert": "warn"}))
    assert {case.status for case in found.values()} == {"warned", "passed", "skipped"}


def test_a_silenced_alert_is_skipped_with_its_reason():
    found = report({"silence": SILENCE})
    root = ET.fromstring(junit(document(found)))
    (case,) = root.iterfind(".//testcase[@name='charges']")
    assert case.get("classname") == "monitor.drift"
    assert [child.tag for child in case] == ["skipped"]
    assert case[0].get("message").startswith("silenced until 2026-12-31: new price list; charges:")
    suite = root.find("testsuite")
    assert (suite.get("failures"), suite.get("skipped")) == ("3", "4")
    text = markdown(document(found))
    assert "### monitor: 3 failed, 2 warned, 2 skipped, 3 passed" in text
    assert "skipped | charges |  | silenced until 2026\\-12\\-31: new price list" in text


def test_what_is_silenced_alone_is_no_failure():
    everything = [{**SILENCE[0], "what": "*"}]
    found = suites(document(report({"silence": everything})))
    assert verdict_of(found) == "passed"


def test_the_page_lists_them_and_ends_with_the_commands():
    found = report({"silence": SILENCE})
    found["host"] = {
        "status": "alert", "measured": "2026-11-26T23:00:00+00:00", "cores": 2,
        "measures": [{"what": "host.disk", "words": "host disk: 95.0% of the disk in use"}],
    }  # fmt: skip
    commands = [{"command": "mlpipe run a.yaml", "why": "trains a challenger"}]
    text = page({**document(found), "retrain": commands})
    assert "silenced until 2026-12-31: new price list" in text
    assert "host disk: 95.0% of the disk in use" in text
    assert text.index('id="alerts"') < text.index('id="host"') < text.index('id="retrain"')
    assert text.rindex("<section") < text.index('id="retrain"') < text.index("mlpipe run a.yaml")
    assert 'id="retrain"' not in page(document(found))


def test_the_top_of_the_page_says_what_nobody_silenced():
    assert headline(document(report()))["status"] == "alert"
    everything = [{**SILENCE[0], "what": "*"}]
    assert headline(document(report({"silence": everything})))["status"] == "ok"
    assert headline(document({"status": "warn", "drift": []}))["status"] == "warn"


def test_many_alerts_are_folded():
    rows = [{**REPORT["drift"][1], "column": f"c{at}"} for at in range(30)]
    found = alerts(report(drift=rows))
    assert (len(found["loud"]), len(found["rest"])) == (12, 22)
    assert alerts({}) == {}


def test_names_and_reasons_are_escaped():
    rows = [{**REPORT["drift"][1], "column": HOSTILE, "words": HOSTILE}]
    found = report({"silence": [{**SILENCE[0], "what": "drift.*", "reason": HOSTILE}]}, drift=rows)
    commands = [{"command": HOSTILE, "why": HOSTILE}]
    assert HOSTILE not in page({**document(found), "retrain": commands})
