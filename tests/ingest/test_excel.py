"""Spreadsheets: one sheet is a table, and an error cell is never an empty one."""

import datetime
import random

import duckdb
import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.excel import load_excel
from mlpipe.ingest.source import Source
from tests.ingest.workbooks import Error, Serial, ods, xls, xlsb, xlsx

PLAIN = [["id", "fee", "name"], [1, 2.5, "007"], [2, 3, "é & <b>"]]
DAY = 45292.0  # 2024-01-01


@pytest.fixture
def sheet(read):
    """Ingest the rows of an xlsx file with one sheet."""

    def sheet(rows, path="data.xlsx", **options):
        return read(xlsx({"One": rows}), path=path, **options)

    return sheet


def test_cells_say_the_types(sheet):
    rows = [
        ["a", "b", "c", "d", "e", "f", "g"],
        [1, 1, "x", True, Serial(DAY), Serial(DAY + 0.5), None],
        [-2, 2.5, "007", False, Serial(DAY + 1), Serial(DAY), None],
    ]
    result = sheet(rows)
    assert result.types == {
        "a": "integer",
        "b": "number",
        "c": "string",
        "d": "boolean",
        "e": "date",
        "f": "timestamp",
        "g": "string",
    }
    assert result.column("a") == [1, -2]
    assert result.column("b") == [1.0, 2.5]
    assert result.column("c") == ["x", "007"]
    assert result.column("d") == [True, False]
    assert pd.to_datetime(result.frame["e"]).dt.date.tolist() == [
        datetime.date(2024, 1, 1),
        datetime.date(2024, 1, 2),
    ]
    assert result.column("f") == [pd.Timestamp("2024-01-01 12:00"), pd.Timestamp("2024-01-01")]
    assert result.report["sources"]["data"]["dialect"] == {"format": "excel", "sheet": "One"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.xlsx", xlsx({"One": PLAIN})),
        ("data.xlsx", xlsx({"One": PLAIN}, references=False)),
        ("data.ods", ods(PLAIN)),
        ("data.xlsb", xlsb(PLAIN)),
        ("data.xls", xls({"One": PLAIN})),
        ("data.xls", xls({"One": PLAIN}, padded=False)),
    ],
)
def test_every_format_of_spreadsheet(read, name, content):
    result = read(content, path=name)
    assert result.column("id") == [1, 2]
    assert result.column("fee") == [2.5, 3.0]
    assert result.column("name") == ["007", "é & <b>"]


BROKEN = [["id", "x"], [1, "a"], [2, Error("#N/A")], [Error("#REF!"), "b"], [4, Error("#DIV/0!")]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.xlsx", xlsx({"One": BROKEN})),
        ("data.xlsx", xlsx({"One": BROKEN}, references=False)),
        ("data.ods", ods(BROKEN)),
        ("data.xlsb", xlsb(BROKEN)),
        ("data.xls", xls({"One": BROKEN})),
        ("data.xls", xls({"One": BROKEN}, padded=False)),
    ],
)
def test_an_error_in_a_cell_sends_its_row_to_quarantine(read, name, content):
    with pytest.raises(DataError, match=r"data\.\w+:3\) x: holds #N/A, which is no value"):
        read(content, path=name)
    result = read(spec={"path": name, "max_bad_rows": 3})
    assert result.column("id") == [1]
    assert result.bad[["line", "column"]].values.tolist() == [[3, "x"], [4, "id"], [5, "x"]]
    assert "#DIV/0!" in result.bad["reason"][2]
    kept = read(path=name, nulls=("#N/A", "#DIV/0!", "#REF!"))
    assert kept.column("id") == [1, 2, None, 4]
    assert kept.column("x") == ["a", None, "b", None]


@pytest.mark.parametrize("build", [xlsx, xls])
def test_errors_are_those_of_the_sheet(read, build):
    good, bad = [["id"], [1]], [["id"], [Error("#N/A")]]
    content = build({"Bad": bad, "Good": good})
    assert read(content, path="data.xlsx", sheet="Good").column("id") == [1]
    with pytest.raises(DataError, match=r"data\.xlsx:2\) id: holds #N/A"):
        read(content, path="data.xlsx", sheet="Bad")


