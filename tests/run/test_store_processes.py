"""What several processes do to one store, and what the death of one leaves."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from mlpipe.run.gc import gc
from mlpipe.run.store import Store
from tests.torture.verify import faults

KEY = "0123456789abcdef"
fork = multiprocessing.get_context("fork")


def start(function, *arguments):
    process = fork.Process(target=function, args=arguments)
    process.start()
    return process


def await_file(path):
    for _ in range(2000):
        if path.exists():
            return
        time.sleep(0.005)
    raise AssertionError(f"{path} never came")


def compute(root, gate):
    """Find or compute as the engine does; leaves a mark for each computation."""
    gate.wait()
    store = Store(root)

    def write(folder):
        (root.parent / f"computed-{os.getpid()}").touch()
        time.sleep(0.05)
        (folder / "a").write_text("a")
        return {}

    with store.session():
        artifact = store.find("train", KEY)
        if artifact is None:
            with store.lock("train", KEY):
                artifact = store.find("train", KEY) or store.put("train", KEY, {}, write)
        store.write_run("churn", {"process": os.getpid()}, {"train": artifact})


def test_eight_processes_compute_one_key_once(tmp_path):
    root, gate = tmp_path / "runs", fork.Barrier(8)
    processes = [start(compute, root, gate) for _ in range(8)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 8
    assert len(list(tmp_path.glob("computed-*"))) == 1
    assert [entry.number for entry in Store(root).runs("churn")] == list(range(1, 9))
    assert Store(root).latest("churn").startswith("0008-")
    assert faults(root) == []


def put_blindly(root, gate, text):
    gate.wait()
    Store(root).put("train", KEY, {}, lambda folder: (folder / "a").write_text(text) and {})


def test_without_any_lock_one_whole_artifact_stands(tmp_path):
    """Locks save work; correctness rests on the rename."""
    root, gate = tmp_path / "runs", fork.Barrier(6)
    processes = [start(put_blindly, root, gate, str(n) * 500) for n in range(6)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 6
    text = (Store(root).find("train", KEY).path / "a").read_text()
    assert text in {str(n) * 500 for n in range(6)}
    assert faults(root) == []


def find_damaged(root, gate, results):
    gate.wait()
    store = Store(root)
    artifact = store.find("train", KEY)
    if artifact is None:
        store.put("train", KEY, {}, lambda folder: (folder / "a").write_text("good") and {})
        artifact = store.find("train", KEY)
    results.put((artifact.path / "a").read_text())


def test_a_damaged_artifact_is_moved_once_and_the_good_one_never(tmp_path):
    root, gate, results = tmp_path / "runs", fork.Barrier(6), fork.Queue()
    store = Store(root)
    file = store.put("train", KEY, {}, lambda f: (f / "a").write_text("good") and {}).path / "a"
    file.chmod(0o644)
    file.write_text("evil")
    processes = [start(find_damaged, root, gate, results) for _ in range(6)]
    assert [results.get(timeout=60) for _ in processes] == ["good"] * 6
    for process in processes:
        process.join(60)
    assert len(list((root / "damaged").iterdir())) == 1
    assert faults(root) == []


def hold(root, mark):
    store = Store(root)
    with store.session() as session, store.lock("train", KEY):
        (session.staging() / "half").write_text("half")
        mark.touch()
        time.sleep(60)


@pytest.fixture
def holder(tmp_path):
    process = start(hold, tmp_path / "runs", tmp_path / "mark")
    await_file(tmp_path / "mark")
    yield process
    process.kill()
    process.join()


def test_the_lock_of_a_killed_process_is_free(tmp_path, holder):
    store, waited = Store(tmp_path / "runs"), []

    def on_wait(holder_words):
        waited.append(holder_words)
        os.kill(holder.pid, signal.SIGKILL)

    began = time.monotonic()
    with store.lock("train", KEY, on_wait):
        assert waited == [f"process {holder.pid} on {os.uname().nodename}"]
    assert time.monotonic() - began < 60  # without it, for ever


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path, holder):
    store = Store(tmp_path / "runs")
    assert store.recover() == []
    assert len(list((store.root / "tmp").rglob("half"))) == 1
    holder.kill()
    holder.join()
    assert len(store.recover()) == 1
    assert list((store.root / "tmp").iterdir()) == []


def test_a_clock_and_a_process_id_prove_nothing(tmp_path, holder):
    """Leftovers that look ages old, of a process that lives, stay."""
    store = Store(tmp_path / "runs")
    for path in (store.root / "tmp").rglob("*"):
        os.utime(path, (0, 0))
    assert store.recover() == []
    assert len(list((store.root / "tmp").rglob("half"))) == 1


def collect(root, stop):
    store = Store(root)
    while not Path(stop).exists():
        gc(store, 1)


def test_runs_survive_gc_all_the_time(tmp_path):
    root, stop = tmp_path / "runs", tmp_path / "stop"
    Store(root)
    collectors = [start(collect, root, stop) for _ in range(2)]
    try:
        for number in range(25):
            store = Store(root)
            with store.session():
                artifacts = {}
                for step in ("ingest", "train"):
                    key = f"{number if step == 'train' else 0}"
                    artifact = store.find(step, key) or store.put(
                        step, key, {}, lambda folder: (folder / "a").write_text("a") and {}
                    )
                    artifacts[step] = artifact
                assert all((a.path / "a").read_text() == "a" for a in artifacts.values())
                store.write_run("churn", {"n": number}, artifacts)
    finally:
        stop.touch()
        for process in collectors:
            process.join(60)
    assert [process.exitcode for process in collectors] == [0, 0]
    gc(Store(root), 1)
    assert faults(root) == []
    assert Store(root).artifacts() == [("ingest", "0"), ("train", "24")]
