"""Alerts through the command line: exit codes, silences, who is told, the same each night."""

import json
import shlex
from xml.etree import ElementTree as ET

import pytest

from mlpipe.run import receipt
from tests.project import SPEC, mlpipe, write_project
from tests.run.alerting.test_webhook import Hook, status

MONITOR = """\
monitor:
  current: {path: later.csv}
  drift: {warn: 0.05, alert: 0.1}
  host: {max_memory: 1.0}
  alerts:
    webhook: {url: "${secret:HOOK}", allow_private: true, timeout: 2s, retries: 0}
    prometheus: small.prom
"""
SILENCE = "  silence: [{what: 'drift.*', until: 2998-12-31, reason: younger customers}]\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose current customers are all young."""
    folder = write_project(tmp_path_factory.mktemp("watched"), spec=SPEC + MONITOR)
    head, *rows = (folder / "data.csv").read_text().splitlines()
    young = [row for row in rows if int(row.split(",")[1]) < 40]
    again = [f"x{turn}{row}" for turn in range(4) for row in young]
    (folder / "later.csv").write_text("\n".join([head, *again]) + "\n")
    return folder


@pytest.fixture(scope="module")
def hook():
    found = Hook(status(200))
    yield found
    found.close()


@pytest.mark.slow
def test_a_night_of_alerts(project, hook):
    env = {"HOOK": hook.url}
    files = ("--junit", "j.xml", "--markdown", "m.md")
    done = mlpipe(project, "run", *files, env=env)
    assert done.returncode == 1, done.stderr
    assert "  alert    age: median down" in done.stdout
    assert "ok       host memory:" in done.stdout
    assert "told     127.0.0.1 was told (200)" in done.stdout
    *_, first, _, last, _ = done.stdout.splitlines()
    assert first.split() == ["mlpipe", "register", "small", "--alias", "challenger"]
    assert last.split() == ["mlpipe", "promote", "small@challenger", "--to", "champion"]
    assert len(hook.asked) == 1
    told = json.loads(hook.asked[0][2])
    assert (told["status"], told["run"][:10]) == ("alert", "small/0001")
    loud = {each["what"] for each in told["alerts"] if each["status"] == "alert"}
    assert "drift.age" in loud
    assert 'status="alert"} 1.0' in (project / "small.prom").read_text()
    assert ET.parse(project / "j.xml").getroot().get("failures") == str(len(loud))

    # The same again: nothing is computed, no run is written, and whoever is to be told is told.
    before = (project / "small.prom").read_text()
    again = mlpipe(project, "monitor", *files, env=env)
    assert again.returncode == 1, again.stderr
    assert "= monitor" in again.stderr
    assert "retrain  mlpipe register small/0001-" in again.stdout
    assert len(hook.asked) == 2
    assert (project / "small.prom").read_text() != before
    assert f"### monitor: {len(loud)} failed" in (project / "m.md").read_text()
    assert mlpipe(project, "monitor", "--exit-zero", env=env).returncode == 0
    assert mlpipe(project, "monitor", "-S", "monitor.on_alert=warn", env=env).returncode == 0
    strict = mlpipe(project, "monitor", "-S", "monitor.on_alert=warn", "--strict", env=env)
    assert strict.returncode == 1

    secret = hook.url.rpartition("/")[2]
    for path in project.rglob("*"):
        if path.is_file() and path.suffix in (".json", ".html", ".xml", ".md", ".prom", ".jsonl"):
            assert secret not in path.read_text(encoding="utf-8"), path


@pytest.mark.slow
def test_a_silence_passes_until_it_is_over(project, hook):
    env = {"HOOK": hook.url}
    spec = project / "mlpipe.yaml"
    spec.write_text(SPEC + MONITOR + SILENCE)
    mlpipe(project, "train", env=env)
    asked = len(hook.asked)
    document = json.loads(mlpipe(project, "monitor", "--json", env=env).stdout)
    assert document["exit_code"] == 0
    monitor = document["answer"]["monitor"]
    assert (monitor["status"], monitor["loud"], monitor["exit"]) == ("alert", "ok", "pass")
    assert monitor["alerts"][0]["silenced"] == {
        "until": "2998-12-31", "reason": "younger customers",
    }  # fmt: skip
    assert "retrain" not in document["answer"]
    assert len(hook.asked) == asked  # silenced alerts are told to nobody
    record = json.loads((project / "runs" / document["run"] / "run.json").read_text())
    assert record["spec"]["monitor"]["as_of"] == receipt.today()
    assert record["host"]["status"] == "ok"
    over = mlpipe(project, "monitor", "-S", 'monitor.as_of="2999-01-01"', env=env)
    assert over.returncode == 1
    assert "the silence of drift.* expired on 2998-12-31: remove it" in over.stdout


