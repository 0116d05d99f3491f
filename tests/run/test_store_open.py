import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from mlpipe.errors import StoreError
from mlpipe.run.store import Store
from tests.torture.verify import faults


def listing(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def put(store, key="ab", text="a"):
    def write(folder):
        (folder / "a").write_text(text)
        return {}

    return store.put("train", key, {}, write)


def test_a_new_run_directory_keeps_itself_out_of_git(tmp_path):
    root = tmp_path / "some" / "runs"
    Store(root)
    assert (root / "FORMAT").read_text() == "mlpipe runs 1\n"
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    status = ["git", "-C", tmp_path, "status", "--porcelain"]
    assert subprocess.run(status, capture_output=True, check=True).stdout == b""


def test_a_folder_of_somebody_else_is_not_touched(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for create in (True, False):
        with pytest.raises(StoreError, match="left as it is") as caught:
            Store(tmp_path, create=create)
        assert caught.value.exit_code == 4
    assert listing(tmp_path) == ["thesis.tex"]


def test_an_empty_folder_is_taken(tmp_path):
    assert put(Store(tmp_path)) == Store(tmp_path).find("train", "ab")


@pytest.mark.parametrize("text", ["mlpipe runs 2\n", "mlpipe runs 10"])
def test_a_newer_format_is_refused_and_left_alone(tmp_path, text):
    (tmp_path / "FORMAT").write_text(text)
    with pytest.raises(StoreError, match="newer mlpipe") as caught:
        Store(tmp_path)
    assert "upgrade" in caught.value.problems[0].hint
    assert listing(tmp_path) == ["FORMAT"]


@pytest.mark.parametrize("text", ["", "1\n", "mlpipe runs x\n", "mlpipe runs -1\n", "\x00"])
def test_a_format_that_is_not_ours_is_refused(tmp_path, text):
    (tmp_path / "FORMAT").write_text(text)
    with pytest.raises(StoreError, match="not a run directory"):
        Store(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(StoreError, match="not a run directory"):
        Store(tmp_path / "runs")


def test_without_create_nothing_is_made(tmp_path):
    store = Store(tmp_path / "runs", create=False)
    with store.session():
        assert store.find("train", "ab") is None
    assert (store.runs(), store.latest("churn"), store.recover()) == ([], None, [])
    assert listing(tmp_path) == []


def test_what_a_killed_founder_left_is_no_obstacle(tmp_path):
    (tmp_path / ".FORMAT-0123").write_text("mlp")
    store = Store(tmp_path)
    store.recover()
    assert not list(tmp_path.glob(".FORMAT-*"))
    assert put(store).path.is_dir()


def test_folders_that_a_copy_dropped_come_back(tmp_path):
    put(Store(tmp_path))
    for name in ("tmp", "locks", "damaged"):
        for file in (tmp_path / name).iterdir():
            file.unlink()
        (tmp_path / name).rmdir()
    (tmp_path / ".gitignore").unlink()
    assert put(Store(tmp_path), "cd").path.is_dir()
    assert (tmp_path / ".gitignore").exists()


@contextlib.contextmanager
def unprivileged():
    """Be nobody where we are root, for whom permissions do not count."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def forbidden():
    """A store with one run whose files and folders may be read and not written."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        root = Path(name, "runs")
        store = Store(root)
        store.write_run("churn", {"verdict": "passed"}, {"train": put(store)})
        for top, _, _ in os.walk(root):
            os.chmod(top, 0o555)
        for lock in root.glob("locks/*"):
            lock.chmod(0o444)
        with unprivileged():
            yield root
        for top, _, _ in os.walk(root):
            os.chmod(top, 0o755)


def test_a_read_only_store_is_read(forbidden):
    store = Store(forbidden)
    with store.session():
        artifact = store.find("train", "ab")
    assert (artifact.path / "a").read_text() == "a"
    assert store.read_run("churn")["verdict"] == "passed"
    assert store.latest("churn") == store.runs()[0].run
    assert store.recover() == []


def test_a_read_only_store_says_so_when_written(forbidden):
    store = Store(forbidden)
    for attempt in (
        lambda: put(store, "cd"),
        lambda: store.write_run("churn", {}, {}),
        lambda: store.lock("train", "cd").__enter__(),
    ):
        with pytest.raises(StoreError, match="no permission"):
            attempt()
    assert faults(forbidden) == []


def test_a_damaged_artifact_of_a_read_only_store_is_not_served(forbidden):
    root = os.geteuid()
    if os.getuid() == 0:
        os.seteuid(0)
    file = forbidden / "artifacts" / "train" / "ab" / "a"
    file.chmod(0o644)
    file.write_text("b")
    file.chmod(0o444)
    os.seteuid(root)
    assert Store(forbidden).find("train", "ab") is None
    assert file.exists()


def test_a_read_only_file_system_is_read_and_refuses_writes(tmp_path):
    root = tmp_path / "runs"
    put(Store(root))
    if not _mounted("--bind", root, root):
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", root], check=True)
        store = Store(root)
        with store.session():
            assert store.find("train", "ab").path.is_dir()
        with pytest.raises(StoreError, match="read-only"):
            put(store, "cd")
    finally:
        subprocess.run(["umount", root], check=True)


def _mounted(*arguments):
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    return done.returncode == 0
