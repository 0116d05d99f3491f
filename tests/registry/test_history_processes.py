"""kill -9 during monitor, at any moment: every record of the history is the old one or the new."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.registry.test_history import history

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder in memory where there is one: kills do not need a disk, and fsync is slow."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name) / "models"


def killed(root: Path, seed: int, kind: str, after: float) -> dict[str, int]:
    """Let a writer work for a while, kill it, and return what it had acknowledged."""
    command = [sys.executable, "-m", "tests.registry.nights", str(root), str(seed), kind]
    worker = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert worker.stdout is not None
    worker.stdout.readline()
    time.sleep(after)
    os.killpg(worker.pid, signal.SIGKILL)
    said = worker.stdout.read()
    worker.communicate()
    lines = [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return {day: int(version) for day, version in lines}


def test_kills_leave_every_record_whole(root: Path) -> None:
    moments, told = random.Random(7), 0
    for seed in range(10):
        promised = killed(root, seed, "sound", moments.uniform(0.05, 0.4))
        told += len(promised)
        found = history(root).read()
        assert found.damaged == ()
        rows = {each["period"]: each["rows"] for each in found.records.values()}
        for day, version in promised.items():  # replaced by a later night, or taken away
            assert day not in rows or rows[day] >= version
    assert told > 10
    history(root).write([])  # nobody is in the way of the next one
    assert not list(history(root).folder.glob(".staged-*"))


def test_a_writer_in_place_is_caught(root: Path) -> None:
    """The negative control: what this test looks for does happen to those who write in place."""
    moments = random.Random(7)
    for seed in range(40):
        killed(root, seed, "broken", moments.uniform(0.05, 0.4))
        if history(root).read().damaged:
            return
    pytest.fail("forty kills never tore a record that was written in place")


def test_two_at_once_lose_nothing(root: Path) -> None:
    command = [sys.executable, "-m", "tests.registry.nights", str(root)]
    workers = [
        subprocess.Popen(
            [*command, seed, "sound"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )
        for seed in ("1", "2")
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    time.sleep(1.0)
    for worker in workers:
        assert worker.poll() is None  # neither fell over the other
        os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()
    assert history(root).read().damaged == ()
    assert history(root).read().records
