"""Cases 39 to 52, 63 and 64: how rows and columns are written."""

import pyarrow as pa

from tests.bad_inputs.words import (
    Case,
    Quarantined,
    Refused,
    Taken,
    csv,
    jsonl,
    parquet,
    sqlite,
    text_only,
)

BINARY = text_only("names and values are stored with their length and type")
DATABASE = text_only("the database gives names and values one by one")
KEYED = text_only("each value stands beside its key")
NUL = "holds a NUL byte"
WIDE = "has 3 fields, and the header 2"


def _long(rows: str, *lines: int, **options: object) -> object:
    return csv(rows, Quarantined(r"has \d fields, and the header \d", lines), **options)


CASES = (
    Case(
        39,
        "byte order mark",
        csv=(csv("\ufeffid,fee\n1,2\n", Taken({"id": [1], "fee": [2]})),),
        parquet=BINARY,
        jsonl=(jsonl('\ufeff{"id": 1}\n', Taken({"id": [1]})),),
        sqlite=DATABASE,
    ),
    Case(
        40,
        "UTF-16",
        csv=(
            *(
                csv("id,name\n1,é\n".encode(word), Refused(3, r"UTF-16[\s\S]*encoding: utf-16"))
                for word in ("utf-16", "utf-16-le", "utf-16-be")
            ),
            csv(
                "id,name\n1,é\n".encode("utf-16"),
                Taken({"name": ["é"]}),
                source={"encoding": "utf-16"},
            ),
        ),
        parquet=BINARY,
        jsonl=(
            jsonl('{"id": "é"}\n'.encode("utf-16"), Refused(3, r"UTF-16[\s\S]*encoding: utf-16")),
            jsonl(
                '{"id": "é"}\n'.encode("utf-16"),
                Taken({"id": ["é"]}),
                source={"encoding": "utf-16"},
            ),
        ),
        sqlite=(
            sqlite(
                "PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x); INSERT INTO t VALUES ('é')",
                Taken({"x": ["é"]}),
            ),
        ),
    ),
    Case(
        41,
        "Latin-1",
        csv=(
            csv(
                "id,name\n1,abc\n2,café\n".encode("latin-1"),
                Refused(3, r"data\.csv:3\): is not UTF-8[\s\S]*encoding: latin-1"),
            ),
            csv(
                "id,name\n2,café\n".encode("latin-1"),
                Taken({"name": ["café"]}),
                source={"encoding": "latin-1"},
            ),
        ),
        parquet=(
            parquet(
                {"x": pa.array([b"abc", b"caf\xe9"]).cast(pa.binary()).view(pa.string())},
                Refused(3, r"data\.parquet.*UTF-?8"),
            ),
        ),
        jsonl=(
            jsonl(
                '{"x": "e"}\n{"x": "é"}\n'.encode("latin-1"),
                Refused(3, r"data\.jsonl:2: is not UTF-8[\s\S]*encoding: latin-1"),
            ),
        ),
        sqlite=(
            sqlite(
                "CREATE TABLE t (x); INSERT INTO t VALUES (CAST(x'636166e9' AS TEXT))",
                Refused(3, "UTF-8"),
            ),
        ),
    ),
    Case(
        42,
        "NUL byte",
        csv=(csv("id,name\n1,a\n2,b\0b\n3,c\n", Quarantined(NUL, (3,))),),
        parquet=(parquet({"id": [1, 2], "name": ["a", "b\0b"]}, Taken({"name": ["a", "b\0b"]})),),
        jsonl=(jsonl('{"x": "a"}\n{"x": "b\\u0000b"}\n', Quarantined(NUL, (2,))),),
        sqlite=(
            sqlite("CREATE TABLE t (x); INSERT INTO t VALUES ('b' || char(0))", Refused(3, "NUL")),
        ),
    ),
    Case(
        43,
        "short row",
        csv=(
            _long("id,name\n1,a\n2\n3,c\n", 3),
            _long('id,name\n1,"a\na"\n\n2\n3,c\n', 5),
            _long("a,b,c\n1,2\n3,4,5\n", 2),
        ),
        parquet=BINARY,
        jsonl=(
            jsonl('{"a": 1, "b": 2}\n{"a": 2}\n', Quarantined("has no key 'b'", (2,))),
            jsonl('{"a": 1, "b": 2}\n{"a": 2, "b": null}\n', Taken({"b": [2, None]})),
        ),
        sqlite=DATABASE,
    ),
    Case(
        44,
        "long row",
        csv=(
            _long("id,name\n1,a\n2,b,c\n3,c\n", 3),
            _long("a,b\n1,2,\n3,4\n", 2),
            _long("a,b\n1,2\n3,4,,\n", 3),
            _long('a,b\n1,2\n3,4,""', 3),
            _long("a,b\r\n1,2,\r\n3,4\r\n", 2),
            _long("a,b\r1,2,\r3,4\r", 2),
            _long("a\n1,\n2\n", 2),
            csv("a,b\n1,\n,\n", Taken({"a": [1, None], "b": [None, None]})),
        ),
        parquet=BINARY,
        jsonl=(
            jsonl('{"a": 1}\n{"a": 2}\n', Taken({"a": [1, 2]})),
            jsonl(
                '{"a": 1}\n' * 30_000 + '{"a": 2, "x": 3}\n',
                Quarantined("has key 'x', which the first records have not", (30_001,)),
            ),
        ),
        sqlite=DATABASE,
    ),
    Case(
        45,
        "every row one field too many",
        csv=(
            csv("id,name\n1,a,\n2,b,\n", Refused(3, r"every row of data\.csv has 3 fields")),
            csv("id,name\n1,a,x\n2,b,y\n", Refused(3, r"every row of data\.csv has 3 fields")),
        ),
        parquet=BINARY,
        jsonl=KEYED,
        sqlite=DATABASE,
    ),
    Case(
        46,
        "duplicate headers",
        csv=tuple(
            csv(f"{header}\n1,2\n", Refused(3, r"data\.csv has '\w+' twice, as columns 1 and 2"))
            for header in ("id,id", "id,ID", 'id,"id"')
        ),
        parquet=(
            parquet(
                pa.table([[1], [2]], names=["id", "id"]),
                Refused(3, r"data\.parquet has a column 'id' that"),
            ),
            parquet(
                pa.table([[1], [2]], names=["id", "ID"]),
                Refused(3, r"data\.parquet has a column 'ID' that"),
            ),
        ),
        jsonl=(jsonl('{"a": 1, "A": 2}\n', Refused(3, "has 'A' twice")),),
        sqlite=(sqlite("", Refused(3, "two columns"), query="SELECT 1 AS v, 2 AS V"),),
    ),
    Case(
        47,
        "blank header",
        csv=tuple(
            csv(f"{header}\n1,2,3\n", Refused(3, r"data\.csv has no name for column"))
            for header in ("id,,x", "id, ,x", ",a,x", 'id,"",x')
        ),
        parquet=(
            parquet(
                pa.table([[1], [2]], names=["id", ""]), Refused(3, "a column '' that is blank")
            ),
        ),
        jsonl=(jsonl('{"": 1}\n', Refused(3, "no name for column 1")),),
        sqlite=(sqlite("", Refused(3, "name"), query='SELECT 1 AS ""'),),
    ),
    Case(
        48,
        "unclosed quote",
        csv=(
            csv('id,name\n1,"abc\n2,def\n3,g\n', Refused(3, r"data\.csv:2\): a quote opens here")),
            csv(
                'id,name\n0,z\n1,"5" pipe"\n3,g\n',
                Refused(3, r"data\.csv:3\): a quote opens here"),
            ),
        ),
        parquet=BINARY,
        jsonl=(jsonl('{"x": "a"}\n{"x": "b}\n{"x": "c"}\n', Quarantined("is not JSON", (2,))),),
        sqlite=DATABASE,
    ),
    Case(
        49,
        "wrong delimiter",
        csv=(
            csv(
                "id;name\n1;a\n",
                Refused(3, r"one column with the delimiter ','[\s\S]*delimiter: ';'"),
                source={"delimiter": ","},
            ),
        ),
        parquet=BINARY,
        jsonl=KEYED,
        sqlite=DATABASE,
    ),
    Case(
        50,
        "CR-only line ends",
        csv=(
            csv("id,name\r1,a\r2,b\r", Taken({"name": ["a", "b"]})),
            csv("id,name\r\n1,a\n2,b\r\n", Refused(3, "line ends are mixed")),
        ),
        parquet=BINARY,
        jsonl=(jsonl('{"id": 1}\r{"id": 2}\r', Refused(3, r"data\.jsonl holds no records")),),
        sqlite=DATABASE,
    ),
    Case(
        51,
        "blank lines",
        csv=(
            csv(
                '\n\nid,name\n1,a\n\n\n2,"b\n\nb"\n\n',
                Taken({"id": [1, 2], "name": ["a", "b\n\nb"]}, warns="5 blank lines"),
            ),
        ),
        parquet=BINARY,
        jsonl=(jsonl('\n{"id": 1}\n\n{"id": 2}', Taken({"id": [1, 2]}, warns="2 blank lines")),),
        sqlite=DATABASE,
    ),
    Case(
        52,
        "no final newline",
        csv=(csv("id,name\n1,a\n2,b", Taken({"name": ["a", "b"]})),),
        parquet=BINARY,
        jsonl=(jsonl('{"id": 1}\n{"id": 2}', Taken({"id": [1, 2]})),),
        sqlite=DATABASE,
    ),
    Case(
        63,
        "no header",
        csv=(
            csv(
                "1,a\n2,b\n",
                Taken({"id": [1, 2], "name": ["a", "b"]}),
                source={"header": False, "names": ["id", "name"]},
            ),
            csv(
                "1,a\n2,b,\n",
                Quarantined(WIDE, (2,)),
                source={"header": False, "names": ["id", "name"]},
            ),
            csv("1,2.5\n2,3.5\n", Taken({"1": [2], "2.5": [3.5]}, warns="header: false")),
        ),
        parquet=BINARY,
        jsonl=KEYED,
        sqlite=DATABASE,
    ),
    Case(
        64,
        "other delimiters",
        csv=(
            *(
                csv(
                    f'id{mark}name\n1{mark}"a{mark}b"\n2{mark}c\n',
                    Taken({"name": [f"a{mark}b", "c"]}),
                    dialect={"delimiter": mark},
                    source=source,
                )
                for mark in (";", "\t", "|")
                for source in ({}, {"delimiter": mark})
            ),
            csv(
                'id, name, fee\n1, "a, b", 2\n2, ?, 3\n',
                Taken({"name": ["a, b", "?"], "fee": [2, 3]}),
                dialect={"skipinitialspace": True},
            ),
            csv("id,name\n1, a\n2,b \n", Taken({"name": [" a", "b "]})),
        ),
        parquet=BINARY,
        jsonl=KEYED,
        sqlite=DATABASE,
    ),
)
