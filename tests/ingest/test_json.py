"""Bad inputs 68–71, and everything else that JSON can hold and a table cannot."""

import bz2
import gzip
import json
import lzma
import re

import duckdb
import pyarrow as pa
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest import json_records
from mlpipe.ingest.json_source import load_json
from mlpipe.ingest.source import Source

LINES = b'{"id": 1, "fee": 2.50}\n{"id": 2, "fee": 3}\n'


@pytest.fixture
def lines(read):
    """Ingest JSON lines."""

    def lines(content: bytes | str | None = None, **options):
        content = content.encode() if isinstance(content, str) else content
        return read(content, path=options.pop("path", "data.jsonl"), **options)

    return lines


@pytest.fixture
def listed(lines):
    """Ingest one JSON list."""

    def listed(content: bytes | str, **options):
        return lines(content, path="data.json", **options)

    return listed


def test_an_object_is_a_row_and_json_says_the_types(lines):
    text = (
        '{"a": 1, "b": 1, "c": "x", "d": true, "e": null, "f": "2026-01-01"}\n'
        '{"a": -2, "b": 2.5e1, "c": "", "d": false, "e": null, "f": "2026-01-02"}\n'
    )
    result = lines(text)
    assert result.types == {
        "a": "integer",
        "b": "number",
        "c": "string",
        "d": "boolean",
        "e": "string",
        "f": "string",
    }
    assert result.column("a") == [1, -2]
    assert result.column("b") == [1.0, 25.0]
    assert result.column("c") == ["x", None]
    assert result.column("d") == [True, False]
    assert result.column("e") == [None, None]
    assert result.report["sources"]["data"]["dialect"] == {"format": "jsonl", "encoding": "utf-8"}


def test_a_list_of_objects_reads_the_same(lines, listed):
    rows = [{"id": n, "name": f"é{n}", "fee": n / 3} for n in range(50)]
    one = lines("".join(json.dumps(row) + "\n" for row in rows))
    for indent in (None, 2):
        other = listed(json.dumps(rows, indent=indent))
        assert other.frame.equals(one.frame)
        assert other.types == one.types


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_a_list_reads_the_same_through_any_window(listed, monkeypatch, chunk):
    rows = [{"id": n, "name": "x" * n + '"]}{[' + "é\\"} for n in range(30)]
    monkeypatch.setattr(json_records, "CHUNK", chunk)
    result = listed(" \n" + json.dumps(rows, indent=1) + "\n ")
    assert result.column("name") == [row["name"] for row in rows]


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("data.jsonl.gz", gzip.compress),
        ("data.ndjson.bz2", bz2.compress),
        ("x.jsonl.xz", lzma.compress),
    ],
)
def test_packed_files(lines, name, pack):
    assert lines(pack(LINES), path=name).column("id") == [1, 2]


def test_zstandard(lines, tmp_path):
    with pa.CompressedOutputStream(str(tmp_path / "data.json.zst"), "zstd") as out:
        out.write(b'[{"id": 1}]')
    assert lines(path="data.json.zst").column("id") == [1]


def test_encodings_and_byte_order_marks(lines, listed):
    text = '{"name": "é"}\n'
    assert lines(b"\xef\xbb\xbf" + text.encode()).column("name") == ["é"]
    assert listed(b"\xef\xbb\xbf" + f"[{text}]".encode()).column("name") == ["é"]
    for encoding in ("latin-1", "utf-16", "utf-16-le"):
        assert lines(text.encode(encoding), encoding=encoding).column("name") == ["é"]
    with pytest.raises(DataError, match=r"data\.jsonl:2: is not UTF-8[\s\S]*encoding: latin-1"):
        lines(b'{"name": "e"}\n' + text.encode("latin-1"))
    with pytest.raises(DataError, match=r"data\.json:1: is not UTF-8"):
        listed(f"[{text}]".encode("latin-1"))