@pytest.mark.slow
def test_a_webhook_that_fails_is_a_warning(project):
    env = {"HOOK": "http://127.0.0.1:9/s3cr3t-of-the-hook"}
    (project / "mlpipe.yaml").write_text(SPEC + MONITOR + SILENCE)
    asked = ("monitor", "-S", "monitor.alerts.webhook.on=always")
    done = mlpipe(project, *asked, env=env)
    assert done.returncode == 0, done.stderr
    assert "warning: 127.0.0.1 was not told: no connection: Connection refused" in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    assert mlpipe(project, *asked, "--strict", env=env).returncode == 1
    refused = mlpipe(project, *asked, "-S", "monitor.alerts.webhook.allow_private=false", env=env)
    assert "it leads to an address that is not public" in refused.stderr


def test_what_is_wrong_is_said_at_its_place(tmp_path):
    wrong = MONITOR.replace("${secret:HOOK}", "https://h.example/x?token=abc") + SILENCE.replace(
        "until: 2998-12-31, ", ""
    )
    done = mlpipe(write_project(tmp_path, rows=60, spec=SPEC + wrong), "check")
    assert done.returncode == 2
    assert "monitor.silence.0.until: this key is missing" in done.stderr
    spec = tmp_path / "mlpipe.yaml"
    spec.write_text(SPEC + wrong[: wrong.index("  silence")])
    done = mlpipe(tmp_path, "check")
    assert done.returncode == 2
    line = (
        spec.read_text()
        .splitlines()
        .index(
            '    webhook: {url: "https://h.example/x?token=abc", allow_private: true, timeout: 2s, '
            "retries: 0}"
        )
    )
    assert f"mlpipe.yaml:{line + 1}:" in done.stderr
    assert "a secret stands in the spec in clear" in done.stderr
    assert "abc" not in done.stderr


def test_a_foreign_file_is_refused_before_anything_is_computed(tmp_path):
    folder = write_project(tmp_path, rows=60, spec=SPEC + MONITOR)
    (folder / "later.csv").write_text((folder / "data.csv").read_text())
    (folder / "small.prom").write_text("# HELP node_load1 x\n")
    done = mlpipe(folder, "run", env={"HOOK": "http://127.0.0.1:9"})
    assert done.returncode == 2
    assert "small.prom monitor.alerts.prometheus: another file is there already" in done.stderr
    assert not list((folder / "runs" / "artifacts").glob("*"))


@pytest.mark.slow
def test_the_commands_that_are_printed_make_a_challenger_the_champion(tmp_path):
    bare = "monitor: {current: {path: later.csv}, drift: {warn: 0.05, alert: 0.1}}\n"
    folder = write_project(tmp_path, spec=SPEC + bare)
    head, *rows = (folder / "data.csv").read_text().splitlines()
    young = [row for row in rows if int(row.split(",")[1]) < 40]
    again = [f"x{turn}{row}" for turn in range(4) for row in young]
    (folder / "later.csv").write_text("\n".join([head, *again]) + "\n")
    first = json.loads(mlpipe(folder, "run", "--json").stdout)
    document = json.loads(mlpipe(folder, "monitor", "--json").stdout)
    commands = [shlex.split(line["command"])[1:] for line in document["answer"]["retrain"]]
    assert commands[0] == ["register", first["run"], "--alias", "champion"]

    (folder / "data.csv").write_text("\n".join([head, *rows, *again]) + "\n")
    said = [mlpipe(folder, *command) for command in commands]
    assert [done.returncode for done in (said[0], *said[2:])] == [0, 0, 0]
    assert said[1].returncode in (0, 1), said[1].stderr  # it judges, and monitors, the challenger
    assert "champion small version 1" in said[1].stdout  # held against it, on the same rows
    known = mlpipe(folder, "monitor", "--json")
    assert "small version 2" in json.loads(known.stdout)["answer"]["model"]
