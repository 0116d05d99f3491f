"""The file for Prometheus: whole, readable by others, and never in place of another file."""

import os
import stat
import threading

import pytest

from mlpipe.errors import SpecError, StoreError
from mlpipe.monitor.alerts.exposition import OURS
from mlpipe.run.alerting.textfile import refuse_foreign, write_textfile

TEXT = f"{OURS}\nmlpipe_monitor_rows{{}} 1.0\n"


def test_it_is_written_for_everybody_to_read_whatever_the_umask(tmp_path):
    path, before = tmp_path / "churn.prom", os.umask(0o077)
    try:
        write_textfile(path, TEXT)
    finally:
        os.umask(before)
    assert path.read_text() == TEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert os.listdir(tmp_path) == ["churn.prom"]


def test_a_reader_sees_one_text_or_the_other(tmp_path):
    path = tmp_path / "churn.prom"
    texts = [f"{OURS}\n{name * 200_000}\n" for name in "ab"]
    write_textfile(path, texts[0])
    seen, stop = set(), threading.Event()

    def reading():
        while not stop.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=reading)
    reader.start()
    for at in range(20):
        write_textfile(path, texts[at % 2])
    stop.set()
    reader.join()
    assert seen <= set(texts)


@pytest.mark.parametrize("content", [b"", b"# HELP node_x y\n", b"\xff\xfe", b"#mlpipe"])
def test_another_file_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "node.prom"
    path.write_bytes(content)
    with pytest.raises(SpecError, match="another file is there already"):
        write_textfile(path, TEXT)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["node.prom"]


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.prom").mkdir()
    with pytest.raises(SpecError, match="cannot be read"):
        refuse_foreign(tmp_path / "a.prom")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(StoreError, match="the file for Prometheus cannot be written"):
        write_textfile(tmp_path / "nowhere" / "churn.prom", TEXT)


def test_a_write_that_fails_leaves_the_old_text_and_no_other_file(tmp_path, monkeypatch):
    path = tmp_path / "churn.prom"
    write_textfile(path, TEXT)

    def full(*_):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="the disk is full"):
        write_textfile(path, TEXT + "more\n")
    assert path.read_text() == TEXT
    assert os.listdir(tmp_path) == ["churn.prom"]


@pytest.mark.parametrize("what", ["pipe", "endless"])
def test_what_is_no_file_is_refused_without_being_read(tmp_path, what):
    path = tmp_path / "churn.prom"
    if what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(SpecError, match="not a regular file"):
        refuse_foreign(path)
    assert os.path.lexists(path)
