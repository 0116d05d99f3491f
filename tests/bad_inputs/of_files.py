"""Cases 22 to 38: the command line, and files that are not what they seem."""

import bz2
import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bad_inputs.words import (
    NAMES,
    Case,
    Elsewhere,
    NotHere,
    Refused,
    csv,
    elsewhere,
    jsonl,
    made,
    parquet,
    run_sqlite,
    sqlite,
)

LINES = b'{"id": 1, "fee": 2.5}\n{"id": 2, "fee": 3.5}\n'
TEXT = b"id,fee\n1,2.5\n2,3.5\n"
TABLE = pa.table({"id": [1, 2], "fee": [2.5, 3.5]})
SCRIPT = "CREATE TABLE t (id, fee); INSERT INTO t VALUES (1, 2.5), (2, 3.5)"
ALL = {"query": "SELECT * FROM t"}
COMMAND = "tests/cli/test_command_line.py::test_2"
FILES = ("csv", "parquet", "jsonl")


def _bytes(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


GOOD = {"csv": TEXT, "parquet": _bytes(TABLE), "jsonl": LINES}


def _sqlite_bytes(folder: Path) -> bytes:
    run_sqlite(
        folder / "whole.db",
        "BEGIN; CREATE TABLE t (x); " + "INSERT INTO t VALUES (1);" * 2000 + "COMMIT",
    )
    return (folder / "whole.db").read_bytes()


def _locked(format_: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        path = folder / NAMES[format_]
        if format_ == "sqlite":
            run_sqlite(path, SCRIPT)
        else:
            path.write_bytes(GOOD[format_])
        path.chmod(0)

    return make


def _folder(format_: str) -> Callable[[Path], None]:
    return lambda folder: (folder / NAMES[format_]).mkdir()


def _pipe(format_: str) -> Callable[[Path], None]:
    return lambda folder: os.mkfifo(folder / NAMES[format_])


def _circle(format_: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / NAMES[format_]).symlink_to("other")
        (folder / "other").symlink_to(NAMES[format_])

    return make


def _shards(format_: str, first: bytes, second: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / f"a.{format_}").write_bytes(first)
        (folder / f"b.{format_}").write_bytes(second)

    return make


def _files(make: Callable[[str], Any], code: int, says: str) -> dict[str, tuple[Any, ...]]:
    return {word: (made(word, make(word), Refused(code, says)),) for word in FILES}


def _bomb(head: bytes, row: bytes) -> bytes:
    return gzip.compress(head + row * (1 << 20))


LOWERED = {"mlpipe.ingest.staging.FREE_BYTES": 1 << 20, "mlpipe.ingest.staging.MOST_RATIO": 100}
PACKED = NotHere("pages are packed within the file; it is not read through an archive")

CASES = (
    elsewhere(
        22,
        "missing spec",
        f"{COMMAND}2_a_missing_spec",
        f"{COMMAND}2_a_missing_spec_that_is_elsewhere",
        f"{COMMAND}2_a_missing_spec_as_json",
    ),
    elsewhere(23, "any path", f"{COMMAND}3_spaces_unicode_and_a_leading_dash_in_paths"),
    elsewhere(
        24,
        "bad -S",
        f"{COMMAND}4_a_bad_override",
        f"{COMMAND}4_an_override_is_typed_like_the_file",
    ),
    elsewhere(25, "closed pipe", f"{COMMAND}5_a_closed_pipe_is_quiet"),
    elsewhere(
        26,
        "plain terminals",
        f"{COMMAND}6_the_c_locale_gets_ascii",
        f"{COMMAND}6_without_a_terminal_there_are_no_escape_codes",
        f"{COMMAND}6_a_terminal_gets_colour_unless_it_is_not_wanted",
        f"{COMMAND}6_a_narrow_terminal_works",
    ),
    elsewhere(27, "Ctrl-C", f"{COMMAND}7_an_interrupted_run_leaves_a_clean_store"),
    Case(
        28,
        "permission denied",
        **{
            word: (
                made(
                    word, _locked(word), Refused(3, r"data\.\w+.*permission denied"), as_nobody=True
                ),
            )
            for word in FILES
        },
        sqlite=(
            made(
                "sqlite",
                _locked("sqlite"),
                Refused(3, "unable to open|denied"),
                source=ALL,
                as_nobody=True,
            ),
        ),
    ),
    Case(
        29,
        "a folder, a FIFO",
        **{
            word: (
                made(word, _folder(word), Refused(2, rf"data\.{word} is a folder")),
                made(word, _pipe(word), Refused(2, rf"data\.{word} is not a regular file")),
            )
            for word in FILES
        },
        sqlite=(
            made("sqlite", _folder("sqlite"), Refused(3, r"data\.db"), source=ALL),
            made("sqlite", _pipe("sqlite"), Refused(3, r"data\.db"), source=ALL),
        ),
    ),
    Case(
        30,
        "links in a circle",
        **_files(_circle, 3, r"data\.\w+.*symbolic links"),
        sqlite=(made("sqlite", _circle("sqlite"), Refused(3, r"data\.db"), source=ALL),),
    ),
    Case(
        31,
        "changed while it is read",
        csv=(Elsewhere("tests/ingest/test_files.py::test_case_31_changed_while_it_is_read"),),
        parquet=(
            Elsewhere(
                "tests/run/test_digests.py::test_a_source_that_changed_after_its_digest_is_noticed"
            ),
        ),
        jsonl=(Elsewhere("tests/ingest/test_json.py::test_changed_while_it_is_read"),),
        sqlite=(NotHere("it is read in one transaction, which sees one state"),),
    ),
    Case(
        32,
        "truncated",
        csv=tuple(
            csv(
                pack(os.urandom(5000).hex().encode())[:2000],
                Refused(3, rf"{name}.*truncated"),
                name=name,
            )
            for pack, name in ((gzip.compress, "data.csv.gz"), (bz2.compress, "data.csv.bz2"))
        ),
        parquet=(PACKED,),
        jsonl=(
            jsonl(
                gzip.compress(os.urandom(5000))[:2000],
                Refused(3, "truncated"),
                name="data.jsonl.gz",
            ),
        ),
        sqlite=(
            made(
                "sqlite",
                lambda folder: (folder / "data.db").write_bytes(_sqlite_bytes(folder)[:6000]),
                Refused(3, "malformed"),
                source=ALL,
            ),
        ),
    ),
    Case(
        33,
        "decompression bomb",
        csv=(
            csv(
                _bomb(b"id,fee\n", b"0,0\n"),
                Refused(3, "bomb"),
                name="data.csv.gz",
                patches=LOWERED,
            ),
        ),
        parquet=(NotHere("its footer says how many rows it holds, and they are streamed"),),
        jsonl=(
            jsonl(
                _bomb(b"", b'{"a":0}\n'), Refused(3, "bomb"), name="data.jsonl.gz", patches=LOWERED
            ),
        ),
        sqlite=(NotHere("it is not compressed"),),
    ),
    Case(
        34,
        "wrong extension",
        csv=(
            csv(GOOD["parquet"], Refused(3, "is a Parquet file, not CSV")),
            csv(LINES, Refused(3, "is JSON, not CSV")),
        ),
        parquet=(
            made(
                "parquet",
                lambda folder: (folder / "data.parquet").write_bytes(TEXT),
                Refused(3, "is not a Parquet file"),
            ),
        ),
        jsonl=(
            jsonl(TEXT, Refused(3, "is not JSON lines")),
            jsonl(GOOD["parquet"], Refused(3, "is a Parquet file")),
        ),
        sqlite=(
            made(
                "sqlite",
                lambda folder: (folder / "data.db").write_bytes(TEXT * 90),
                Refused(3, "not a database"),
                source=ALL,
            ),
        ),
    ),
    Case(
        35,
        "empty",
        csv=tuple(csv(text, Refused(3, "is empty")) for text in (b"", b"\n\n", b"\xef\xbb\xbf")),
        parquet=(
            made(
                "parquet",
                lambda folder: (folder / "data.parquet").touch(),
                Refused(3, r"data\.parquet"),
            ),
        ),
        jsonl=tuple(jsonl(text, Refused(3, "is empty")) for text in (b"", b" \n\n")),
        sqlite=(
            made(
                "sqlite",
                lambda folder: (folder / "data.db").touch(),
                Refused(2, "no such table"),
                source=ALL,
            ),
        ),
    ),
    Case(
        36,
        "a header only",
        csv=tuple(
            csv(text, Refused(3, "no rows")) for text in ("id,fee", "id,fee\n", "id,fee\n\n")
        ),
        parquet=(parquet(TABLE.slice(0, 0), Refused(3, "holds no rows")),),
        jsonl=(jsonl("{}\n{}\n", Refused(3, "holds no records")),),
        sqlite=(sqlite("CREATE TABLE t (id, fee)", Refused(3, "no rows")),),
    ),
    Case(
        37,
        "a pattern that matches nothing",
        **{
            word: (
                made(
                    word,
                    lambda folder: None,
                    Refused(2, rf"no file matches usage/\*\.{word}"),
                    name=f"usage/*.{word}",
                ),
            )
            for word in FILES
        },
        sqlite=(
            NotHere("a database is one file, and no pattern"),
            made("sqlite", lambda folder: None, Refused(3, r"no file data\.db"), source=ALL),
        ),
    ),
    Case(
        38,
        "shards with different schemas",
        csv=(
            made(
                "csv",
                _shards("csv", TEXT, b"id,fees\n1,2\n"),
                Refused(3, r"b\.csv and a\.csv have different columns.*fee, fees"),
                name="*.csv",
            ),
            made(
                "csv",
                _shards("csv", TEXT, b"fee,id\n1,2\n"),
                Refused(3, "another order"),
                name="*.csv",
            ),
        ),
        parquet=(
            made(
                "parquet",
                _shards("parquet", GOOD["parquet"], _bytes(pa.table({"id": ["1"], "fee": [1.5]}))),
                Refused(3, r"b\.parquet and a\.parquet have different schemas: id"),
                name="*.parquet",
            ),
        ),
        jsonl=(
            made(
                "jsonl",
                _shards("jsonl", LINES, b'{"id": 1, "fees": 2}\n'),
                Refused(3, "different columns: keys that only one has: fee, fees"),
                name="*.jsonl",
            ),
        ),
        sqlite=(NotHere("a database is one file"),),
    ),
)
