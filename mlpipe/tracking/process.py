"""A process of its own for each sending: what a tracker does cannot hold or break the job.

The question, secrets among it, goes through a pipe; neither the command line nor the
environment of the process holds one, but for what MLflow and wandb read there themselves.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.tracking.send import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.tracking.send import Asked

__all__ = ["deliver", "environment"]

PACKAGES = Path(__file__).resolve().parents[2]
UNLESS_SET = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
"""A dead server is given up soon; whoever sets these knows better."""
ALWAYS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "PYTHONUNBUFFERED": "1",
}
NEVER = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "WANDB_RUN_ID",
         "WANDB_MODE", "WANDB_DISABLED", "WANDB_RESUME", "PYTHONWARNINGS")  # fmt: skip
"""Would send a run elsewhere than the spec says."""


def deliver(asked: Asked, timeout: float) -> dict[str, str]:
    """Send a run and return what the tracker answered; ``why`` says why it was not sent.

    Parameters
    ----------
    asked : Asked
    timeout : float
        Seconds after which the process and all it started are ended.
    """
    tracker = asked["tracker"]
    if find_spec(tracker) is None:
        return {"why": f"{tracker} is not installed: pip install 'mlpipe[{tracker}]'"}
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mlpipe.tracking.send"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
                env=environment(os.environ), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return {"why": reason(error)}
        answer = _answer(process, json.dumps(asked).encode(), timeout)
        if answer is None:
            return {"why": f"it did not answer within {timeout:g} seconds"}
        said.seek(0)
        return _read(answer, said.read())


def environment(around: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the process: that of the job, without what would divert a run."""
    kept = {name: value for name, value in around.items() if name not in NEVER}
    paths = [str(PACKAGES), *filter(None, [around.get("PYTHONPATH")])]
    return {**UNLESS_SET, **kept, **ALWAYS, "PYTHONPATH": os.pathsep.join(paths)}


def _answer(process: subprocess.Popen[bytes], question: bytes, timeout: float) -> bytes | None:
    """Return what the process answers; None where it takes too long.

    However this ends, a signal to the job included, nothing that was started goes on.
    """
    try:
        answer, _ = process.communicate(question, timeout)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return None
        raise
    return answer


def _read(answer: bytes, said: bytes) -> dict[str, str]:
    try:
        found = json.loads(answer)
    except ValueError:
        lines = said.decode(errors="replace").strip().splitlines()
        return {"why": f"sending ended early: {lines[-1] if lines else 'it said nothing'}"[:300]}
    return {str(name): str(value) for name, value in found.items()}
