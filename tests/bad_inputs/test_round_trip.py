"""Any table, written by others in each format, comes back as it was, or is refused with a place.

What a format cannot say is said here, and nothing else may differ: CSV and mlpipe's JSON know no
empty text beside a missing one; SQLite has no dates, decimals or booleans, which it keeps as text
and whole numbers.

A longer run: ``MLPIPE_ROUND_TRIPS=2000 python -m pytest tests/bad_inputs/test_round_trip.py -n 0``.
"""

import csv
import json
import os
import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError, SpecError
from mlpipe.table.session import Session
from tests.bad_inputs.taking import taken
from tests.bad_inputs.words import FORMATS, NAMES, made

EXAMPLES = int(os.environ.get("MLPIPE_ROUND_TRIPS", "40"))
WORDS = ["", " ", "NA", "None", "null", "inf", "nan", "true", "1", "007", "1e5", "0x1", "1_0", "-0",
         'a"b', '"', '""', ",", "a,", "a\nb", "\n", "\r\n", " a ", "=1+1", "2026-01-01", "é",
         "e\u0301", "\ufeff", "\u2028", "\\", "'", "{}", "[1]", "\t", "#", ";"]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
VALUES = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "string": TEXT,
    "date": st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    "timestamp": st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    "decimal(12,3)": st.decimals(-999_999_999, 999_999_999, places=3),
}
ARROW = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal(12,3)": pa.decimal128(12, 3),
}


@st.composite
def tables(draw):
    """Draw the types of columns and their rows; the first column numbers the rows."""
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5))
    cells = [st.one_of(st.none(), VALUES[kind]) for kind in kinds]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=8))
    return kinds, [(number, *row) for number, row in enumerate(rows)]


def write_csv(path, names, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        # Python before 3.13 leaves a lone CR bare beside LF line ends, where it ends a line.
        bare = any("\r" in value for row in rows for value in row if isinstance(value, str))
        quoting = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
        writer = csv.writer(file, lineterminator="\n", quoting=quoting)
        writer.writerow(names)
        writer.writerows([[_plain(value) for value in row] for row in rows])


def write_jsonl(path, names, rows):
    lines = [
        json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False)
        for row in rows
    ]
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def write_parquet(path, names, rows, kinds):
    arrays = [
        pa.array(column, ARROW[kind])
        for column, kind in zip(zip(*rows, strict=True), ["integer", *kinds], strict=True)
    ]
    pq.write_table(pa.table(dict(zip(names, arrays, strict=True))), path)


def write_sqlite(path, names, rows):
    con = sqlite3.connect(path)
    con.execute(f"CREATE TABLE t ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    con.executemany(f"INSERT INTO t VALUES ({marks})", [list(map(_plain, row)) for row in rows])
    con.commit()
    con.close()


def _plain(value):
    """Return what the formats of text and SQLite can write."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _expected(value, format_):
    """Return a value as a format can say it."""
    return None if value == "" and format_ in ("csv", "jsonl") else value


def exactly(rows):
    """Return rows that are equal only with their types and the sign of a zero."""
    return [
        [(type(value), repr(value) if isinstance(value, float) else value) for value in row]
        for row in rows
    ]


def came_back(format_, kinds, rows):
    """Write a table, ingest it with its types declared, and return the rows."""
    names = ["n", *(f"c{index}" for index in range(len(kinds)))]
    types = dict(zip(names, ["integer", *kinds], strict=True))
    with TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / NAMES[format_]
        if format_ == "parquet":
            write_parquet(path, names, rows, kinds)
        else:
            {"csv": write_csv, "jsonl": write_jsonl, "sqlite": write_sqlite}[format_](
                path, names, rows
            )
        source = {"types": {} if format_ == "parquet" else types}
        source |= {"query": "SELECT * FROM t"} if format_ == "sqlite" else {}
        source |= {"delimiter": ",", "trim": False} if format_ == "csv" else {}
        (folder / "scratch").mkdir()
        before = Path.cwd()
        os.chdir(folder)
        try:
            with Session(folder / "scratch", threads=1) as session:
                return taken(made(format_, write_csv, None, source=source), folder, session).rows
        finally:
            os.chdir(before)


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_any_table_comes_back_or_is_refused_with_a_place(format_):
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tables())
    def run(table):
        kinds, rows = table
        try:
            found = came_back(format_, kinds, rows)
        except (DataError, SpecError) as error:
            refused = error
        else:
            refused = None
        if refused is not None:
            event("refused")
            for problem in refused.problems:
                assert problem.place or problem.key or NAMES[format_] in problem.message
            return
        event("came back")
        wanted = [tuple(_expected(value, format_) for value in row) for row in rows]
        assert exactly(found) == exactly(wanted)

    run()


@pytest.mark.parametrize("format_", FORMATS)
def test_each_awkward_text_comes_back(format_):
    rows = [(number, word) for number, word in enumerate([*WORDS, None])]
    found = came_back(format_, ["string"], rows)
    assert found == [(number, _expected(word, format_)) for number, word in rows]


@pytest.mark.parametrize("format_", FORMATS)
def test_each_edge_of_a_type_comes_back(format_):
    kinds = ["integer", "number", "boolean", "date", "timestamp", "decimal(12,3)"]
    day, moment = date(2024, 2, 29), datetime(2024, 2, 29, 23, 59, 59, 999_999)
    rows = [
        (0, 2**63 - 1, 5e-324, True, day, moment, Decimal("999999999.999")),
        (1, -(2**63), 1.7976931348623157e308, False, date(1900, 1, 1), moment, Decimal("-0.001")),
        (2, 0, 0.1, None, None, None, None),
    ]
    assert came_back(format_, kinds, rows) == rows
