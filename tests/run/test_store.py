import hashlib
import os
import shutil
import stat
import subprocess
import sys

import pytest

from mlpipe.errors import MlpipeError, SpecError, StoreError
from mlpipe.run import digests
from mlpipe.run.manifest import FileEntry
from mlpipe.run.store import Store
from tests.torture.verify import faults

KEY = "0123456789abcdef"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """These tests are about what is stored, not about when it reaches the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def files(**texts):
    """Return a function that writes some files."""

    def write(folder):
        for name, text in texts.items():
            (folder / name).write_text(text)
        return {"files": len(texts)}

    return write


def test_what_was_put_is_found_with_all_that_was_said_of_it(store):
    put = store.put("train", KEY, {"spec.train.folds": 5}, files(model="m", report="r"))
    found = Store(store.root).find("train", KEY)
    assert found == put
    assert found.path == store.root / "artifacts" / "train" / KEY
    assert (found.path / "model").read_text() == "m"
    assert found.manifest.made_from == {"spec.train.folds": 5}
    assert found.summary == {"files": 2}
    assert found.manifest.files["model"] == FileEntry(1, hashlib.sha256(b"m").hexdigest())
    assert faults(store.root) == []


def test_what_was_not_put_is_not_found(store):
    store.put("train", KEY, {}, files(a="a"))
    assert store.find("train", "other") is None
    assert store.find("decide", KEY) is None


def test_files_are_read_only_and_folders_are_not(store):
    def nested(folder):
        (folder / "sub").mkdir()
        (folder / "sub" / "a").write_text("a")
        return {}

    artifact = store.put("train", KEY, {}, nested)
    assert list(artifact.manifest.files) == ["sub/a"]
    for name in ("sub/a", "manifest.json"):
        assert stat.S_IMODE((artifact.path / name).stat().st_mode) & 0o222 == 0
    shutil.rmtree(artifact.path)
    assert store.find("train", KEY) is None


def test_a_file_that_is_linked_from_elsewhere_becomes_one_of_its_own(store, tmp_path):
    source = tmp_path / "mine.parquet"
    source.write_text("precious")

    def link(folder):
        os.link(source, folder / "table.parquet")
        return {}

    artifact = store.put("ingest", KEY, {}, link)
    assert source.stat().st_mode & 0o200, "the user's own file must stay writable"
    source.write_text("changed")
    assert (artifact.path / "table.parquet").read_text() == "precious"


def test_the_first_of_two_puts_wins(store):
    first = store.put("train", KEY, {}, files(a="1"))
    second = store.put("train", KEY, {}, files(a="2"))
    assert second == first
    assert (first.path / "a").read_text() == "1"


def test_a_forced_put_replaces(store):
    store.put("train", KEY, {}, files(a="1"))
    second = store.put("train", KEY, {}, files(a="2"), replace=True)
    assert (store.find("train", KEY).path / "a").read_text() == "2"
    assert store.find("train", KEY) == second
    assert list((store.root / "tmp").iterdir()) == []
    assert faults(store.root) == []


def test_a_forced_put_leaves_what_another_command_uses(store):
    store.put("train", KEY, {}, files(a="1"))
    other = Store(store.root)
    with other.session():
        used = other.find("train", KEY)
        kept = store.put("train", KEY, {}, files(a="2"), replace=True)
        assert kept == used
        assert (used.path / "a").read_text() == "1"


def test_a_replacement_that_was_cut_short_is_taken_back(store, monkeypatch):
    before = store.put("train", KEY, {}, files(a="1"))
    rename, calls = os.rename, []

    def killed(source, target):
        calls.append(target)
        if len(calls) == 3:  # into place: taken; aside; into place again
            raise KeyboardInterrupt
        rename(source, target)

    other = Store(store.root)
    monkeypatch.setattr(os, "rename", killed)
    session = other.session()
    session.__enter__()  # never left: as if killed, but for the lock, which goes with its file
    with pytest.raises(KeyboardInterrupt):
        other.put("train", KEY, {}, files(a="2"), replace=True)
    monkeypatch.setattr(os, "rename", rename)
    assert store.find("train", KEY) is None
    os.close(other._session._descriptor)
    store.recover()
    assert store.find("train", KEY) == before
    other._session._descriptor = -1
    session.__exit__(None, None, None)


@pytest.mark.parametrize("name", ["a", "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "remove", "folder", "link"])
def test_a_damaged_artifact_is_set_aside_and_never_served(store, name, damage):
    artifact = store.put("train", KEY, {"x": 1}, files(a="some text", b="more"))
    hurt(artifact.path / name, damage)
    fresh = Store(store.root)
    assert fresh.find("train", KEY) is None
    assert not artifact.path.exists()
    assert len(list((store.root / "damaged").iterdir())) == 1
    assert fresh.damaged[0].startswith(f"train: {name}")
    again = fresh.put("train", KEY, {"x": 1}, files(a="some text", b="more"))
    assert again.digest == artifact.digest
    assert fresh.find("train", KEY) == again


def hurt(path, damage):
    data = bytearray(path.read_bytes())
    if damage in ("remove", "folder", "link"):
        path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage == "link":
        path.symlink_to("b")
    elif damage != "remove":
        path.chmod(0o644)
        data[3] ^= damage == "flip"
        path.write_bytes({"flip": data, "cut": data[:-1], "grow": data + b" "}[damage])


def test_an_artifact_under_a_strange_name_is_not_served(store):
    artifact = store.put("train", KEY, {}, files(a="a"))
    artifact.path.rename(artifact.path.with_name("another"))
    assert store.find("train", "another") is None
    assert "belongs to train" in store.damaged[0]


def test_a_file_where_an_artifact_belongs_makes_way(store):
    (store.root / "artifacts" / "train").mkdir()
    (store.root / "artifacts" / "train" / KEY).write_text("a stray file")
    artifact = store.put("train", KEY, {}, files(a="a"))
    assert store.find("train", KEY) == artifact


def test_a_lying_stat_cache_costs_a_look_and_no_artifact(store, monkeypatch):
    artifact = store.put("train", KEY, {}, files(a="a"))
    real = digests.StatCache.content

    def lying(cache, path, *, afresh=False):
        digest, stamp = real(cache, path, afresh=afresh)
        return (digest if afresh else "0" * 64), stamp

    monkeypatch.setattr(digests.StatCache, "content", lying)
    assert store.find("train", KEY) == artifact
    assert list((store.root / "damaged").iterdir()) == []


def test_files_of_artifacts_are_read_once_when_at_rest(store, monkeypatch):
    store.put("train", KEY, {}, files(a="a", b="b"))
    now = digests.time.time_ns()
    monkeypatch.setattr(digests.time, "time_ns", lambda: now + 3_000_000_000)
    store = Store(store.root)
    with store.session():
        assert store.find("train", KEY)
    monkeypatch.setattr(digests, "_hash", None)
    assert Store(store.root).find("train", KEY)
    with pytest.raises(TypeError):
        Store(store.root).find("train", KEY, afresh=True)


def test_a_step_that_fails_leaves_nothing(store):
    def failing(folder):
        (folder / "a").write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.put("train", KEY, {}, failing)
    assert store.find("train", KEY) is None
    assert list((store.root / "tmp").iterdir()) == []


def test_a_source_that_cannot_be_read_is_no_fault_of_the_store(store, tmp_path):
    def reading(folder):
        (tmp_path / "gone.csv").read_text()
        return {}

    with pytest.raises(FileNotFoundError):
        store.put("ingest", KEY, {}, reading)


def test_what_json_cannot_say_is_a_bug_of_ours(store):
    with pytest.raises(MlpipeError, match="ingredients of train") as caught:
        store.put("train", KEY, {"x": float("nan")}, files(a="a"))
    assert caught.value.exit_code == 70


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", ".hidden", "a b", "a\n"])
def test_a_name_that_leaves_its_folder_is_refused(store, name):
    for step, key in ((name, KEY), ("train", name)):
        with pytest.raises(SpecError, match="name of a folder"):
            store.find(step, key)
        with pytest.raises(SpecError, match="name of a folder"):
            store.lock(step, key)


def test_a_link_in_place_of_a_lock_is_refused(store, tmp_path):
    target = tmp_path / "precious"
    target.write_text("mine")
    (store.root / "locks" / f"train-{KEY}.lock").symlink_to(target)
    with pytest.raises(StoreError, match="symbolic link"), store.lock("train", KEY):
        pass
    (store.root / "locks" / "gc.lock").unlink(missing_ok=True)
    (store.root / "locks" / "gc.lock").symlink_to(target)
    with pytest.raises(StoreError, match="symbolic link"), store.session():
        pass
    assert target.read_text() == "mine"


def test_finding_loads_nothing_heavy():
    """A command with nothing to do comes through here, and has 0.3 s in all."""
    heavy = "pydantic filelock tempfile yaml numpy pandas typer asyncio secrets random logging"
    program = f"""
import sys
from pathlib import Path
from mlpipe.run.store import Store
store = Store(Path({str(os.devnull + "-runs")!r}), create=False)
with store.session():
    store.find("train", "ab")
print([name for name in {heavy.split()!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(os.getcwd())},
    )
    assert done.stdout == "[]\n"
