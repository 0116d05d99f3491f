"""Bad inputs 28–38: files that are not what they seem."""

import bz2
import gzip
import lzma
import os
from pathlib import Path

import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest import staging
from mlpipe.ingest.delimited import load_csv
from mlpipe.ingest.files import expand, labels, shown, signature
from mlpipe.ingest.source import Source

GOOD = b"id,fee\n1,2.5\n2,3.5\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_case_28_a_file_without_permission(read):
    Path("data.csv").write_bytes(GOOD)
    Path("data.csv").chmod(0)
    with pytest.raises(DataError, match=r"data\.csv cannot be read: permission denied"):
        read()


def test_case_28_the_reason_is_told(tmp_path, monkeypatch):
    (tmp_path / "data.csv").write_bytes(GOOD)

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match="permission denied"):
        expand(str(tmp_path / "data.csv"))


def test_case_29_a_folder_or_a_fifo(read, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(SpecError, match=r"folder is a folder[\s\S]*folder/\*\.csv"):
        read(path="folder")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SpecError, match="not a regular file"):
        read(path="pipe.csv")


def test_case_30_links_in_a_circle(read, tmp_path):
    (tmp_path / "a.csv").symlink_to("b.csv")
    (tmp_path / "b.csv").symlink_to("a.csv")
    with pytest.raises(DataError, match="symbolic links"):
        read(path="a.csv")


def test_case_31_changed_while_it_is_read(session, tmp_path, monkeypatch):
    path = tmp_path / "data.csv"
    path.write_bytes(GOOD)
    copy = session.copy

    def copy_and_grow(query, target, **options):
        rows = copy(query, target, **options)
        path.write_bytes(GOOD + b"3,4.5\n")
        return rows

    monkeypatch.setattr(session, "copy", copy_and_grow)
    with pytest.raises(DataError, match="changed while it was read"):
        load_csv("data", Source.read({"path": str(path)}), [path], session, 0)


def test_signature_tells_a_rewritten_file(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(GOOD)
    before = signature(path)
    assert signature(path) == before
    path.write_bytes(GOOD + b"\n")
    assert signature(path) != before


@pytest.mark.parametrize(
    ("name", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_compressed_files_are_read(read, name, pack):
    result = read(pack(GOOD), path=f"data.csv.{name}")
    assert result.column("fee") == [2.5, 3.5]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_case_32_truncated(read, pack):
    packed = pack(os.urandom(5000).hex().encode())
    with pytest.raises(DataError, match="truncated or damaged"):
        read(packed[: len(packed) // 2], path="data.csv.gz")


def test_case_33_decompression_bomb(read, monkeypatch):
    monkeypatch.setattr(staging, "FREE_BYTES", 1 << 20)
    bomb = gzip.compress(b"id,fee\n" + b"0,0\n" * (1 << 20))
    monkeypatch.setattr(staging, "MOST_RATIO", 100)
    with pytest.raises(DataError, match="bomb"):
        read(bomb, path="data.csv.gz")


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"PAR1....", "Parquet"), (b"PK\x03\x04....", "zip"), (b"SQLite format 3\0", "database")],
)
def test_case_34_wrong_extension(read, content, what):
    with pytest.raises(DataError, match=what):
        read(content)


def test_case_34_text_that_says_parquet(read):
    with pytest.raises(DataError, match="is not a Parquet file"):
        read(GOOD, path="data.parquet")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n"])
def test_case_35_empty(read, content):
    with pytest.raises(DataError, match="is empty"):
        read(content)


@pytest.mark.parametrize("content", [b"id,fee", b"id,fee\n", b"id,fee\n\n\n"])
def test_case_36_header_only(read, content):
    with pytest.raises(DataError, match="no rows"):
        read(content)


def test_case_37_glob_without_a_match(read):
    with pytest.raises(SpecError, match=r"no file matches usage/\*\.csv"):
        read(path="usage/*.csv")
    with pytest.raises(SpecError, match=r"there is no file nothing\.csv[\s\S]*tried /"):
        read(path="nothing.csv")


def test_case_38_shards_with_different_columns(read, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id,fee\n1,2\n")
    (tmp_path / "b.csv").write_bytes(b"id,fees\n1,2\n")
    with pytest.raises(DataError, match=r"different columns.*fee, fees"):
        read(path="*.csv")
    (tmp_path / "b.csv").write_bytes(b"fee,id\n1,2\n")
    with pytest.raises(DataError, match="another order"):
        read(path="*.csv")


def test_shards_are_read_in_the_order_of_their_names(read, tmp_path):
    for name, value in (("b", 2), ("a", 1), ("c", 3)):
        (tmp_path / f"{name}.csv").write_bytes(f"x,y\n{value},0\n{value}0,0\n".encode())
    result = read(path="*.csv", file_column="file")
    assert result.column("x") == [1, 10, 2, 20, 3, 30]
    assert result.rows == list(range(6))
    assert result.column("file") == ["a.csv", "a.csv", "b.csv", "b.csv", "c.csv", "c.csv"]
    assert [one["rows"] for one in result.report["sources"]["data"]["files"]] == [2, 2, 2]


@pytest.mark.parametrize(
    "name", ["a b.csv", "ü中.csv", "-x.csv", "it's.csv", "x[1].csv", "x{y}?.csv"]
)
def test_any_file_name(read, name):
    assert read(GOOD, path=name).column("id") == [1, 2]


def test_reports_show_no_absolute_path(read, tmp_path):
    result = read(GOOD, path=str(tmp_path / "data.csv"))
    assert str(tmp_path) not in str(result.report)


def test_names_tell_files_apart(tmp_path):
    paths = [tmp_path / "x" / "m.csv", tmp_path / "y" / "m.csv"]
    assert labels(paths) == ["x/m.csv", "y/m.csv"]
    assert shown(Path("x/m.csv")) == "x/m.csv"
