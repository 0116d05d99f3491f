import os
import shutil
import threading
from unittest import mock

import pytest

from mlpipe.errors import SpecError
from mlpipe.run.gc import gc
from mlpipe.run.lock import exclusive
from mlpipe.run.store import Store
from tests.torture.verify import contents, faults


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """These tests are about what is stored, not about when it reaches the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def put(store, key, step="train"):
    def write(folder):
        (folder / "a").write_text(key)
        return {}

    return store.put(step, key, {}, write)


def fill(store, runs=4, name="churn"):
    """Write runs that share one artifact and have one of their own each."""
    shared = put(store, "shared", "ingest")
    return [
        store.write_run(name, {"n": n}, {"ingest": shared, "train": put(store, f"{name}{n}")}).name
        for n in range(runs)
    ]


def test_the_last_runs_and_what_they_stand_on_stay(store):
    ids = fill(store)
    put(store, "loose")
    collected = gc(store, 2)
    assert collected.runs == (f"churn/{ids[0]}", f"churn/{ids[1]}")
    assert collected.artifacts == ("train/churn0", "train/churn1", "train/loose")
    assert store.artifacts() == [("ingest", "shared"), ("train", "churn2"), ("train", "churn3")]
    assert [entry.run for entry in store.runs()] == ids[2:]
    assert store.latest("churn") == ids[3]
    assert list((store.root / "tmp").iterdir()) == []
    assert faults(store.root) == []


def test_each_pipeline_keeps_its_own(store):
    fill(store, 3, "churn")
    fill(store, 1, "adult")
    gc(store, 1)
    assert [(e.name, e.number) for e in store.runs()] == [("adult", 1), ("churn", 3)]


def test_the_run_that_latest_names_stays(store):
    ids = fill(store)
    (store.root / "churn" / "latest").write_text(f"{ids[0]}\n")
    gc(store, 1)
    assert [entry.run for entry in store.runs()] == [ids[0], ids[3]]
    assert ("train", "churn0") in store.artifacts()


def test_a_dry_run_tells_the_same_and_does_nothing(store):
    fill(store)
    before = contents(store.root)
    foreseen = gc(store, 1, dry_run=True)
    assert contents(store.root) == before
    assert foreseen.size > 0
    assert gc(store, 1) == foreseen


def test_a_second_time_finds_nothing(store):
    fill(store)
    gc(store, 2)
    again = gc(store, 2)
    assert (again.runs, again.artifacts, again.damaged, again.size) == ((), (), (), 0)


def test_damaged_artifacts_go(store):
    file = put(store, "ab").path / "a"
    file.chmod(0o644)
    file.write_text("torn")
    assert store.find("train", "ab") is None
    assert len(gc(store, 1).damaged) == 1
    assert list((store.root / "damaged").iterdir()) == []


def test_what_a_running_command_uses_stays(store):
    old, new = put(store, "old"), Store(store.root)
    with new.session():
        assert new.find("train", "old") == old
        made = put(new, "made")
        assert gc(store, 1).artifacts == ()
        new.write_run("churn", {}, {"train": made})
    assert gc(store, 1).artifacts == ("train/old",)
    assert new.find("train", "made") == made


def test_no_artifact_is_pinned_while_gc_looks_and_moves(store):
    """Else one could be looked up after gc looked for pins, and before it moved things away."""
    put(store, "old")
    user, found = Store(store.root), []

    def look_up():
        with user.session():
            found.append(user.find("train", "old"))

    thread = threading.Thread(target=look_up)
    with exclusive(store.root / "locks" / "gc.lock"):
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
        shutil.rmtree(store.path("train", "old"))
    thread.join(10)
    assert found == [None]


def test_what_a_dead_command_used_goes(store, monkeypatch):
    dead = Store(store.root)
    session = dead.session()
    session.__enter__()
    put(dead, "old")
    os.close(dead._session._descriptor)  # what the kernel does for the dead
    dead._session._descriptor = -1
    assert gc(store, 1).artifacts == ("train/old",)
    assert list((store.root / "tmp").iterdir()) == []
    session.__exit__(None, None, None)


def test_a_damaged_record_still_holds_its_artifacts_by_its_links(store):
    run = fill(store, 1)[0]
    record = store.root / "churn" / run / "run.json"
    record.chmod(0o644)
    record.write_text("torn")
    assert gc(store, 1).artifacts == ()


@pytest.mark.parametrize("years", [-1, 1])
def test_the_clock_is_not_asked(store, years):
    fill(store)
    for top, _, names in os.walk(store.root):
        for name in names:
            os.utime(os.path.join(top, name), (10**9 * (2 + years),) * 2, follow_symlinks=False)
    with mock.patch("time.time_ns", return_value=10**18 * (2 - years)):
        assert len(gc(store, 2).runs) == 2


def test_locks_of_what_is_gone_go_unless_held(store):
    for key in ("a", "b"):
        with store.lock("train", key):
            pass
    with store.lock("train", "a"):
        gc(store, 1)
        assert (store.root / "locks" / "train-a.lock").exists()
        assert not (store.root / "locks" / "train-b.lock").exists()


def test_nothing_kept_is_refused(store):
    fill(store, 1)
    with pytest.raises(SpecError, match="at least 1"):
        gc(store, 0)
    assert len(store.runs()) == 1


def test_where_there_is_no_run_directory_there_is_nothing_to_remove(tmp_path):
    assert gc(Store(tmp_path / "runs", create=False), 1).size == 0
    assert list(tmp_path.iterdir()) == []
