"""The harnesses in small, and that each of them can fail."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.torture import faults, flips, kill
from tests.torture.kill import StoreTarget


@pytest.fixture
def folder():
    """A folder in memory where there is one: kills do not need a disk, and fsync is slow."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.mark.slow
def test_kills_tear_nothing_and_lose_nothing(folder):
    tally = kill.torture(StoreTarget(folder, rounds=2), times=12, seed=1)
    assert str(tally) == "12 kills: 0 corrupt, 0 lost, 0 stuck", tally.examples


@pytest.mark.slow
def test_the_harness_sees_what_a_broken_writer_leaves(folder):
    tally = kill.torture(StoreTarget(folder, broken=True, rounds=1), times=6, seed=1)
    assert tally.corrupt > 0


def test_no_flipped_bit_is_served(folder):
    assert flips.torture(folder / "runs", times=50, seed=1) == (50, 0)


def test_the_harness_sees_what_a_blind_store_serves(capsys):
    assert flips.main(["--times", "20", "--blind"]) == 0
    assert "0 served" not in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_kill_in_each_rename_tears_nothing(folder):
    tally = faults.torture(folder, ("rename",), "signal=KILL")
    assert tally.kills >= 9
    assert (tally.corrupt, tally.lost, tally.stuck) == (0, 0, 0), tally.examples
