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


BEGAN = time.time_ns() + 3600 * 10**9
"""Long after the files were written: their ctime, which cannot be set, lies in the past of it."""


def _write(folder, began_ns=BEGAN):
    rests_on = Receipt(
        files=[folder / "data.csv"],
        kept=[folder / "kept.parquet"],
        patterns=[str(folder / "*.csv")],
        environment={"SOME_URL": "postgres://a"},
        packages=[folder / "package-1.0.dist-info"],
    )
    receipt.write(Request("run", "x.yaml"), rests_on, {"answer": 42}, began_ns)


def test_the_same_question_has_the_same_answer(world):
    _write(world)
    assert receipt.find(Request("run", "x.yaml")) == {"answer": 42}


def test_another_question_has_none(world):
    _write(world)
    for other in (
        Request("train", "x.yaml"),
        Request("run", "y.yaml"),
        Request("run", "x.yaml", ("seed=1",)),
        Request("run", "x.yaml", profile="ci"),
    ):
        assert receipt.find(other) is None


def test_a_file_changed_just_before_or_since_is_never_trusted(world):
    for began_ns in (time.time_ns(), time.time_ns() - 60 * 10**9):
        _write(world, began_ns)
        assert receipt.find(Request("run", "x.yaml")) is None


def test_no_password_of_an_option_is_kept(world):
    rests_on = Receipt([], [], [], {}, [])
    request = Request("run", "x.yaml", ("vars.api_key=hunter2",))
    receipt.write(request, rests_on, {"answer": 42}, BEGAN)
    assert receipt.find(request) == {"answer": 42}
    assert receipt.find(Request("run", "x.yaml", ("vars.api_key=hunter3",))) is None
    assert "hunter2" not in next((world / "runs" / "receipts").iterdir()).read_text()
    assert "hunter2" not in str(request.to_json()) + str(request.options)


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
def test_any_change_ends_it(world, change):
    _write(world)
    change(world)
    assert receipt.find(Request("run", "x.yaml")) is None


def test_no_value_of_the_environment_is_kept(world):
    _write(world)
    text = next((world / "runs" / "receipts").iterdir()).read_text()
    assert "postgres" not in text


def test_a_read_only_store_goes_without(world, monkeypatch):
    monkeypatch.setattr(receipt.Path, "mkdir", _refuse)
    _write(world)
    assert receipt.find(Request("run", "x.yaml")) is None


def _refuse(*_, **__):
    raise PermissionError