def test_blank_lines_are_left_out_with_a_warning(lines):
    result = lines('\n{"id": 1}\n\n \n{"id": 2}')
    assert result.column("id") == [1, 2]
    assert result.warnings == ["data: data.jsonl has 3 blank lines, left out"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id": 2}', "has no key 'fee'; declare `types: {fee: …}` if it may be absent"),
        ('{"id": 2, "fee": 1, "x": 1}', "has key 'x', which the first records have not"),
        ('{"id": 2, "fee": 1, "id": 3}', "has the key 'id' twice"),
        ('{"id": 2, "fee": {"a": 1, "a": 2}}', "has the key 'a' twice"),
        ('{"id": 2, "fee": 1', "is not JSON: expecting ',' delimiter at character 19"),
        ('{"id": 2} {"id": 3}', "is not JSON: extra data at character 11"),
        ("{'id': 2}", "is not JSON: expecting property name enclosed in double quotes at"),
        ("5", "is not an object"),
        ("[1, 2]", "is not an object"),
        ('{"id": 2, "fee": NaN}', "holds NaN, which is no value; declare it in `nulls`"),
        ('{"id": 2, "fee": -Infinity}', "holds -Infinity, which is no value"),
        ('{"id": 2, "fee": "a\\u0000b"}', "holds a NUL byte"),
        ('{"id": 2, "fee": "a\\ud800b"}', "holds half a surrogate pair"),
        ('{"id": 2, "fee": "a\tb"}', "is not JSON: invalid control character"),
    ],
)
def test_case_69_rows_that_do_not_fit_go_to_quarantine(lines, monkeypatch, row, reason):
    monkeypatch.setattr("mlpipe.ingest.json_source.SAMPLE_ROWS", 2)
    content = LINES.decode() + row + '\n{"id": 9, "fee": 9}\n'
    with pytest.raises(DataError) as error:
        lines(content)
    assert re.search(rf"data\.jsonl:3\)(?: fee)?: {re.escape(reason)}", str(error.value))
    result = lines(spec={"path": "data.jsonl", "max_bad_rows": 1})
    assert result.column("id") == [1, 2, 9]
    assert result.bad["line"].tolist() == [3]
    assert result.bad["reason"][0].startswith(reason)
    assert result.report["rejected"] == 1
    if not reason.startswith("holds"):
        assert result.bad["raw"].tolist() == [row]


def test_a_declared_key_may_be_absent(lines):
    text = '{"id": 1, "fee": 2}\n{"id": 2}\n{"fee": 3, "id": 3}\n'
    result = lines(text, types={"fee": "number"})
    assert result.column("fee") == [2.0, None, 3.0]
    late = lines('{"id": 1}\n{"id": 2, "fee": "7"}\n', types={"fee": "integer"})
    assert late.column("fee") == [None, 7]
    with pytest.raises(SpecError, match=r"no column 'fe' in the files\n  hint: .*fee") as error:
        lines(text.replace('{"id": 2}', '{"id": 2, "fee": 1}'), types={"fe": "number"})
    assert error.value.problems[0].key == "ingest.sources.data.types.fe"


def test_a_declared_key_that_only_appears_after_the_sample(lines, monkeypatch):
    monkeypatch.setattr("mlpipe.ingest.json_source.SAMPLE_ROWS", 2)
    text = '{"id": 1}\n{"id": 2}\n{"id": 3, "fee": 4}\n'
    assert lines(text, types={"fee": "integer"}).column("fee") == [None, None, 4]


def test_nulls_are_words_of_strings(lines):
    text = '{"a": "NA", "b": 9, "c": NaN}\n{"a": "x", "b": 8, "c": 1.5}\n'
    result = lines(text, nulls=("NA", "9", "NaN"))
    assert result.column("a") == [None, "x"]
    assert result.column("b") == [9, 8]
    assert result.column("c") == [None, 1.5]
    numbers = lines('{"a": "NA"}\n{"a": 4}\n', nulls=("NA",))
    assert numbers.types == {"a": "integer"}
    assert numbers.column("a") == [None, 4]
    assert lines('{"a": " x "}\n{"a": " "}', trim=True).column("a") == ["x", None]


def test_case_68_nested_values(lines, listed):
    nested = '{"id": 1, "tags": [1, "a"], "home": {"city": "x"}}\n'
    with pytest.raises(SpecError) as error:
        lines(nested, types={"home": "integer"})
    assert [problem.key for problem in error.value.problems] == ["tags", "home"]
    assert "types: {tags: string}" in error.value.problems[0].hint
    kept = '{"b": 1.50,\t"a" : [1,{"x":"\\u00e9,}"} ] , "c":{"z":1}}'
    types = {"a": "string", "c": "string"}
    for result in (lines(kept, types=types), listed(f"[{kept}]", types=types)):
        assert result.column("a") == ['[1,{"x":"\\u00e9,}"} ]']
        assert result.column("c") == ['{"z":1}']
    spec = {
        "sources": {"data": {"path": "data.jsonl", "types": types}},
        "sql": "select c->>'$.z' as z from data",
    }
    assert lines(kept, spec=spec).column("z") == ["1"]


