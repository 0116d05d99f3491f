"""A fresh process that measures a model, and an end to it whatever happens."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpipe.predict.timing import Answered, Asked

__all__ = ["NotMeasuredError", "answered"]

PACKAGES = Path(__file__).resolve().parents[3]


class NotMeasuredError(Exception):
    """Why nothing was measured, in one line."""


def answered(asked: "Asked", until: float, timeout: float) -> "Answered":
    """Return what a process of its own measured.

    Parameters
    ----------
    asked : Asked
    until : float
        When it, and all that it started, is ended; by `time.monotonic`.
    timeout : float
        The seconds that were given in all, for the message.

    Raises
    ------
    NotMeasuredError
        If it fails, or takes too long.
    """
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "mlpipe.predict.timing"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
                env=_environment(os.environ), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise NotMeasuredError(error.strerror or str(error)) from error
        answer = _answer(process, json.dumps(asked).encode(), until - time.monotonic())
        if answer is None:
            advice = "ask for fewer repetitions, or for a longer timeout"
            raise NotMeasuredError(f"it took longer than {timeout:g} seconds; {advice}")
        said.seek(0)
        return _read(answer, said.read())


def _environment(around: Mapping[str, str]) -> dict[str, str]:
    paths = [str(PACKAGES), *filter(None, [around.get("PYTHONPATH")])]
    return {**around, "PYTHONPATH": os.pathsep.join(paths)}


def _answer(process: "subprocess.Popen[bytes]", question: bytes, seconds: float) -> bytes | None:
    """Return what the process answers; None where it takes too long.

    However this ends, a signal to the command included, nothing that was started goes on.
    """
    try:
        answer, _ = process.communicate(question, max(seconds, 0.0))
    except BaseException as error:
        _end(process)
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return None
        raise
    _end(process)  # workers that a model may have started
    return answer


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _read(answer: bytes, said: bytes) -> "Answered":
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        lines = said.decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else "it said nothing"
        raise NotMeasuredError(f"the process ended early: {last}"[:300]) from None
    if "why" in found:
        raise NotMeasuredError(found["why"][:300])
    return found  # type: ignore[return-value]
