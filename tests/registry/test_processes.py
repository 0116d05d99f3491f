"""Several who write at once, and what the death of one leaves: the old state or the new one."""

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

from mlpipe.registry.names import Reference
from mlpipe.registry.registry import Registry
from tests.registry.bundles import write

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: kills do not need a disk, and fsync is slow."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def start(root: Path, bundles: Path, seed: int, rounds: int) -> subprocess.Popen[str]:
    worker = [sys.executable, "-m", "tests.registry.worker"]
    command = [*worker, str(root), str(bundles), str(seed), str(rounds)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def bundles(folder: Path, count: int) -> Path:
    for number in range(count):
        write(folder / "bundles" / str(number), number)
    return folder / "bundles"


def sound(registry: Registry) -> list[int]:
    """Check all that a reader rests on; return the versions in the order of the log."""
    events = registry.log("churn")
    assert [event.at for event in events] == list(range(1, len(events) + 1))
    registered = [event.version for event in events if event.what == "register"]
    assert len(set(registered)) == len(registered)
    for version in registry.versions("churn"):
        assert registry.find(Reference("churn", str(version.number))).card["run"]
    for event in events:  # an alias is only moved to what was registered before
        assert event.version in [e.version for e in events[: event.at] if e.what == "register"]
    return registered


def test_two_who_hammer_lose_nothing(folder: Path) -> None:
    root, source = folder / "models", bundles(folder, 30)
    workers = [start(root, source, seed, 25) for seed in (1, 2)]
    told = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], told
    registry = Registry(root)
    registered = sound(registry)
    assert registered == list(range(1, len(registered) + 1))
    said = [line.split() for out, _ in told for line in out.splitlines()]
    acknowledged = {(line[1], int(line[2])) for line in said if line[0] == "version"}
    cards = {(each.card["run"], each.number) for each in registry.versions("churn")}
    assert acknowledged == cards
    moved = sum(line[0] == "moved" for line in said)
    assert moved == sum(event.what in ("promote", "rollback") for event in registry.log("churn"))
    assert moved > 15


def test_kills_leave_the_old_state_or_the_new_one(folder: Path) -> None:
    source, moments = bundles(folder, 400), random.Random(3)
    root = folder / "models"
    promised: set[tuple[str, int]] = set()
    for seed in range(10):
        worker = start(root, source, seed, 10_000)
        assert worker.stdout is not None
        first = worker.stdout.readline()
        time.sleep(moments.uniform(0.05, 0.5))
        os.killpg(worker.pid, signal.SIGKILL)
        said = first + worker.stdout.read()
        worker.communicate()
        lines = [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]
        promised |= {(line[1], int(line[2])) for line in lines if line[0] == "version"}
        registry = Registry(root)
        if not promised and not registry.names():
            continue  # it died before its first act
        sound(registry)
        cards = {(each.card["run"], each.number) for each in registry.versions("churn")}
        assert promised <= cards
    assert promised
    worker = start(root, source, 99, 3)  # nobody is in the way of the next one
    _, err = worker.communicate(timeout=60)
    assert worker.returncode == 0, err
    sound(Registry(root))
    assert not (root / "churn" / ".staged").exists()