@pytest.mark.parametrize("number", ["1e400", "-1e999"])
def test_case_70_a_number_too_large(lines, listed, number):
    with pytest.raises(DataError, match=r"data\.jsonl:2\) fee: .* is too large for a number"):
        lines(f'{{"fee": 1}}\n{{"fee": {number}}}')
    with pytest.raises(DataError, match=r"data\.json:1\) fee: .* is too large for a number"):
        listed(f'[{{"fee": 1}}, {{"fee": {number}}}]')


@pytest.mark.parametrize("levels", [65, 5_000, 200_000])
def test_case_71_deep_json(lines, listed, levels):
    deep = '{"id": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"
    with pytest.raises(DataError, match=r"data\.jsonl:2: is nested deeper than 64"):
        lines('{"id": "1"}\n' + deep, types={"id": "string"})
    with pytest.raises(DataError, match=r"data\.json:2: is nested deeper than 64"):
        listed('[{"id": "1"},\n' + deep + "]", types={"id": "string"})


def test_64_levels_are_fine(lines):
    inner = "[" * 63 + "]" * 63
    assert lines(f'{{"id": {inner}}}', types={"id": "string"}).column("id") == [inner]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "data.json is an empty list"),
        ("[ \n ]", "data.json is an empty list"),
        ("", "data.json is empty"),
        ("  \n", "data.json is empty"),
        ("5", "data.json:1: is not a JSON list: it begins with '5'"),
        ("\n[1, 2]", "data.json:2: holds '1, 2]' in its list; expected objects only"),
        ('[{"a": 1},\n null]', "data.json:2: holds 'null]' in its list"),
        ('[{"a": 1},\n]', "data.json:2: holds ']' in its list"),
        ('[{"a": 1}\n{"a": 2}]', "data.json:2: expected a comma or the end of the list"),
        ('[{"a": 1},\n{"a": 2}', "data.json:2: expected a comma or the end of the list"),
        ('[{"a": 1},\n{"a": 2', "data.json:2: is not JSON"),
        ('[{"a": 1},\n{"a" 2}]', "data.json:2: is not JSON: expecting ':' delimiter"),
        ('[{"a": 1},', "data.json:1: is not JSON: expecting value"),
        ('[{"a": 1}]\n[', "data.json:2: there is more after the end of the list"),
        ('{"a": 1}\n{"a": 2}', "data.json:1: is an object; expected a list of objects"),
        ("id,fee\n1,2\n", "data.json:1: is not a JSON list: it begins with 'id,fee'"),
    ],
)
def test_lists_that_are_none(listed, content, message):
    with pytest.raises(DataError) as error:
        listed(content)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("{}\n{}\n", "holds no records"),
        ("id,fee\n1,2\n", "is not JSON lines: it begins with 'id,fee'"),
        ('[{"a": 1}]', "declare `format: json`"),
        ("[\n", "declare `format: json`"),
        ('{"a": 1, "A": 2}', "has 'A' twice"),
        ('{"": 1}', "no name for column 1"),
        ('{"_row": 1}', "'_row', which is reserved"),
        ('{"a": 9223372036854775808}', "is over 2^63"),
        ('{"a": 1.5}\n{"a": 9007199254740993}', "is beyond 2^53"),
    ],
)
def test_lines_that_are_none(lines, content, message):
    with pytest.raises(DataError) as error:
        lines(content)
    assert message in str(error.value)


def test_columns_of_mixed_kinds_are_refused_unless_declared(lines):
    text = '{"a": 1, "b": true}\n{"a": "x", "b": 0}\n'
    with pytest.raises(DataError) as error:
        lines(text)
    assert [problem.key for problem in error.value.problems] == ["a", "b"]
    assert "integers (data.jsonl:1) and strings (data.jsonl:2)" in str(error.value)
    result = lines(text, types={"a": "string", "b": "boolean"})
    assert result.column("a") == ["1", "x"]
    assert result.column("b") == [True, False]


