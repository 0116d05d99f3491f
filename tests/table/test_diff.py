"""A diff finds the edits that were made, all of them and no others."""

import itertools
import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError, SpecError
from mlpipe.monitor.drift import effect
from mlpipe.table.diff.compare import Asked, compare
from mlpipe.table.diff.schema import side
from mlpipe.table.session import Session, literal

NUMBERS = itertools.count()
KEY = Asked(keys=("id",))
TYPES = {"id": pa.int64(), "x": pa.float64(), "s": pa.string(), "n": pa.int32(), "b": pa.bool_()}
CELLS = {
    "x": st.none() | st.floats(),
    "s": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    "n": st.none() | st.integers(-5, 5),
    "b": st.none() | st.booleans(),
}
QUIET = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with Session(tmp_path_factory.mktemp("diff"), threads=2) as session:
        session.raw.execute("SET preserve_insertion_order = false")
        yield session


def table(session, rows, types=TYPES, name="t"):
    """Write rows (dicts) to Parquet and return them as a side."""
    path = session.scratch / f"{next(NUMBERS)}.parquet"
    columns = {each: pa.array([row[each] for row in rows], kind) for each, kind in types.items()}
    pq.write_table(pa.table(columns), path)
    return side(session, name, f"SELECT * FROM read_parquet({literal(str(path))})")


def column(session, values, kind, keys=None):
    rows = [{"id": at, "v": value} for at, value in enumerate(values)]
    return table(session, rows, {"id": pa.int64(), "v": kind})


def same(x, y):
    return x == y or (x != x and y != y and x is not None and y is not None)


@st.composite
def edited(draw):
    """Return rows by key before and after a few edits."""
    ids = draw(st.sets(st.integers(-50, 50), max_size=15))
    row = st.fixed_dictionaries(CELLS)
    before = {each: draw(row) for each in sorted(ids)}
    after = {each: dict(cells) for each, cells in before.items()}
    for each in draw(st.sets(st.sampled_from(sorted(ids)), max_size=5)) if ids else ():
        del after[each]
    for each in draw(st.sets(st.integers(51, 90), max_size=5)):
        after[each] = draw(row)
    for each in draw(st.sets(st.sampled_from(sorted(after)), max_size=8)) if after else ():
        name = draw(st.sampled_from(sorted(CELLS)))
        after[each][name] = draw(CELLS[name])
    return before, after


def listed(rows):
    return [{"id": key, **cells} for key, cells in rows.items()]


@QUIET
@given(edits=edited(), order=st.randoms(use_true_random=False))
def test_the_diff_finds_exactly_the_edits(session, edits, order):
    before, after = edits
    shuffled = listed(after)
    order.shuffle(shuffled)
    path = session.scratch / "rows.parquet"
    asked = Asked(keys=("id",), rows=path)
    found = compare(
        session, table(session, listed(before)), table(session, shuffled), asked, effect
    )
    json.dumps(found, allow_nan=False)
    both = before.keys() & after.keys()
    cells = {
        (key, name)
        for key in both
        for name in CELLS
        if not same(before[key][name], after[key][name])
    }
    rows = found["rows"]
    assert rows["added"] == len(after.keys() - before.keys())
    assert rows["removed"] == len(before.keys() - after.keys())
    assert rows["changed"] == len({key for key, _ in cells})
    assert rows["same"] == len(both) - rows["changed"]
    assert found["equal"] == (not cells and before.keys() == after.keys())
    counts = {each["column"]: each["changed"] for each in found["columns"]}
    assert {name: n for name, n in counts.items() if n} == Counter(name for _, name in cells)
    lines = pq.read_table(path).to_pylist()
    changed = {(line["key_id"], line["column"]) for line in lines if line["change"] == "changed"}
    assert changed == cells
    for change, keys in (("added", after.keys() - both), ("removed", before.keys() - both)):
        written = [line["key_id"] for line in lines if line["change"] == change]
        assert written == sorted(keys)
    firsts = [each["key"]["id"] for each in rows["examples"]["changed"]]
    assert firsts == sorted({key for key, _ in cells})[:5]


