"""Any table that is written as JSON or in a sheet comes back, or is refused with a place."""

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.ingest.cells import Missing, Whole
from mlpipe.ingest.json_source import load_json
from mlpipe.ingest.json_text import Decoder, depth, member_texts
from mlpipe.ingest.source import Source
from mlpipe.table.session import Session

NULL = st.none()
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
MOMENTS = st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31))
VALUES = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "string": TEXT,
    "date": st.dates(),
    "decimal(38,9)": st.decimals(-(10**28), 10**28, places=9),
    "timestamp": MOMENTS,
}


def written(value: object) -> object:
    """Return a value as a JSON writer would give it out."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, datetime.date) else value


@pytest.fixture(scope="module")
def engine():
    with TemporaryDirectory() as folder, Session(Path(folder), threads=1) as session:
        yield session


COLUMNS = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=7)


@st.composite
def tables(draw):
    types = draw(COLUMNS)
    row = st.tuples(*(st.one_of(NULL, VALUES[word]) for word in types))
    return types, draw(st.lists(row, min_size=1, max_size=8))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.sampled_from(["jsonl", "json"]), st.booleans(), st.sampled_from([None, 1]))
def test_what_is_written_comes_back(engine, table, word, ascii_only, indent):
    types, rows = table
    names = [f"c{at}" for at in range(len(types))]
    records = [dict(zip(names, map(written, row), strict=True)) for row in rows]
    path = engine.path("data", f".{word}")
    if word == "jsonl":
        text = "".join(json.dumps(one, ensure_ascii=ascii_only) + "\n" for one in records)
    else:
        text = json.dumps(records, ensure_ascii=ascii_only, indent=indent)
    path.write_text(text, encoding="utf-8", newline="")
    source = Source.read({"path": str(path), "types": dict(zip(names, types, strict=True))})
    loaded = load_json("data", source, [path], engine, 0)
    got = engine.raw.execute(loaded.relation()).fetchall()
    assert got == rows
    assert [math.copysign(1, a) for a in floats(got)] == [math.copysign(1, b) for b in floats(rows)]


def floats(rows):
    return [value for row in rows for value in row if isinstance(value, float)]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False)), min_size=1))
def test_undeclared_numbers_come_back_exactly_or_are_refused(engine, values):
    path = engine.path("data", ".jsonl")
    texts = [json.dumps(value) if math.isfinite(value) else "1e999" for value in values]
    path.write_text("".join(f'{{"a": {text}}}\n' for text in texts))
    source = Source.read({"path": str(path)})
    if fits(values):
        loaded = load_json("data", source, [path], engine, 0)
        assert [row[0] for row in engine.raw.execute(loaded.relation()).fetchall()] == values
    else:
        with pytest.raises(DataError) as error:
            load_json("data", source, [path], engine, 0)
        assert error.value.problems[0].key == "a"
        assert f"{path.name}:" in error.value.problems[0].place


def fits(values: list[int | float]) -> bool:
    """Return whether one column holds all values exactly: of integers, or of doubles."""
    if all(isinstance(value, int) for value in values):
        return all(-(2**63) <= value < 2**63 for value in values)
    return all(math.isfinite(value) and float(value) == value for value in values)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXT, inner)),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON), st.sampled_from([None, 0, 3]), st.booleans())
def test_member_texts_are_slices_of_the_text(members, indent, ascii_only):
    raw = json.dumps(members, indent=indent, ensure_ascii=ascii_only)
    texts = member_texts(raw, Decoder())
    assert list(texts) == list(members)
    assert [json.loads(text) for text in texts.values()] == list(members.values())
    assert all(text in raw for text in texts.values())


@given(JSON)
def test_depth_counts_brackets(value):
    deepest = level = 0
    quoted = escaped = False
    for letter in json.dumps(value):
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
            continue
        quoted = letter == '"'
        level += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, level)
    assert depth(value) == deepest


def test_missing_words_only_touch_strings():
    missing = Missing(frozenset({"", "9", "true"}), trim=False)
    texts, kinds = missing.texts([Whole("9"), "9", True, None, ""])
    assert texts == ["9", None, "true", None, None]
    assert kinds == {Whole, bool}
