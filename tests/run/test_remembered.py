"""What monitor remembers, around the steps: looked up once, written at the end."""

import errno
import json
import os

import pytest

from mlpipe.errors import StoreError
from mlpipe.run import receipt
from mlpipe.run.days import needs_day
from mlpipe.run.engine import Outcome
from mlpipe.run.execute import load_dated
from mlpipe.run.remembered import Memory, with_memory
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from tests.monitor.history.windows import chunk, recorded
from tests.project import SPEC, write_project


@pytest.fixture
def memory(tmp_path):
    return lambda: Memory(tmp_path / "models", "churn")


@pytest.fixture
def observed(tmp_path):
    def observed(*days, status="ok"):
        folder = tmp_path / "-".join([*days, status])
        folder.mkdir(exist_ok=True)
        found = recorded(*(chunk(day, status) for day in days))
        (folder / "records.json").write_text(json.dumps(found))
        return folder

    return observed


def test_what_is_before_a_window_leaves_out_what_it_wrote_itself(memory, observed):
    memory().remember(observed("2026-06-01"))
    tonight = observed("2026-06-02")
    before = memory().before(tonight)
    memory().remember(tonight)
    assert before is not None
    assert memory().before(tonight) == before  # so a second run has nothing to do
    assert before.mark.startswith("1 chunks (")
    assert memory().before(observed("2026-06-01")) is None


def test_the_mark_follows_the_records(memory, observed):
    memory().remember(observed("2026-06-01"))
    tonight = observed("2026-06-02")
    before = memory().before(tonight).mark
    memory().remember(observed("2026-06-01", status="alert"))
    assert memory().before(tonight).mark != before


def test_within_a_command_the_past_stays_as_it_was_looked_up(memory, observed):
    """The key and the step must see the same, whoever writes in between."""
    one, tonight = memory(), observed("2026-06-02")
    assert one.before(tonight) is None
    memory().remember(observed("2026-06-01"))
    assert one.before(tonight) is None
    assert memory().before(tonight) is not None


def test_the_answer_rests_on_the_files_and_on_new_ones(memory, observed, tmp_path):
    found = memory().remember(observed("2026-06-01"))
    assert [path.is_file() for path in found.files] == [True]
    assert list(tmp_path.glob(found.patterns[0].removeprefix(f"{tmp_path}/"))) == list(found.files)


def test_a_window_that_is_there_already_is_not_written_again(memory, observed):
    (path,) = memory().remember(observed("2026-06-01")).files
    was = path.stat()
    memory().remember(observed("2026-06-01"))
    assert path.stat().st_ino == was.st_ino


def refusing(code, monkeypatch):
    def refuse(path):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr("mlpipe.registry.history.make_folder", refuse)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_registry_that_can_only_be_read_is_said_and_no_failure(
    memory, observed, monkeypatch, code
):
    memory().remember(observed("2026-06-01"))
    refusing(code, monkeypatch)
    found = memory().remember(observed("2026-06-02"))
    (warning,) = found.warnings
    assert warning.startswith("nothing was remembered: ")
    assert "can only be read" in warning
    assert memory().before(observed("2026-06-02")) is not None


def test_a_folder_of_somebody_elses_is_said_and_left_alone(memory, observed, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.pkl").write_text("x")
    (warning,) = memory().remember(observed("2026-06-01")).warnings
    assert "no registry of mlpipe" in warning
    assert os.listdir(tmp_path / "models") == ["mine.pkl"]


def test_a_full_disk_makes_the_command_fail_with_its_answer_kept(memory, observed, monkeypatch):
    refusing(errno.ENOSPC, monkeypatch)
    with pytest.raises(StoreError, match="the disk is full"):
        memory().remember(observed("2026-06-01"))

    class Made:
        path = observed("2026-06-01")

    outcome = Outcome(artifacts={"observe": Made, "monitor": Made})
    result, _ = with_memory(Result("", (), answer={"monitor": 1}), memory(), outcome)
    assert (result.exit_code, result.answer) == (4, {"monitor": 1})
    assert "the disk is full" in result.problems[0]["message"]


def test_nothing_is_remembered_of_a_command_that_failed(memory, observed, tmp_path):
    outcome = Outcome(error=StoreError("no"))
    assert with_memory(Result("", ()), memory(), outcome)[1].files == ()
    assert not (tmp_path / "models").exists()


WATCHED = SPEC + "monitor: {current: {path: data.csv}}\n"


@pytest.mark.parametrize(
    ("spec", "needed"),
    [
        (SPEC, ()),
        (WATCHED, ("monitor",)),
        (WATCHED.replace("  key: id\n", "  key: id\n  time: age\n"), ("monitor",)),
        (WATCHED.replace("}}\n", "}, history: false}\n"), ()),
        (WATCHED.replace("}}\n", '}, as_of: "2026-06-01"}\n'), ()),
    ],
    ids=["without monitor", "without a time", "with a time", "without history", "with as_of"],
)
def test_a_day_is_filled_in_where_rows_have_a_place_in_time(tmp_path, monkeypatch, spec, needed):
    write_project(tmp_path, spec=spec)
    monkeypatch.setattr(receipt, "today", lambda: "2026-02-03")
    request = Request("monitor", str(tmp_path / "mlpipe.yaml"))
    pipeline = load_dated(request).pipeline
    asked = pipeline.monitor and pipeline.monitor.as_of
    assert asked == ("2026-02-03" if needed else "2026-06-01" if "as_of" in spec else None)
    assert pipeline.validate_.as_of is None
    assert needs_day(pipeline) == ()