@QUIET
@given(edits=edited())
def test_mirrored_it_says_the_same_with_the_roles_swapped(session, edits):
    a, b = (table(session, listed(rows)) for rows in edits)
    one, two = compare(session, a, b, KEY, effect), compare(session, b, a, KEY, effect)
    swapped = {"added": "removed", "removed": "added", "changed": "changed", "same": "same"}
    assert {swapped[each]: one["rows"][each] for each in swapped} == {
        each: two["rows"][each] for each in swapped
    }
    ahead, back = one["rows"]["examples"], two["rows"]["examples"]
    assert (ahead["added"], ahead["removed"]) == (back["removed"], back["added"])
    turned = [
        {**each, "cells": [{**c, "a": c["b"], "b": c["a"]} for c in each["cells"]]}
        for each in back["changed"]
    ]
    assert ahead["changed"] == turned


@QUIET
@given(rows=st.lists(st.fixed_dictionaries({"id": st.integers(0, 2), **CELLS}), max_size=12))
def test_a_table_equals_itself(session, rows):
    unique = list({row["id"]: row for row in rows}.values())
    for content, asked in ((rows, Asked()), (unique, KEY)):
        one = table(session, content)
        two = table(session, list(reversed(content)))
        found = compare(session, one, two, asked, effect)
        assert found["equal"]
        assert not found["columns"]


SMALL = {
    "s": st.none() | st.sampled_from(["a", "b"]),
    "x": st.sampled_from([0.0, 1.5, float("nan")]),
}


@QUIET
@given(sides=st.tuples(*[st.lists(st.fixed_dictionaries(SMALL), max_size=15)] * 2))
def test_without_a_key_rows_are_bags(session, sides):
    types = {"s": pa.string(), "x": pa.float64()}
    path = session.scratch / "bag.parquet"
    a, b = (table(session, rows, types) for rows in sides)
    found = compare(session, a, b, Asked(rows=path), effect)
    one, two = (Counter((row["s"], str(row["x"])) for row in rows) for rows in sides)
    assert found["rows"]["added"] == (two - one).total()
    assert found["rows"]["removed"] == (one - two).total()
    assert found["rows"]["same"] == (one & two).total()
    lines = pq.read_table(path).to_pylist()
    surplus = {"added": Counter(), "removed": Counter()}
    for line in lines:
        surplus[line["change"]][line["key_s"], str(line["key_x"])] += line["times"]
    assert surplus == {"added": two - one, "removed": one - two}


BIG = 2**53
SAME = [
    (pa.int64(), pa.float64(), 5, 5.0, True),
    (pa.int64(), pa.float64(), BIG, float(BIG), True),
    (pa.int64(), pa.float64(), BIG + 1, float(BIG), False),
    (pa.int64(), pa.float64(), 5, 5.5, False),
    (pa.int64(), pa.float64(), 5, float("nan"), False),
    (pa.int64(), pa.float64(), None, float("nan"), False),
    (pa.int64(), pa.float64(), 0, -0.0, True),
    (pa.int8(), pa.int64(), -3, -3, True),
    (pa.float32(), pa.float64(), 0.5, 0.5, True),
    (pa.decimal128(9, 2), pa.int64(), 100, 100, True),
    (pa.decimal128(9, 2), pa.int64(), "100.50", 100, False),
    (pa.decimal128(38, 0), pa.decimal128(38, 37), 10**30, 1, False),
    (pa.decimal128(9, 2), pa.float64(), "0.10", 0.1, True),
    (pa.timestamp("ms"), pa.timestamp("us"), 10_000, 10_000_000, True),
    (pa.timestamp("ms"), pa.timestamp("us"), 10_000, 10_000_001, False),
    (pa.float64(), pa.float64(), float("nan"), float("nan"), True),
    (pa.float64(), pa.float64(), -0.0, 0.0, True),
    (pa.float64(), pa.float64(), None, float("nan"), False),
    (pa.string(), pa.string(), "é", "e\u0301", False),
    (pa.string(), pa.string(), "", None, False),
]


