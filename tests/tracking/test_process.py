"""The process that sends: bounded in time, ended with all that it started, heard in one line."""

import os
import signal
import time
from pathlib import Path

import pytest

from mlpipe.tracking import process
from mlpipe.tracking.process import deliver, environment
from mlpipe.tracking.send import reason

ASKED = {
    "tracker": "mlflow",
    "settings": {"uri": "http://127.0.0.1:1", "username": "", "password": "", "token": ""},
    "project": "p",
    "content": {},
    "folder": "",
    "bundle": "",
    "keep": ".",
}


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Let a module of the test's own be what the process imports as mlflow."""

    def write(source):
        (tmp_path / "mlflow.py").write_text(source)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return write


@pytest.mark.slow
def test_a_process_that_hangs_is_ended_with_what_it_started(stand_in, tmp_path):
    pid = tmp_path / "pid"
    stand_in(
        "import subprocess, time, pathlib\n"
        f"child = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    began = time.monotonic()
    assert deliver(ASKED, 5) == {"why": "it did not answer within 5 seconds"}
    assert time.monotonic() - began < 60
    assert not _alive(int(pid.read_text()))


def _alive(pid):
    """Whether a process still runs; one that is dead and not yet waited for does not."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.1)
    return True


def test_a_process_that_dies_is_heard_by_its_last_words(stand_in):
    stand_in("import os, sys\nprint('noise')\nprint('no more', file=sys.stderr)\n"
             "sys.stdout.flush(); sys.stderr.flush(); os._exit(9)\n")  # fmt: skip
    assert deliver(ASKED, 60) == {"why": "sending ended early: no more"}


def test_what_a_library_prints_is_not_the_answer(stand_in):
    stand_in("print('{\"run\": \"noise\"}')\nraise RuntimeError('first line\\nsecond')\n")
    assert deliver(ASKED, 60) == {"why": "first line"}


def test_a_missing_extra_is_one_line_with_the_command(monkeypatch):
    monkeypatch.setattr(process, "find_spec", lambda name: None)
    for tracker in ("mlflow", "wandb"):
        why = f"{tracker} is not installed: pip install 'mlpipe[{tracker}]'"
        assert deliver({**ASKED, "tracker": tracker}, 5) == {"why": why}


def test_limits_of_the_user_stand_and_what_diverts_a_run_does_not():
    around = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "99", "MLFLOW_RUN_ID": "x", "HOME": "/h"}
    found = environment(around)
    assert found["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "99"
    assert found["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "1"
    assert found["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert found["WANDB_ERROR_REPORTING"] == "false"
    assert found["HOME"] == "/h"
    assert "MLFLOW_RUN_ID" not in found
    assert os.environ.get("MLFLOW_HTTP_REQUEST_MAX_RETRIES") is None


def test_the_reason_is_what_the_system_said_at_the_bottom():
    error = RuntimeError("Max retries exceeded with url: /api")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert reason(error) == "Connection refused"
    assert reason(ValueError("")) == "ValueError"
    assert len(reason(ValueError("x" * 5000))) == 300


@pytest.mark.slow
def test_a_signal_to_the_job_ends_what_it_started(stand_in, tmp_path):
    pid = tmp_path / "pid"
    stand_in(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )

    class Interrupted(BaseException):
        pass

    def interrupt(*_):
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 4)
    try:
        with pytest.raises(Interrupted):
            deliver(ASKED, 60)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not _alive(int(pid.read_text()))
