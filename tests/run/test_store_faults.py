"""Every call that touches the disk fails once; the store must be whole after each."""

import errno
import os

import pytest

from mlpipe.errors import StoreError
from mlpipe.run.store import Store
from tests.torture.verify import contents, faults

CALLS = ("open", "write", "fsync", "rename", "mkdir", "symlink", "chmod", "unlink", "close")


class Failing:
    """Replaces functions of ``os``; the call with a given number fails, under ``root`` only."""

    def __init__(self, monkeypatch, name, code):
        self.real, self.code, self.calls, self.fails_at = getattr(os, name), code, 0, -1
        self.name = name
        monkeypatch.setattr(os, name, self)

    def __call__(self, *arguments, **options):
        self.calls += 1
        if self.calls == self.fails_at:
            if self.name == "close":  # Linux lets go of a descriptor even when it complains
                self.real(*arguments)
            path = next((str(a) for a in arguments if isinstance(a, os.PathLike)), None)
            raise OSError(self.code, os.strerror(self.code), *([path] if path else []))
        return self.real(*arguments, **options)


def work(root):
    """One command: two artifacts and a run; returns what it could promise at its end."""
    store = Store(root)
    store.recover()
    with store.session():
        artifacts = {}
        for step in ("ingest", "train"):

            def write(folder, step=step):
                (folder / "data").write_text(step * 100)
                return {}

            with store.lock(step, "ab"):
                artifacts[step] = store.find(step, "ab") or store.put(step, "ab", {}, write)
        store.write_run("churn", {}, artifacts, {"report.html": "<p>"})


def refused_work(root):
    """Work; return the words of a StoreError, and let anything else through."""
    try:
        work(root)
    except StoreError as error:
        return str(error)
    return None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("name", CALLS)
def test_a_fault_at_any_call_leaves_the_old_state_or_the_new_one(tmp_path, monkeypatch, name, code):
    if name != "fsync":
        monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    call = Failing(monkeypatch, name, code)
    work(tmp_path / "whole")
    total = call.calls
    assert total > 0
    refused = 0
    for number in range(1, total + 1):
        root = tmp_path / str(number)
        call.calls, call.fails_at = 0, number
        refusal = refused_work(root)
        assert refusal is None or str(tmp_path) in refusal
        refused += refusal is not None
        call.fails_at = -1
        assert faults(root) == [], f"{name} {number}"
        before = contents(root) if root.exists() else {}
        work(root)
        assert faults(root) == [], f"after {name} {number}"
        assert before.items() <= contents(root).items()
        assert list((root / "tmp").iterdir()) == []
    assert refused > 0


def test_nothing_is_in_its_place_before_it_is_on_disk(tmp_path, monkeypatch):
    """Each file and folder is synced before the rename that publishes it, its new home after."""
    store = Store(tmp_path / "runs")
    (store.root / "artifacts" / "train").mkdir()
    events = []
    sync, rename = os.fsync, os.rename

    def synced(descriptor):
        events.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))
        sync(descriptor)

    def renamed(source, target):
        events.append(("rename", str(source)))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)

    def write(folder):
        (folder / "sub").mkdir()
        (folder / "sub" / "b").write_text("b")
        (folder / "a").write_text("a")
        return {}

    artifact = store.put("train", "ab", {}, write)
    (staged,) = [path for what, path in events if what == "rename"]
    split = events.index(("rename", staged))
    before = [path.removeprefix(staged) for _, path in events[:split]]
    assert set(before) >= {"/a", "/sub/b", "/sub", "/manifest.json", ""}
    assert before.index("/sub/b") < before.index("/sub") < before.index("/manifest.json")
    assert before[-2:] == ["/manifest.json", ""], "the manifest is last, then its folder"
    assert events[split + 1] == ("sync", str(artifact.path.parent))


def test_a_run_is_on_disk_before_latest_names_it(tmp_path, monkeypatch):
    store = Store(tmp_path / "runs")
    events = []
    sync, rename = os.fsync, os.rename

    def synced(descriptor):
        events.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        sync(descriptor)

    def renamed(source, target):
        events.append(f"→ {os.path.basename(target)}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    run = store.write_run("churn", {}, {}).name
    tail = events[events.index("run.json") :]
    assert tail == ["run.json", "run.json", run, f"→ {run}", "churn", "latest", "→ latest", "churn"]