def test_declared_types_are_as_exact_as_in_csv(lines):
    text = (
        '{"day": "2026-01-01", "cost": 0.10, "n": "7"}\n'
        '{"day": "2026-02-30", "cost": 1, "n": 1}\n'
        '{"day": "2026-01-01", "cost": 0.105, "n": 1}\n'
        '{"day": "2026-01-01", "cost": 1, "n": 1.0}\n'
        '{"day": "2026-01-01", "cost": 1, "n": true}\n'
    )
    types = {"day": "date", "cost": "decimal(10,2)", "n": "integer"}
    spec = {"sources": {"data": {"path": "data.jsonl", "types": types}}, "max_bad_rows": 4}
    result = lines(text, spec=spec)
    assert [str(value) for value in result.column("cost")] == ["0.10"]
    assert result.bad[["line", "column", "reason"]].values.tolist() == [
        [2, "day", "'2026-02-30' is not a date"],
        [3, "cost", "'0.105' is not a decimal(10,2)"],
        [4, "n", "'1.0' is not an integer"],
        [5, "n", "'true' is not an integer"],
    ]
    assert result.bad["raw"][1] == "day: 2026-01-01, cost: 0.105, n: 1"


def test_a_decimal_comma_is_one_of_strings(lines):
    text = '{"a": "1,5", "b": 1.5}\n{"a": 2.5, "b": 2}\n'
    result = lines(text, types={"a": "number"}, decimal=",")
    assert result.column("a") == [1.5, 2.5]
    assert result.column("b") == [1.5, 2.0]


def test_shards_with_other_keys_are_refused(read, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": 1, "x": 2}\n')
    (tmp_path / "b.jsonl").write_text('{"x": 2, "id": 1}\n')
    result = read(path="*.jsonl", file_column="file")
    assert result.column("id") == [1, 1]
    assert result.column("file") == ["a.jsonl", "b.jsonl"]
    (tmp_path / "b.jsonl").write_text('{"y": 2, "id": 1}\n')
    with pytest.raises(DataError, match=r"different columns: keys that only one has: x, y"):
        read(path="*.jsonl")
    (tmp_path / "b.jsonl").write_text('{"file": 2}\n')
    with pytest.raises(SpecError, match="have a column 'FILE' already"):
        read(path="b.jsonl", file_column="FILE")


def test_names_are_not_for_json(lines):
    with pytest.raises(SpecError, match="keys of JSON are its names"):
        lines(LINES, header=False, names=("a", "b"))


def test_a_record_may_not_be_endless(lines, listed, monkeypatch):
    monkeypatch.setattr(json_records, "MOST_RECORD", 1 << 20)
    monkeypatch.setattr(json_records, "CHUNK", 1 << 16)
    long = '{"a": "' + "x" * (1 << 21) + '"}'
    with pytest.raises(DataError, match=r"data\.jsonl:2: is longer than 1 MiB"):
        lines('{"a": "1"}\n' + long)
    with pytest.raises(DataError, match=r"data\.json:2: is not JSON, or an object of over 1 MiB"):
        listed('[{"a": "1"},\n' + long[:-1])


def test_breaks_say_on_which_line_a_row_stands(session, tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_text('{"a": 1}\n{"a": 2}\n\n{"a": 3}\n{"a": "x"}\n{"a": 4}\n{"a": 5}\n')
    second.write_text('\n{"a": 6}\n{"a": 7}\n')
    source = Source.read({"path": "*.jsonl", "types": {"a": "integer"}})
    loaded = load_json("data", source, [first, second], session, 1)
    assert loaded.rows == 7
    rows = duckdb.sql(f"select * from '{loaded.breaks}'").fetchall()
    assert rows == [
        (0, "a.jsonl", 1),
        (2, "a.jsonl", 4),
        (3, "a.jsonl", 6),
        (5, "b.jsonl", 2),
    ]


def test_changed_while_it_is_read(session, tmp_path, monkeypatch):
    path = tmp_path / "data.jsonl"
    path.write_bytes(LINES)
    copy = session.copy

    def copy_and_grow(query, target, **options):
        path.write_bytes(LINES * 2)
        return copy(query, target, **options)

    monkeypatch.setattr(session, "copy", copy_and_grow)
    with pytest.raises(DataError, match=r"data\.jsonl changed while it was read"):
        load_json("data", Source.read({"path": "data.jsonl"}), [path], session, 0)


def test_staging_takes_subclasses_of_str():
    from mlpipe.ingest.cells import Whole

    assert pa.array([Whole("007"), None], pa.string()).to_pylist() == ["007", None]
