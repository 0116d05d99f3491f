"""The history of a model: one sealed file a chunk, old or new, whatever fails."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mlpipe.errors import StoreError
from mlpipe.registry.history import LARGEST, History
from mlpipe.registry.registry import Registry
from tests.run.test_store_faults import CALLS, Failing

PROFILE = "5c" * 32


def record(period, rows=500, **more):
    return {"every": "day", "ordered_by": "time", "period": period, "rows": rows,
            "profile": PROFILE, **more}  # fmt: skip


def accepted(found, place):
    if found.get("format", 1) > 1:
        raise StoreError(f"{place}: newer")
    if not isinstance(found.get("rows"), int):
        raise ValueError("no record")


def history(root, profile=PROFILE):
    return History(root, "churn", profile, accepted)


def periods(found):
    return [each["period"] for each in found.read().records.values()]


@pytest.fixture
def root(tmp_path):
    history(tmp_path / "models").write([record("2026-06-01"), record("2026-06-02")])
    return tmp_path / "models"


def test_what_was_written_is_read_back_by_profile(root):
    assert periods(history(root)) == ["2026-06-01", "2026-06-02"]
    assert periods(history(root, "6d" * 32)) == []
    assert history(root / "nowhere").read().records == {}


def test_the_registry_takes_it_for_no_model(root):
    assert Registry(root).names() == []
    assert (root / "FORMAT").read_text() == "mlpipe models 1\n"


def test_the_same_period_is_replaced_and_what_stands_for_the_same_chunk_goes(root):
    store = history(root)
    (first, second) = store.read().records
    store.write([record("2026-06-02", 600), record("2026-06-03")], [first, second])
    assert {each["period"]: each["rows"] for each in store.read().records.values()} == {
        "2026-06-02": 600, "2026-06-03": 500,
    }  # fmt: skip


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"rows": 500', '"rows": 501'),
        lambda text: "",
        lambda text: "[1, 2]",
        lambda text: json.dumps({"format": 1, "digest": "x", "record": {"rows": 1}}),
        lambda text: "\x00" * len(text),
        lambda text: "[" * 100_000,
        lambda text: '{"format": ' + "9" * 5000 + "}",
    ],
)
def test_a_damaged_record_is_named_never_used_and_set_aside(root, damage):
    store = history(root)
    name = min(store.read().records)
    (store.folder / name).write_text(damage((store.folder / name).read_text()))
    found = store.read()
    assert found.damaged == (name,)
    assert name not in found.records
    store.write([], damaged=found.damaged)
    assert store.read().damaged == ()
    assert [path.name[: len(name)] for path in (store.folder / "damaged").iterdir()] == [name]


def test_a_record_under_the_name_of_another_is_damaged(root):
    store = history(root)
    first, second = sorted(store.read().records)
    shutil.copy(store.folder / first, store.folder / second)
    assert store.read().damaged == (second,)


def test_a_newer_format_is_refused(root):
    store = history(root)
    path = store.folder / min(store.read().records)
    path.write_text(json.dumps({"format": 2, "anything": []}))
    with pytest.raises(StoreError, match="newer mlpipe") as caught:
        store.read()
    assert str(path) in str(caught.value)


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(StoreError, match="no registry"):
        history(tmp_path).write([record("2026-06-01")])
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_two_machines_are_joined_by_copying_their_folders(root, tmp_path):
    other = tmp_path / "other"
    history(other).write([record("2026-06-02", 700), record("2026-06-05")])
    for path in history(other).folder.glob("*.json"):  # as rsync does: staged, then renamed
        shutil.copy(path, history(root).folder / f".{path.name}.part")
        os.replace(history(root).folder / f".{path.name}.part", history(root).folder / path.name)
    assert {each["period"]: each["rows"] for each in history(root).read().records.values()} == {
        "2026-06-01": 500, "2026-06-02": 700, "2026-06-05": 500,
    }  # fmt: skip


@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not here")
def test_rsync_brings_what_is_missing(root, tmp_path):
    there = tmp_path / "there"
    history(there).write([record("2026-06-09")])
    subprocess.run(["rsync", "-a", f"{root}/", f"{there}/"], check=True)
    assert periods(history(there)) == ["2026-06-01", "2026-06-02", "2026-06-09"]


def test_what_a_dead_writer_left_is_cleared_away(root):
    store = history(root)
    (store.folder / ".staged-0123").write_text("half")
    assert len(store.read().records) == 2
    store.write([record("2026-06-03")])
    assert not list(store.folder.glob(".staged-*"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("name", CALLS)
def test_a_fault_at_any_call_leaves_the_old_record_or_the_new(tmp_path, monkeypatch, name, code):
    if name != "fsync":
        monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    call = Failing(monkeypatch, name, code)
    old, new = record("2026-06-01"), record("2026-06-01", 900)
    add = record("2026-06-02")

    def night(root):
        history(root).write([old])
        history(root).write([new, add])

    night(tmp_path / "whole")
    for number in range(1, call.calls + 1):
        root = Path(tmp_path, str(number))
        call.calls, call.fails_at = 0, number
        with contextlib.suppress(OSError, StoreError):
            night(root)
        call.fails_at = -1
        found = history(root).read()
        assert found.damaged == ()
        assert all(each in (old, new, add) for each in found.records.values())
        night(root)  # nobody is in the way of the next one
        assert list(history(root).read().records.values()) == [new, add]


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity"])
def test_a_record_of_no_number_is_damaged_whatever_its_digest(root, number):
    store = history(root)
    path = store.folder / min(store.read().records)
    document = json.loads(path.read_text().replace('"rows": 500', f'"rows": {number}'))
    document["digest"] = hashlib.sha256(
        json.dumps(document["record"], sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    path.write_text(json.dumps(document))
    assert store.read().damaged == (path.name,)


@pytest.mark.parametrize("what", ["folder", "pipe", "endless", "loose link", "too large"])
def test_what_is_no_file_of_ours_is_named_never_read_and_set_aside(root, what):
    store, name = history(root), "2026-06-03-000000000000.json"
    path = store.folder / name
    if what == "folder":
        (path / "in_it").mkdir(parents=True)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "too large":
        with path.open("wb") as file:
            file.truncate(LARGEST + 1)
    else:
        path.symlink_to("/dev/zero" if what == "endless" else "/nowhere/at/all")
    found = store.read()
    assert found.damaged == (name,)
    assert periods(store) == ["2026-06-01", "2026-06-02"]
    store.write([], (), found.damaged)
    assert store.read().damaged == ()
    assert not os.path.lexists(path)