@pytest.mark.parametrize("build", [lambda rows: xlsx({"One": rows}), ods, xlsb])
def test_errors_are_found_wherever_they_stand(read, build):
    choose = random.Random(5)
    for _ in range(10):
        rows = [["a", "b", "c"], [1, 1, 1]]
        rows += [
            [Error("#REF!") if choose.random() < 0.2 else n + at for at in range(3)]
            for n in range(30)
        ]
        bad = [n for n, row in enumerate(rows, 1) if any(isinstance(v, Error) for v in row)]
        spec = {"path": "data.xlsx", "max_bad_rows": 40}
        result = read(build(rows), path="data.xlsx", spec=spec)
        assert result.bad["line"].tolist() == bad


def test_several_sheets_need_a_name(read):
    content = xlsx({"Jan": PLAIN, "Feb & Co": [["id"], [9]]})
    with pytest.raises(SpecError, match="has 2 sheets: Jan, Feb & Co") as error:
        read(content, path="data.xlsx")
    assert error.value.problems[0].key == "ingest.sources.data.sheet"
    assert read(path="data.xlsx", sheet="Feb & Co").column("id") == [9]
    with pytest.raises(SpecError, match="has no sheet 'jan'"):
        read(path="data.xlsx", sheet="jan")
    with pytest.raises(SpecError, match=r"sources\.data\.sheet: is for spreadsheets"):
        read(b"a\n1\n", sheet="jan")


def test_blank_rows(sheet):
    rows = [[None], ["id", "x"], [1, "a"], [None], ["", None], [2, "b"], [None], [None, " "]]
    result = sheet(rows, trim=True)
    assert result.column("id")[:2] == [1, 2]
    assert result.warnings == ["data: data.xlsx has 4 blank rows, left out"]
    assert sheet([["id"], [1], [None], [""]]).warnings == []


def test_blank_columns(sheet):
    result = sheet([[None, "id", "x", None], [None, 1, "a", None], [None, 2, "b", ""]])
    assert list(result.frame.columns) == ["id", "x"]
    with pytest.raises(DataError, match=r"data\.xlsx:3\): has values past the last column"):
        sheet([["id", "x"], [1, "a"], [2, "b", 3]])
    with pytest.raises(DataError, match="row 1 of 'One', has no name for column 2"):
        sheet([["id", None, "x"], [1, 2, 3]])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["id", "ID"], "has 'ID' twice"),
        (["_row"], "reserved"),
        ([" ", "x"], "no name for column 1"),
    ],
)
def test_headers_that_are_none(sheet, header, message):
    with pytest.raises(DataError, match=message):
        sheet([header, [1, 2][: len(header)]])


def test_a_header_of_numbers_is_text(sheet):
    result = sheet([["id", 2024, 2025.5], [1, 2, 3]])
    assert list(result.frame.columns) == ["id", "2024", "2025.5"]


def test_without_a_header(sheet):
    result = sheet([[1, "a"], [2, "b"]], header=False, names=("id", "x"))
    assert result.column("id") == [1, 2]
    assert result.column("x") == ["a", "b"]
    with pytest.raises(DataError, match="has 2 columns, and `names` 3"):
        sheet([[1, "a"], [2, "b"]], header=False, names=("id", "x", "y"))


def test_mixed_types_are_refused_unless_declared(sheet):
    rows = [["a"], [1], ["x"]]
    with pytest.raises(DataError, match=r"integers \(data\.xlsx:2\) and strings \(data\.xlsx:3\)"):
        sheet(rows)
    assert sheet(rows, types={"a": "string"}).column("a") == ["1", "x"]
    with pytest.raises(DataError, match=r"data\.xlsx:3\) a: 'x' is not an integer"):
        sheet(rows, types={"a": "integer"})
    with pytest.raises(SpecError, match="no column 'aa' in the files"):
        sheet(rows, types={"aa": "integer"})
    assert sheet([["a"], [1], ["?"]], nulls=("?",)).types == {"a": "integer"}


