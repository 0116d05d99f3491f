"""A tracker that cannot be reached costs a line, never a run or its exit code."""

import json
import socket
import subprocess
import sys
import time

import pytest

from tests.cli.test_lazy import PROBE
from tests.project import mlpipe, run_json
from tests.servers import Web, send
from tests.torture.verify import faults

pytestmark = pytest.mark.slow

PASSWORD = "correct-h0rse@battery/st ple"


@pytest.fixture(scope="module")
def spec(project):
    """Write the tracker into the spec itself, as a user does."""
    path = project / "mlpipe.yaml"
    text = path.read_text()
    path.write_text(f"{text}tracking:\n  mlflow: {{uri: 'http://127.0.0.1:1'}}\n")
    return path


def _note(project):
    (path,) = (project / "runs" / "leavers").glob("0001-*/tracking.json")
    return json.loads(path.read_text())["entries"]


def test_a_run_whose_server_is_down_finishes_and_says_so_in_one_line(project, spec):
    done = mlpipe(project, "run", "--strict")
    assert done.returncode == 0, done.stderr
    said = "not tracked in mlflow http://127.0.0.1:1 leavers: Connection refused"
    assert done.stderr.count(said) == 1
    (run,) = (project / "runs" / "leavers").glob("0*")
    assert f"send it later: mlpipe runs track leavers/{run.name}" in done.stderr
    assert (run / "run.json").exists()
    assert [entry["status"] for entry in _note(project)] == ["failed"]


def test_it_is_said_again_and_not_tried_again(project, spec):
    time.sleep(2.1)  # the inputs have to have been quiet for a receipt to be trusted
    run_json(project, "run")
    before = _note(project)
    document = run_json(project, "run")
    assert document["exit_code"] == 0
    assert [entry["why"] for entry in document["tracking"]] == ["Connection refused"]
    assert document["tracking"][0]["later"].startswith("mlpipe runs track leavers/0001-")
    assert _note(project) == before


def test_a_run_with_nothing_to_do_loads_no_tracker(project, spec):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=["run"])],
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stderr.split("LOADED ")[-1].split())
    assert not loaded & {"mlflow", "wandb", "pandas", "yaml", "rich"}
    assert "Connection refused" in done.stderr


def test_the_job_itself_never_loads_mlflow(project, spec):
    """Not even where it sends: that is done by a process of its own."""
    arguments = ["run", "-S", "tracking={mlflow: {uri: 'http://127.0.0.1:2'}}"]
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=arguments)],
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "mlflow http://127.0.0.1:2 leavers: Connection refused" in done.stderr
    assert not set(done.stderr.split("LOADED ")[-1].split()) & {"mlflow", "wandb"}


def test_sending_later_exits_4_where_the_server_is_still_down(project, spec):
    done = mlpipe(project, "runs", "track", "--json")
    assert done.returncode == 4
    assert [e["why"] for e in json.loads(done.stdout)["tracking"]] == ["Connection refused"]


def test_the_run_shows_where_it_was_not_tracked(project, spec):
    done = mlpipe(project, "runs", "show")
    assert done.returncode == 0
    assert "not tracked in mlflow http://127.0.0.1:1 leavers" in done.stderr
    document = json.loads(mlpipe(project, "runs", "show", "--json").stdout)
    assert {entry["to"] for entry in document["tracking"]} >= {"http://127.0.0.1:1"}


def test_a_damaged_note_is_no_note(project, spec):
    (path,) = (project / "runs" / "leavers").glob("0001-*/tracking.json")
    text = path.read_text()
    try:
        for damaged in ("{", '{"format": 1, "entries": [{}]}', "[]", '{"entries": 7}'):
            path.write_text(damaged)
            document = json.loads(mlpipe(project, "runs", "show", "--json").stdout)
            assert document["tracking"] == []
    finally:
        path.write_text(text)


def test_a_server_that_is_silent_is_given_up_in_time(project):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        section = f"tracking={{mlflow: {{uri: 'http://127.0.0.1:{port}', timeout: 4}}}}"
        began = time.monotonic()
        document = run_json(project, "run", "-S", section)
    assert document["exit_code"] == 0
    assert [e["why"] for e in document["tracking"]] == ["it did not answer within 4 seconds"]
    assert time.monotonic() - began < 60