@pytest.mark.parametrize(("kind_a", "kind_b", "x", "y", "equal"), SAME, ids=str)
def test_two_types_meet_by_value(session, kind_a, kind_b, x, y, equal):
    from decimal import Decimal

    x, y = (
        Decimal(value) if pa.types.is_decimal(kind) else value
        for value, kind in ((x, kind_a), (y, kind_b))
    )
    a, b = column(session, [x], kind_a), column(session, [y], kind_b)
    for one, two in ((a, b), (b, a)):
        assert compare(session, one, two, KEY, effect)["rows"]["changed"] == (not equal)
        assert compare(session, one, two, Asked(), effect)["rows"]["added"] == (not equal)
    if not equal or x is None:
        return
    keyed = Asked(keys=("v",))
    assert compare(session, a, b, keyed, effect)["rows"]["same"] == 1


def test_types_that_do_not_meet_are_said_and_not_compared(session):
    a, b = column(session, ["1"], pa.string()), column(session, [1], pa.int64())
    found = compare(session, a, b, KEY, effect)
    assert found["schema"]["retyped"] == [
        {"column": "v", "a": "string", "b": "integer", "compared": False}
    ]
    assert not found["equal"]
    assert not any(found["rows"][each] for each in ("added", "removed", "changed"))
    with pytest.raises(SpecError, match="the key is varchar in t and bigint in t"):
        compare(session, a, b, Asked(keys=("v",)), effect)


def test_columns_that_came_went_and_moved(session):
    row = {"id": 1, "x": 1.0, "s": "a", "n": 1, "b": True}
    a = table(session, [row])
    kinds = {"s": TYPES["s"], "id": pa.int64(), "x": pa.int64(), "new": pa.date32()}
    b = table(session, [{**row, "x": 1, "new": None}], kinds)
    assert compare(session, a, b, KEY, effect)["schema"] == {
        "added": [{"column": "new", "type": "date"}],
        "removed": [{"column": "n", "type": "integer"}, {"column": "b", "type": "boolean"}],
        "retyped": [{"column": "x", "a": "number", "b": "integer", "compared": True}],
        "reordered": True,
    }


INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("x", "y", "near"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (1e12, 1e12 + 1, True),
        (0.0, 1e-10, True),
        (INF, INF, True),
        (INF, 1.0, False),
        (INF, -INF, False),
        (NAN, NAN, True),
        (NAN, 1.0, False),
        (None, 0.0, False),
        (1e308, -1e308, False),
    ],
)
def test_a_tolerance_is_for_finite_floats(session, x, y, near):
    a, b = column(session, [x], pa.float64()), column(session, [y], pa.float64())
    asked = Asked(keys=("id",), tolerance=1e-9)
    assert compare(session, a, b, asked, effect)["equal"] == near
    whole = column(session, [5], pa.int64()), column(session, [6], pa.int64())
    assert not compare(session, *whole, Asked(keys=("id",), tolerance=0.5), effect)["equal"]
    with pytest.raises(SpecError, match="needs a key"):
        compare(session, a, b, Asked(tolerance=1e-9), effect)