def test_numbers_are_not_bent(sheet):
    rows = [["a", "b"], [2**53, 0.1], [1, 1e-300]]
    result = sheet(rows)
    assert result.types == {"a": "number", "b": "number"}
    assert result.column("b") == [0.1, 1e-300]
    assert sheet([["a"], [0.1], [12]], types={"a": "decimal(5,2)"}).types == {"a": "decimal(5,2)"}
    assert sheet([["a"], [0.1], [12]], types={"a": "string"}).column("a") == ["0.1", "12"]


def test_shards(read, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(xlsx({"One": PLAIN}))
    (tmp_path / "b.xlsx").write_bytes(xlsx({"Two": PLAIN}))
    assert read(path="*.xlsx").column("id") == [1, 2, 1, 2]
    (tmp_path / "b.xlsx").write_bytes(xlsx({"Two": [["id"], [1]]}))
    with pytest.raises(DataError, match=r"b\.xlsx and a\.xlsx have different columns"):
        read(path="*.xlsx")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "data.xlsx is empty"),
        (b"id,x\n1,2\n", "data.xlsx is not a spreadsheet"),
        (b"<html><table></table></html>", "data.xlsx is not a spreadsheet"),
        (b"PAR1....", "is a Parquet file, not a spreadsheet"),
        (b"PK\x03\x04 not a zip", "cannot be read as a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be read as a spreadsheet"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "data.xlsx is encrypted",
        ),
        (xlsx({"One": []}), "the sheet 'One' of data.xlsx is empty"),
        (xlsx({"One": [["id"]]}), "has no rows"),
        (xlsx({"One": PLAIN})[:-30], "cannot be read as a spreadsheet"),
    ],
)
def test_files_that_are_no_spreadsheet(read, content, message):
    with pytest.raises(DataError) as error:
        read(content, path="data.xlsx")
    assert message in str(error.value)


def test_every_cut_of_a_file_is_refused_or_read_whole(read):
    for content in (xlsx({"One": PLAIN}), ods(PLAIN), xlsb(PLAIN), xls({"One": PLAIN})):
        for end in range(64, len(content), max(len(content) // 40, 1)):
            try:
                result = read(content[:end], path="data.xlsx")
            except DataError:
                continue
            assert result.column("name") == ["007", "é & <b>"]


def test_case_33_a_bomb(read, monkeypatch):
    monkeypatch.setattr("mlpipe.ingest.workbook.FREE_BYTES", 1000)
    monkeypatch.setattr("mlpipe.ingest.workbook.MOST_RATIO", 5)
    rows = [["id"], *([n] for n in range(20_000))]
    with pytest.raises(DataError, match="a decompression bomb, or too large"):
        read(xlsx({"One": rows}), path="data.xlsx")


def test_a_book_whose_errors_cannot_be_found_is_refused(read, monkeypatch):
    def fail(*_args):
        raise KeyError("One")

    monkeypatch.setattr("mlpipe.ingest.excel_errors._errors", fail)
    with pytest.raises(DataError, match="cannot be searched for cells that hold an error"):
        read(xlsx({"One": PLAIN}), path="data.xlsx")


def test_breaks_are_rows_of_the_sheet(session, tmp_path):
    path = tmp_path / "data.xlsx"
    path.write_bytes(xlsx({"One": [["a"], [1], [None], [2], ["x"], [3]]}))
    source = Source.read({"path": "data.xlsx", "types": {"a": "integer"}})
    loaded = load_excel("data", source, [path], session, 1)
    rows = duckdb.sql(f"select * from '{loaded.breaks}'").fetchall()
    assert rows == [(0, "data.xlsx", 2), (1, "data.xlsx", 4), (2, "data.xlsx", 6)]
