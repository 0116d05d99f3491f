"""The report of monitor as the command has it, and what stays out of keys and rebuilding."""

import json
from types import SimpleNamespace

import pytest

from mlpipe.errors import DataError
from mlpipe.monitor.spec import OBSERVING, Monitor
from mlpipe.run.alerting import host as measured
from mlpipe.run.alerting.verdict import alerted, measured_host, monitored
from mlpipe.run.reproduce.recorded import _check_secrets
from mlpipe.run.request import Request
from mlpipe.run.steps import STEPS
from tests.monitor.alerts.reports import report


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Return a command with a report of monitor, of a spec with these words."""
    figures = {"memory": 0.95, "disk": 0.5, "load": 1.0, "cores": 2, "measured": "2026-11-26"}
    monkeypatch.setattr(measured, "figures", lambda _: figures)

    def made(found, **values):
        spec = Monitor.read({"as_of": "2026-11-26", **values})
        (tmp_path / "report.json").write_text(json.dumps(found))
        pipeline = SimpleNamespace(monitor=spec, register_=None, name="small", registry="models")
        work = SimpleNamespace(
            name="small", model_name="small@1", request=Request("monitor", "a.yaml"),
            steps=[SimpleNamespace(name="monitor")], loaded=SimpleNamespace(pipeline=pipeline),
            store=SimpleNamespace(root=tmp_path),
        )  # fmt: skip
        artifacts = {"monitor": SimpleNamespace(path=tmp_path)}
        return work, SimpleNamespace(artifacts=artifacts, host=measured_host(work))

    monkeypatch.chdir(tmp_path)
    return made


QUIET = {"status": "ok", "drift": [], "notes": [], "measures": {}, "alerts": [], "exit": "pass"}


def test_a_host_beyond_its_limit_fails_a_command_whose_report_is_fine(command):
    work, outcome = command(QUIET, host={"max_memory": 0.9})
    assert monitored(work, outcome)["exit"] == "fail"
    found = alerted(work, outcome)
    assert found["monitor"]["lines"][0].startswith("alert    host memory: 95.0%")
    assert found["monitor"]["exit"] == "fail"
    assert "retrain" not in found  # no other model makes the machine bigger
    work, outcome = command(QUIET, host={"max_memory": 0.9}, on_alert="warn")
    assert monitored(work, outcome)["exit"] == "pass"


def test_without_a_word_of_the_host_nothing_is_measured(command):
    work, outcome = command(report())
    assert outcome.host == {}
    assert [line["command"] for line in alerted(work, outcome)["retrain"]] == [
        "mlpipe promote small@1 --to champion",
        "mlpipe run a.yaml",
        "mlpipe register small --alias challenger",
        "mlpipe promote small@challenger --to champion",
    ]


def test_a_command_without_a_report_says_nothing(command):
    work, outcome = command(QUIET)
    outcome.artifacts = {}
    assert monitored(work, outcome) is None
    assert alerted(work, outcome) == {}


def test_the_terminal_shows_what_is_silenced_with_its_reason(command):
    silence = [{"what": "drift.charges", "until": "2026-12-31", "reason": "new price list"}]
    work, outcome = command(report({"silence": silence}), silence=silence)
    lines = alerted(work, outcome)["monitor"]["lines"]
    assert lines[0].startswith("alert    roc_auc fell to 0.7")
    assert (
        "silenced charges: median up 0.3 IQR (alert, since 2026-06; until 2026-12-31: "
        "new price list)"
    ) in lines


def test_no_step_reads_who_is_told_or_the_host():
    reads = {read for step in STEPS for read in step.reads}
    assert not {"monitor", "monitor.alerts", "monitor.host"} & reads
    assert not any(read.startswith(("monitor.alerts", "monitor.host")) for read in reads)
    assert not {"alerts", "host"} & set(OBSERVING)


def test_a_run_is_rebuilt_without_the_secret_of_its_webhook(monkeypatch):
    monkeypatch.delenv("HOOK", raising=False)
    url = {"url": "${secret:HOOK}"}
    _check_secrets({"monitor": {"alerts": {"webhook": url}}})
    with pytest.raises(DataError, match="HOOK"):
        _check_secrets({"monitor": {"labels": url}})
