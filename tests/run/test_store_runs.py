import json
import os
import shutil

import pytest

from mlpipe.errors import SpecError, StoreError
from mlpipe.run.digests import digest_json
from mlpipe.run.store import Store
from tests.torture.verify import faults


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """These tests are about what is stored, not about when it reaches the disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


@pytest.fixture
def artifact(store):
    def write(folder):
        (folder / "report.html").write_text("<p>")
        return {}

    return store.put("evaluate", "ab", {}, write)


def test_a_run_reads_back_and_is_the_latest(store, artifact):
    record = {"verdict": "passed", "seconds": 1.5, "spec": {"seed": 7, "vars": {"asof": None}}}
    path = store.write_run("churn", record, {"evaluate": artifact}, {"report.html": "<h1>ü</h1>"})
    content = store.read_run("churn")
    assert content == store.read_run("churn", path.name)
    assert {name: content[name] for name in record} == record
    link = {"step": "evaluate", "key": "ab", "digest": artifact.digest}
    assert content["artifacts"] == {"evaluate": link}
    assert (path / "report.html").read_text(encoding="utf-8") == "<h1>ü</h1>"
    assert faults(store.root) == []


def test_its_id_is_a_number_and_the_start_of_its_digest(store, artifact):
    ids = [store.write_run("churn", {"n": n}, {"evaluate": artifact}).name for n in range(3)]
    assert [run.split("-")[0] for run in ids] == ["0001", "0002", "0003"]
    links = {"evaluate": {"step": "evaluate", "key": "ab", "digest": artifact.digest}}
    assert ids[2].split("-")[1] == digest_json({"n": 2, "artifacts": links})[:4]
    assert (store.root / "churn" / "latest").read_text() == f"{ids[2]}\n"
    assert [entry.run for entry in store.runs("churn")] == ids


def test_links_survive_a_move_of_the_run_directory(store, artifact, tmp_path):
    path = store.write_run("churn", {}, {"evaluate": artifact})
    shutil.move(store.root, tmp_path / "elsewhere")
    moved = tmp_path / "elsewhere" / "churn" / path.name / "evaluate" / "report.html"
    assert moved.read_text() == "<p>"


def test_numbers_go_on_beyond_four_digits_and_after_gaps(store):
    home = store.root / "churn"
    home.mkdir()
    (home / "9999-abcd").mkdir()
    assert store.write_run("churn", {}, {}).name.startswith("10000-")
    assert [entry.number for entry in store.runs("churn")] == [9999, 10000]
    shutil.rmtree(store.runs("churn")[-1].path)
    assert store.write_run("churn", {}, {}).name.startswith("10001-"), "a number is never reused"


def test_pipelines_are_apart(store):
    store.write_run("churn", {}, {})
    store.write_run("adult", {}, {})
    store.write_run("adult", {}, {})
    assert [(entry.name, entry.number) for entry in store.runs()] == [
        ("adult", 1),
        ("adult", 2),
        ("churn", 1),
    ]
    assert [entry.name for entry in store.runs("churn")] == ["churn"]


@pytest.mark.parametrize("pointer", [None, "", "0099-dead\n", "../../etc\n", "\x00\xff"])
def test_a_pointer_to_nowhere_means_the_last_run(store, pointer):
    last = [store.write_run("churn", {"n": n}, {}).name for n in range(2)][-1]
    (store.root / "churn" / "latest").unlink()
    if pointer is not None:
        (store.root / "churn" / "latest").write_text(pointer)
    assert store.latest("churn") == last
    assert store.read_run("churn")["run"] == last


def test_a_run_that_is_not_there_is_named_with_those_that_are(store):
    run = store.write_run("churn", {}, {}).name
    for name in ("0009-aaaa", "../churn", "latest2"):
        with pytest.raises(SpecError, match=run):
            store.read_run("churn", name)
    with pytest.raises(SpecError, match="none yet"):
        store.read_run("adult")


@pytest.mark.parametrize("name", ["artifacts", "Tmp", "locks", "damaged", "receipts", "a/b", ".."])
def test_a_pipeline_cannot_be_called_like_a_folder_of_ours(store, name):
    with pytest.raises(SpecError, match="name"):
        store.write_run(name, {}, {})


def test_no_bit_of_a_record_flips_unseen(store, artifact):
    path = store.write_run("churn", {"auc": 0.75, "ok": True}, {"evaluate": artifact})
    file = path / "run.json"
    good = file.read_bytes()
    content = json.loads(good)
    file.chmod(0o644)
    for position in range(len(good) * 8):
        bad = bytearray(good)
        bad[position // 8] ^= 1 << position % 8
        file.write_bytes(bad)
        try:
            same = json.loads(bad) == content
        except ValueError:
            same = False
        if same:  # white space
            assert store.read_run("churn") == content
            continue
        with pytest.raises(StoreError, match="damaged"):
            store.read_run("churn")


def test_a_run_that_fails_to_be_written_leaves_the_old_latest(store, monkeypatch):
    first = store.write_run("churn", {}, {}).name

    def full(*arguments):
        raise OSError(28, "No space left on device", str(arguments[-1]))

    monkeypatch.setattr(os, "symlink", full)
    with pytest.raises(StoreError, match="the disk is full"):
        store.write_run("churn", {"n": 2}, {"evaluate": store_put(store)})
    assert store.latest("churn") == first
    assert len(store.runs()) == 1
    assert faults(store.root) == []


def store_put(store):
    return store.put("train", "cd", {}, lambda folder: {})