def test_a_missing_extra_is_said_with_the_command_that_installs_it(project):
    arguments = ["run", "-S", "tracking={mlflow: {uri: 'http://127.0.0.1:3'}, wandb: {}}"]
    hidden = "import sys; sys.modules['mlflow'] = sys.modules['wandb'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", hidden + PROBE.format(arguments=arguments)],
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "mlflow is not installed: pip install 'mlpipe[mlflow]'" in done.stderr
    assert "wandb is not installed: pip install 'mlpipe[wandb]'" in done.stderr


def test_a_password_goes_to_the_server_and_nowhere_else(project):
    web = Web()
    asked = []

    def refuse(request):
        asked.append(request.headers.get("Authorization"))
        body = json.dumps({"error_code": "UNAUTHENTICATED", "message": f"not {PASSWORD}"})
        send(request, 401, body.encode(), {"Content-Type": "application/json"})

    class Any(dict):
        def __missing__(self, path):
            return refuse

    web.answers = Any()
    try:
        uri = f"http://me:${{secret:TRACKING_PW}}@127.0.0.1:{web.port}"
        arguments = ["run", "-S", f"tracking={{mlflow: {{uri: '{uri}'}}}}"]
        done = mlpipe(project, *arguments, env={"TRACKING_PW": PASSWORD})
    finally:
        web.close()
    assert done.returncode == 0
    from base64 import b64encode

    assert f"Basic {b64encode(f'me:{PASSWORD}'.encode()).decode()}" in asked
    assert f"not tracked in mlflow http://me:***@127.0.0.1:{web.port} leavers" in done.stderr
    _nowhere(project, done.stdout + done.stderr)


def _nowhere(project, said):
    from urllib.parse import quote

    files = [p for p in (project / "runs").rglob("*") if p.is_file() and not p.is_symlink()]
    texts = [said.encode(), *(path.read_bytes() for path in files)]
    for secret in (PASSWORD, quote(PASSWORD, safe=""), PASSWORD.replace(" ", "%20")):
        assert not [text for text in texts if secret.encode() in text]
    for encoded in (b"bWU6Y29ycmVjdC1oMHJzZ",):  # me:correct-h0rse, as base64
        assert not [text for text in texts if encoded in text]


def test_a_password_in_clear_is_refused_with_its_place(project):
    for key, value in (
        ("mlflow.uri", "http://me:hunter2@host"),
        ("mlflow.password", "hunter2"),
        ("mlflow.token", "hunter2"),
        ("wandb.api_key", "hunter2"),
    ):
        done = mlpipe(project, "check", "-S", f"tracking.{key}={value}")
        assert done.returncode == 2
        assert f"tracking.{key}: a secret stands in the spec in clear" in done.stderr
        assert "hunter2" not in done.stdout + done.stderr


def test_what_cannot_be_sent_later_is_said(project, spec):
    done = mlpipe(project, "runs", "track", "9")
    assert done.returncode == 2
    assert "there is no run '9'" in done.stderr
    other = project / "other.yaml"
    other.write_text(spec.read_text().replace("name: leavers", "name: others"))
    done = mlpipe(project, "runs", "track", "--spec", "other.yaml")
    assert done.returncode == 2
    assert "other.yaml is the spec of others, not leavers" in done.stderr
    other.write_text(spec.read_text().partition("tracking:")[0])
    done = mlpipe(project, "runs", "track", "--spec", "other.yaml")
    assert done.returncode == 2
    assert "the spec names no tracker" in done.stderr


def test_a_run_that_was_not_judged_is_told_and_one_without_a_model_is_not(project, spec):
    document = run_json(project, "train", "-S", "train.folds=2")
    assert document["exit_code"] == 0
    assert [entry["why"] for entry in document["tracking"]] == ["Connection refused"]
    assert run_json(project, "validate")["tracking"] == []
    done = mlpipe(project, "validate", "-S", "split.test=0.4")
    assert done.returncode == 0
    done = mlpipe(project, "runs", "track", "latest")
    assert done.returncode == 2
    assert "trained no model; there is nothing to send" in done.stderr


def test_cleaning_up_takes_what_trackers_left_with_the_run(project, spec):
    assert run_json(project, "train", "-S", "train.folds=4")["exit_code"] == 0  # a newer run
    assert faults(project / "runs") == []
    assert mlpipe(project, "runs", "gc", "--keep", "1").returncode == 0
    assert not list((project / "runs" / "leavers").glob("0001-*"))
    assert faults(project / "runs") == []
