"""Who is told after the steps, and what becomes of the answer where that fails."""

from types import SimpleNamespace

import pytest

from mlpipe.errors import SpecError
from mlpipe.monitor.spec import Monitor
from mlpipe.run.alerting import deliver
from mlpipe.run.alerting.webhook import Answer, NotToldError
from mlpipe.run.result import Result
from tests.monitor.alerts.reports import report

SECRET = "s3cr3t-of-the-hook"
RESULT = Result("small/0001-aa", (), 1, answer={"monitor": {}}, page="runs/report.html")


def work(steps=("current", "monitor"), **values):
    spec = Monitor.read({"as_of": "2026-11-26", **values})
    return SimpleNamespace(
        name="small",
        model="small version 2 (champion), models/small/2",
        model_name="small@2",
        steps=[SimpleNamespace(name=name) for name in steps],
        loaded=SimpleNamespace(pipeline=SimpleNamespace(monitor=spec)),
    )


@pytest.fixture
def posted(monkeypatch):
    monkeypatch.setenv("HOOK", f"https://hooks.example.org/{SECRET}")
    sent = []

    def post(document, asked):
        sent.append((document, asked))
        return Answer(200, 1)

    monkeypatch.setattr(deliver, "post", post)
    return sent


def webhook(**given):
    return {"alerts": {"webhook": {"url": "${secret:HOOK}", **given}}}


def test_a_webhook_is_told_once(posted):
    given = webhook(timeout="3s", retries=1, headers={"X-Key": "${secret:HOOK}"})
    found = deliver.delivered(work(**given), report(), RESULT)
    ((document, asked),) = posted
    assert asked.url == f"https://hooks.example.org/{SECRET}"
    assert asked.headers["X-Key"].endswith(SECRET)
    assert (asked.timeout, asked.retries, asked.allow_private) == (3.0, 1, False)
    assert (document["model"], document["run"]) == ("small@2", "small/0001-aa")
    assert found.answer["delivered"] == ["hooks.example.org was told (200)"]
    assert (found.exit_code, found.warnings) == (1, ())
    assert SECRET not in str(found.to_json())


@pytest.mark.parametrize(("on", "told"), [("alert", False), ("warn", False), ("always", True)])
def test_silenced_alerts_are_told_to_nobody_but_who_wants_all(posted, on, told):
    silence = [{"what": "*", "until": "2026-12-31", "reason": "r"}]
    deliver.delivered(work(**webhook(on=on)), report({"silence": silence}), RESULT)
    assert bool(posted) is told


def test_a_webhook_that_fails_is_a_warning_and_no_verdict(posted, monkeypatch):
    def post(document, asked):
        raise NotToldError("it answered 503; tried 4 times")

    monkeypatch.setattr(deliver, "post", post)
    found = deliver.delivered(work(**webhook()), report(), RESULT)
    assert found.warnings == ("hooks.example.org was not told: it answered 503; tried 4 times",)
    assert found.exit_code == RESULT.exit_code
    assert SECRET not in str(found.to_json())


def test_a_secret_that_is_not_defined_is_said(posted, monkeypatch):
    monkeypatch.delenv("HOOK")
    found = deliver.delivered(work(**webhook()), report(), RESULT)
    assert found.warnings == ("the webhook was not told: the secret HOOK is not defined",)
    assert not posted


def test_the_file_for_prometheus_is_written_each_time(tmp_path):
    path = tmp_path / "small.prom"
    given = {"alerts": {"prometheus": str(path)}}
    found = deliver.delivered(work(**given), report(), RESULT)
    assert 'mlpipe_monitor_rows{pipeline="small",model="small@2"} 3000.0' in path.read_text()
    assert found.answer["delivered"] == [f"{path} written"]


def test_a_file_that_cannot_be_written_is_an_error_of_the_store(tmp_path, posted):
    given = {"alerts": {**webhook()["alerts"], "prometheus": str(tmp_path / "no" / "a.prom")}}
    found = deliver.delivered(work(**given), report(), RESULT)
    assert found.exit_code == 4
    assert "cannot be written" in found.problems[0]["message"]
    assert posted  # whoever can be told is told


def test_a_foreign_file_is_refused_before_anything_is_computed(tmp_path):
    path = tmp_path / "node.prom"
    path.write_text("# HELP x y\n")
    with pytest.raises(SpecError, match="another file is there already"):
        deliver.check(work(alerts={"prometheus": str(path)}))
    deliver.check(work(steps=("train",), alerts={"prometheus": str(path)}))
    deliver.check(work())


@pytest.mark.parametrize(
    ("values", "steps", "anew"),
    [
        (webhook(), ("monitor",), True),
        ({"host": {}}, ("monitor",), True),
        ({}, ("monitor",), False),
        (webhook(), ("train",), False),
    ],
)
def test_a_command_that_tells_others_has_something_to_do_each_time(values, steps, anew):
    assert deliver.is_anew(work(steps, **values)) is anew


def test_a_command_without_a_report_tells_nobody(posted):
    assert deliver.delivered(work(**webhook(on="always")), None, RESULT) is RESULT
    assert deliver.delivered(work(), report(), RESULT) is RESULT
    assert not posted
