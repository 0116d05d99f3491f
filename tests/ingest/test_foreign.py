"""Case 34: a file whose name says one format and whose bytes say another."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.source import Source, known_format
from tests.ingest.workbooks import ods, xls, xlsb, xlsx

ROWS = [["id", "fee"], [1, 2.5]]


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": [1]}), sink)
    return sink.getvalue()


CSV = b"id,fee\n1,2.5\n"
LINES = b'{"id": 1}\n{"id": 2}\n'
LIST = b'[{"id": 1},\n {"id": 2}]\n'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", parquet(), "x.csv is a Parquet file, not CSV\n  hint: declare `format: parquet`"),
        ("x.csv", xlsx({"One": ROWS}), "is a zip archive or a spreadsheet, not CSV"),
        ("x.csv", ods(ROWS), "declare `format: excel` if it is a spreadsheet"),
        ("x.csv", xlsb(ROWS), "declare `format: excel` if it is a spreadsheet"),
        ("x.csv", xls({"One": ROWS}), "declare `format: excel` if it is one"),
        ("x.csv", LINES, "x.csv is JSON, not CSV\n  hint: declare `format: jsonl`"),
        ("x.csv", b"\xef\xbb\xbf" + LINES, "hint: declare `format: jsonl`"),
        (
            "x.csv",
            LIST.replace(b"\n", b""),
            "x.csv is JSON, not CSV\n  hint: declare `format: json`",
        ),
        ("x.csv", b'[\n  {\n    "id": 1\n  }\n]\n', "hint: declare `format: json`"),
        ("x.csv", b'{\n  "id": 1\n}\n', "hint: declare `format: jsonl`"),
        ("x.csv", b"%PDF-1.7 x", "x.csv is a PDF, not CSV"),
        ("x.json", parquet(), "x.json is a Parquet file, not JSON"),
        ("x.json", CSV, "hint: declare `format: csv`"),
        ("x.json", LINES, "hint: declare `format: jsonl`"),
        ("x.jsonl", CSV, "hint: declare `format: csv`"),
        ("x.jsonl", LIST, "hint: declare `format: json`"),
        ("x.jsonl", xlsx({"One": ROWS}), "not JSON lines\n  hint: declare `format: excel`"),
        ("x.parquet", CSV, "x.parquet is not a Parquet file\n  hint: declare `format: csv`"),
        ("x.xlsx", CSV, "x.xlsx is not a spreadsheet\n  hint: declare `format: csv`"),
        ("x.xlsx", parquet(), "is a Parquet file, not a spreadsheet\n  hint: declare `format: par"),
        ("x.xlsx", LINES, "x.xlsx is not a spreadsheet"),
    ],
)
def test_case_34_the_content_decides(read, name, content, message):
    with pytest.raises(DataError) as error:
        read(content, path=name)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("content", "word", "rows"),
    [
        (CSV, "csv", 1),
        (LINES, "jsonl", 2),
        (LIST, "json", 2),
        (parquet(), "parquet", 1),
        (xlsx({"One": ROWS}), "excel", 1),
        (xls({"One": ROWS}), "excel", 1),
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.json", "x.parquet", "x.xlsx", "x.dat"])
def test_a_declared_format_outdoes_the_name(read, name, content, word, rows):
    assert len(read(content, path=name, format=word).rows) == rows


@pytest.mark.parametrize("header", ["[id],x", "{a},x", "[1,x", '["a",b', "x{,y"])
def test_csv_that_only_begins_like_json(read, header):
    result = read(f"{header}\n1,2\n".encode(), path="x.csv", quote="")
    assert list(result.frame.columns) == header.split(",")


def test_formats_do_not_mix(read, tmp_path):
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "a.jsonl").write_bytes(LINES)
    with pytest.raises(SpecError, match="mixes csv and jsonl files") as error:
        read(path="a.*")
    assert error.value.problems[0].key == "ingest.sources.data.path"


def test_tsv_is_tab_separated(read):
    content = b"id\tname\n1\ta,b,c\n2\td,e,f\n"
    result = read(content, path="x.tsv")
    assert result.column("name") == ["a,b,c", "d,e,f"]
    assert result.report["sources"]["data"]["dialect"]["delimiter"] == "\t"
    assert read(b"id;n\n1;2\n", path="x.tsv", delimiter=";").column("n") == [2]
    with pytest.raises(DataError, match="declare `delimiter: ','`"):
        read(b"id,n\n1,2\n", path="x.tsv")
    assert read(b"id\n1\n", path="x.tsv").column("id") == [1]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("a.csv", "csv"),
        ("a.TSV.gz", "csv"),
        ("a.jsonl.zst", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.json.bz2", "json"),
        ("a.parquet", "parquet"),
        ("a.pq", "parquet"),
        ("a.ods", "excel"),
        ("a.XLSX", "excel"),
        ("a.gz", None),
        ("README", None),
    ],
)
def test_the_format_of_a_name(name, word):
    assert known_format(name) == word
    assert Source.read({"path": name}).format_of(name) == (word or "csv")
    assert Source.read({"path": name, "format": "excel"}).format_of(name) == "excel"
