"""Case 44 where the engine says nothing: an empty field too many at the end of a row."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.ingest import overlong, staging

ENDS = ["", '""', ' ""', '"" ']


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("empty", ENDS)
def test_case_44_an_empty_field_too_many_goes_to_quarantine(read, end, empty):
    lines = ["id,name", "1,a", f"2,b,{empty}", "3,c", f"4,,{empty}", "5,"]
    with pytest.raises(DataError, match=r"data\.csv:3\): has 3 fields, and the header 2"):
        read(end.join([*lines, ""]).encode())
    for last in ("", end):
        result = read(
            (end.join(lines) + last).encode(), spec={"path": "data.csv", "max_bad_rows": 2}
        )
        assert result.column("id") == [1, 3, 5]
        assert result.bad[["line", "raw"]].values.tolist() == [[3, lines[2]], [5, lines[4]]]
        assert result.report["rejected"] == 2


def test_several_empty_fields_too_many(read):
    result = read(b"id,name\n1,a,,,\n2,b\n", spec={"path": "data.csv", "max_bad_rows": 1})
    assert result.bad["reason"].tolist() == ["has 5 fields, and the header 2"]


def test_among_other_bad_rows_each_has_its_line_and_stands_once(read):
    content = b'id,n\n1\n2,2,\n"3\n",x\n\n4, "5"\n6,6,""\n7,7,7\n8,8'
    section = {"path": "data.csv", "types": {"id": "string", "n": "integer"}, "max_bad_rows": 9}
    result = read(content, spec=section)
    assert result.column("id") == ["4", "8"]
    assert result.bad[["line", "reason"]].values.tolist() == [
        [2, "has 1 fields, and the header 2"],
        [3, "has 3 fields, and the header 2"],
        [4, "'x' is not an integer"],
        [8, "has 3 fields, and the header 2"],
        [9, "has 3 fields, and the header 2"],
    ]


def test_one_column_and_no_header(read):
    result = read(b'a\n1\n\n2,\n"",""\n3\n', spec={"path": "data.csv", "max_bad_rows": 2})
    assert result.column("a") == [1, None, 3]
    assert result.bad["line"].tolist() == [4, 5]
    source = {"path": "data.csv", "header": False, "names": ["a", "b"]}
    result = read(b"1,2,\n3,4\n5,6,", spec={"sources": {"data": source}, "max_bad_rows": 2})
    assert result.column("a") == [3]


def test_a_last_column_that_is_empty_is_no_field_too_many(read):
    result = read(b'id,name\n1,\n2,""\n,\n3, "x,y"\n4, ""\n')
    assert result.column("id") == [1, 2, None, 3, 4]
    assert result.column("name") == [None, None, None, "x,y", None]


def test_a_file_without_such_lines_is_not_read_twice(read, monkeypatch):
    def refuse(*_args):
        raise AssertionError

    monkeypatch.setattr(overlong, "_count", refuse)
    assert read(b'id,name\n1,a\n2,"b\n"\n').column("id") == [1, 2]
    with pytest.raises(AssertionError):
        read(b"id,name\n1,a\n2,\n")


def test_too_many_to_tell_apart(read, monkeypatch):
    monkeypatch.setattr(overlong, "MOST_NUMBERED", 2)
    with pytest.raises(DataError, match=r"3 rows of data\.csv end in an empty field too many"):
        read(b"a,b\n0,0\n1,2,\n3,4,\n5,6,\n", spec={"path": "data.csv", "max_bad_rows": 0.9})


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_marks_are_found_across_the_pieces_of_a_file(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(staging, "CHUNK", chunk)
    path = tmp_path / "x.csv"
    marks = frozenset({b",\n", b",\r", b'""\n', b"\0"})
    for body, found in (
        (b"1,\n2", b",\n"),
        (b"1,\r\n2", b",\r"),
        (b'1,""', b'""\n'),
        (b"\0", b"\0"),
    ):
        path.write_bytes(b"a,b\n" + body)
        facts = staging.text_facts(path, marks, header=True)
        assert (facts.lines, facts.found) == (1 + len(body.splitlines()), {found})


def test_a_first_row_that_is_no_header_counts_for_the_marks(read):
    options = {"header": False, "names": ["a", "b"], "types": {"a": "integer"}}
    with pytest.raises(DataError, match=r"data\.csv:1\) a: '1_000' is not an integer"):
        read(b"1_000,2\n3,4\n", **options)


FIELD = st.sampled_from(["", "x", " ", '"', '""', ",", "\n", '"x"', "a b"])


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(FIELD, min_size=1, max_size=5), min_size=1, max_size=8))
def test_every_row_is_kept_or_quarantined_whatever_its_width(read, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(
        [["n", "a", "b"], ["0", "y", "z"], *([str(n), *row] for n, row in enumerate(rows, 1))]
    )
    section = {"path": "data.csv", "types": {"a": "string", "b": "string"}, "max_bad_rows": 100}
    result = read(out.getvalue().encode(), spec=section)
    good = [(0, "y", "z")]
    good += [(n, row[0] or None, row[1] or None) for n, row in enumerate(rows, 1) if len(row) == 2]
    kept = list(zip(result.column("n"), result.column("a"), result.column("b"), strict=True))
    assert kept == good
    assert len(result.bad) == len(rows) + 1 - len(good)