def test_a_key_that_does_not_tell_rows_apart_is_refused(session):
    good = table(session, [{"v": "a"}, {"v": "b"}], {"v": pa.string()}, "good.csv")
    bad = table(session, [{"v": "a"}] * 3 + [{"v": "b"}], {"v": pa.string()}, "bad.csv")
    asked = Asked(keys=("v",))
    text = (
        r"v: the key is not unique in bad.csv: 1 keys stand in several rows, such as a \(3 rows\)"
    )
    with pytest.raises(DataError, match=text) as raised:
        compare(session, good, bad, asked, effect)
    assert "--key" in raised.value.problems[0].hint
    hidden = Asked(keys=("v",), hidden=frozenset({"v"}))
    with pytest.raises(DataError) as raised:
        compare(session, bad, good, hidden, effect)
    assert "such as" not in str(raised.value)
    holes = table(session, [{"v": None}], {"v": pa.string()}, "holes.csv")
    with pytest.raises(DataError, match=r"v: the key is missing in 1 rows of holes.csv"):
        compare(session, good, holes, asked, effect)
    with pytest.raises(SpecError, match=r"good\.csv has no column 'w'"):
        compare(session, good, good, Asked(keys=("w",)), effect)


NAMES = ["x", "k0", "a0", "d0", "v0", "here", "change", "times", "side", "sign", "surplus", "n",
         "column", "place", '"', "'; DROP", "{x}", "q", "rows"]  # fmt: skip


@pytest.mark.parametrize("keys", [(), ("k0",), ('"', "{x}")])
def test_names_that_are_ours_or_hostile_are_only_names(session, keys):
    kinds = dict.fromkeys(NAMES, pa.int64()) | {"change": pa.string()}
    rows = [dict.fromkeys(NAMES, at) | {"change": str(at)} for at in range(3)]
    other = [*rows[:2], rows[2] | {"times": 7, "change": "8"}]
    path = session.scratch / "hostile.parquet"
    asked = Asked(keys=keys, rows=path)
    found = compare(
        session, table(session, rows, kinds), table(session, other, kinds), asked, effect
    )
    assert found["rows"]["changed" if keys else "added"] == 1
    assert pq.read_table(path).num_rows == 2
    told = {each["column"] for each in found["columns"]}
    assert {"times", "change"} <= told


def test_hidden_columns_are_redacted_everywhere(session):
    kinds = {"id": pa.string(), "x": pa.int64(), "s": pa.string()}
    a = table(
        session, [{"id": f"secret{n}", "x": 900 + n, "s": f"secret{n}"} for n in range(9)], kinds
    )
    b = table(session, [{"id": f"secret{n}", "x": 950, "s": "secret"} for n in range(3, 12)], kinds)
    for keys in ((), ("id",)):
        asked = Asked(keys=keys, hidden=frozenset({"id", "x", "s"}))
        text = json.dumps(compare(session, a, b, asked, effect)["rows"]["examples"])
        assert "secret" not in text
        assert "950" not in text
        shifts = json.dumps([e["shift"] for e in compare(session, a, b, asked, effect)["columns"]])
        assert "secret" not in shifts
    shown = json.dumps(compare(session, a, b, Asked(), effect))
    assert "secret" in shown


def test_our_own_columns_are_left_out(session):
    rows = [{"_row": at, "_scope": True, "v": at} for at in range(3)]
    kinds = {"_row": pa.int64(), "_scope": pa.bool_(), "v": pa.int64()}
    a = table(session, rows, kinds)
    b = table(session, list(reversed(rows)), {"v": pa.int64()})
    assert compare(session, a, b, Asked(), effect)["equal"]


def test_the_rows_file_is_the_same_bytes_each_time(session):
    a = column(session, list(range(3000)), pa.int64())
    b = column(session, [n + n % 7 for n in range(2900)], pa.int64())
    written = []
    for _ in range(3):
        path = session.scratch / "again.parquet"
        compare(session, a, b, Asked(keys=("id",), rows=path), effect)
        written.append(path.read_bytes())
    assert len(set(written)) == 1


def test_zoned_times_need_no_further_package(session):
    kind = pa.timestamp("us", tz="UTC")
    a, b = column(session, [0, 10**15], kind), column(session, [0, 10**15 + 1], kind)
    found = compare(session, a, b, Asked(keys=("v",)), effect)
    assert found["rows"]["examples"]["added"] == [{"key": {"v": "2001-09-09 01:46:40.000001+00"}}]
