"""A receipt answers only while everything that the answer rested on still holds."""

import os
import time

import pytest

from mlpipe.run import receipt
from mlpipe.run.receipt import Receipt
from mlpipe.run.request import Request

OLD = time.time() - 3600


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder with an input, an artifact and a receipt over both."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOME_URL", "postgres://a")
    (tmp_path / "runs").mkdir()
    for name in ("data.csv", "more.csv", "kept.parquet"):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (OLD, OLD))
    (tmp_path / "package-1.0.dist-info").mkdir()
    return tmp_path


def _settle(monkeypatch):
    """Let the files' ctime, which cannot be set, lie in the past of the receipt."""
    later = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(receipt.time, "time_ns", lambda: later)


def _write(folder):
    rests_on = Receipt(
        files=[folder / "data.csv"],
        kept=[folder / "kept.parquet"],
        patterns=[str(folder / "*.csv")],
        environment={"SOME_URL": "postgres://a"},
        packages=[folder / "package-1.0.dist-info"],
    )
    receipt.write(Request("run", "x.yaml"), rests_on, {"answer": 42})


def test_the_same_question_has_the_same_answer(world, monkeypatch):
    _settle(monkeypatch)
    _write(world)
    assert receipt.find(Request("run", "x.yaml")) == {"answer": 42}


def test_another_question_has_none(world, monkeypatch):
    _settle(monkeypatch)
    _write(world)
    for other in (
        Request("train", "x.yaml"),
        Request("run", "y.yaml"),
        Request("run", "x.yaml", ("seed=1",)),
        Request("run", "x.yaml", profile="ci"),
    ):
        assert receipt.find(other) is None


def test_a_file_changed_just_before_is_never_trusted(world):
    (world / "data.csv").write_text("just now")
    _write(world)
    assert receipt.find(Request("run", "x.yaml")) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "data.csv").write_text("changed"),
        lambda folder: os.utime(folder / "data.csv"),
        lambda folder: (folder / "data.csv").unlink(),
        lambda folder: (folder / "kept.parquet").write_text("flipped bits"),
        lambda folder: (folder / "kept.parquet").unlink(),
        lambda folder: (folder / "new.csv").write_text("a new match"),
        lambda folder: (folder / "package-1.0.dist-info").rmdir(),
        lambda folder: os.environ.__setitem__("SOME_URL", "postgres://b"),
        lambda folder: (next((folder / "runs" / "receipts").iterdir())).write_text("{"),
        lambda folder: os.chdir(folder / "runs"),
    ],
    ids=[
        "content", "touched", "gone", "artifact", "artifact gone", "new match", "package",
        "environment", "damaged receipt", "directory",
    ],
)  # fmt: skip
def test_any_change_ends_it(world, monkeypatch, change):
    _settle(monkeypatch)
    _write(world)
    change(world)
    assert receipt.find(Request("run", "x.yaml")) is None


def test_no_value_of_the_environment_is_kept(world, monkeypatch):
    _settle(monkeypatch)
    _write(world)
    text = next((world / "runs" / "receipts").iterdir()).read_text()
    assert "postgres" not in text


def test_a_read_only_store_goes_without(world, monkeypatch):
    monkeypatch.setattr(receipt.Path, "mkdir", _refuse)
    _write(world)
    assert receipt.find(Request("run", "x.yaml")) is None


def _refuse(*_, **__):
    raise PermissionError
