import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlpipe.table import numbers
from mlpipe.table.aspects import measured
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.numbers import SQUARE_BITS, SUM_BITS, counted
from mlpipe.table.profile import count, profile
from mlpipe.table.session import Session

WILD = (math.inf, -math.inf, math.nan, 1e300, -1e300, 5e-324, 0.0, -0.0, 2.0**33, -(2.0**43))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path, threads=1) as session:
        yield session


def dirty(n, seed, size=1.0):
    """Rows in no order of their file, with numbers that no bin was made for."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n) * size
    for value in WILD:
        x[rng.random(n) < 0.02] = value
    files = np.array(["a.csv", "b.csv", "c.csv", None], dtype=object)
    return pd.DataFrame(
        {
            ROW: np.arange(n),
            "x": x,
            "whole": rng.integers(-(2**62), 2**62, n),
            "tiny": rng.normal(size=n) * 1e-310,
            "empty": np.full(n, np.nan),
            "file": rng.choice(files, n),
        }
    )


def by_the_engine(session, table, column, bins):
    """The same counts by the engine's own histogram and casts, one query a column."""
    edges = [-math.inf, *bins["edges"], sys.float_info.max]
    listed = ", ".join(f"'{edge!r}'::DOUBLE" for edge in edges)
    unit, root = 2.0 ** (SUM_BITS - bins["scale"]), 2.0 ** (SQUARE_BITS // 2 - bins["scale"])
    square = f"(x * '{root!r}'::DOUBLE) * (x * '{root!r}'::DOUBLE)"
    whole = f"TRY_CAST(x * '{unit!r}'::DOUBLE AS BIGINT)"
    found = session.raw.execute(
        f"SELECT file, histogram(x, [{listed}]), count({whole}), sum({whole}), "
        f"count(TRY_CAST({square} AS BIGINT)), sum(TRY_CAST({square} AS BIGINT)) "
        f"FROM (SELECT file, nullif({column}::DOUBLE, 'nan'::DOUBLE) AS x FROM {table}) "
        "GROUP BY file"
    ).fetchall()
    return {
        file: (
            [(by_edge or {}).get(edge, 0) for edge in (*edges, math.inf)],
            [int(each or 0) for each in sums],
        )
        for file, by_edge, *sums in found
    }


@pytest.mark.parametrize("batch", [64, 65_536])
def test_a_dirty_table_is_counted_as_the_engine_would(session, monkeypatch, batch):
    monkeypatch.setattr(numbers, "BATCH", batch)
    names = ("x", "whole", "tiny", "empty")
    was = profile(session.frame(dirty(5000, 1)), Columns(), dict.fromkeys(names, "number"), session)
    table = session.frame(dirty(4000, 2, size=1e9))
    now = count(was, table, Columns(), session, every="file", file_column="file")
    for name in names:
        bins = was["bins"][name]["aspects"]["value"]
        expected = by_the_engine(session, table.get_name(), name, bins)
        assert set(expected) == {"a.csv", "b.csv", "c.csv", None}
        for file, chunk in now["chunks"].items():
            found = chunk["columns"][name]
            assert (found["counts"]["value"], found["moments"]["value"]) == expected[file]
        together = [sum(each) for each in zip(*(c for c, _ in expected.values()), strict=True)]
        assert now["columns"][name]["counts"]["value"] == together
        assert now["columns"][name]["nulls"] == 4000 - sum(together)


@pytest.mark.parametrize("periods", [1, 3, 40])
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("size", [1.0, 2.0**3, 2.0**12])
def test_sums_are_those_of_whole_numbers(session, monkeypatch, periods, missing, size):
    """Of values that the bins were made for, and of larger ones, whose squares do not all fit."""
    monkeypatch.setattr(numbers, "BATCH", 9000)
    rng = np.random.default_rng([periods, int(size)])
    frame = pd.DataFrame(
        {"x": rng.normal(size=20_000) * size, "p": rng.integers(0, periods, 20_000)}
    )
    frame.loc[rng.random(len(frame)) < missing, "x"] = np.nan
    bins = {"edges": [-1.0, 0.0, 1.0], "scale": 3}
    source = f"SELECT x, p FROM {session.frame(frame).get_name()}"
    known = pa.array(range(periods))
    (found,) = counted(session, source, [("x", bins)], "p", known)
    unit, root = 2.0 ** (SUM_BITS - 3), 2.0 ** (SQUARE_BITS // 2 - 3)
    for period, part in frame.groupby("p")["x"]:
        values = part.dropna().to_numpy()
        sums, squares = (
            [int(each) for each in np.rint(whole) if each < 2.0**63]
            for whole in (values * unit, (values * root) * (values * root))
        )
        expected = [len(sums), sum(sums), len(squares), sum(squares)]
        assert found.moments[period].tolist() == expected
        expected = np.bincount(np.searchsorted([-1.0, 0.0, 1.0], values), minlength=4)
        assert found.counts[period].tolist() == [0, *expected, 0]


def test_sums_beyond_64_bits_are_exact(session):
    """Ten thousand values near 2^62 each: a sum of 64 bits would have wrapped around."""
    bins = {"edges": [0.0], "scale": SUM_BITS}  # a unit of 1
    source = "SELECT 4611686018427387904::DOUBLE AS x FROM range(10000)"
    (found,) = counted(session, source, [("x", bins)], None, pa.nulls(1))
    assert found.moments.tolist()[0][:2] == [10_000, 10_000 * 2**62]
    assert found.counts.tolist() == [[0, 0, 10_000, 0]]


def test_memory_does_not_follow_the_rows(session, monkeypatch):
    """Batches are no longer than they may be; no more than one is read ahead."""
    lengths = []
    add = numbers._add
    monkeypatch.setattr(
        numbers,
        "_add",
        lambda found, batch, known: (lengths.append(len(batch)), add(found, batch, known)),
    )
    source = "SELECT i::DOUBLE AS x FROM range(400000) t(i)"
    counted(session, source, [("x", {"edges": [1.0], "scale": 20})], None, pa.nulls(1))
    assert sum(lengths) == 400_000
    assert max(lengths) <= numbers.BATCH


PLAIN = {
    "length": "length(t)",
    "tokens": "len(string_split_regex(trim(t), '\\s+'))",
    "digits": "length(regexp_replace(t, '[^0-9]', '', 'g')) / greatest(length(t), 1)",
    "capitals": "length(regexp_replace(t, '[^\\p{Lu}]', '', 'g')) / greatest(length(t), 1)",
    "symbols": "length(regexp_replace(t, '[\\p{L}\\p{N}\\s]', '', 'g')) / greatest(length(t), 1)",
}
TEXTS = st.text(st.sampled_from(" \t\n\r\f\v\u00a0aZé漢Ü١5!-_😀\u0301"), max_size=12) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)


@given(st.lists(TEXTS, min_size=1, max_size=30))
@example(["", " ", "  ", "\t", " a  b ", "a\tb", "a b", "\ta", "a\n"])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_texts_are_measured_as_the_plain_patterns_say(session, texts):
    table = session.frame(pd.DataFrame({ROW: np.arange(len(texts)), "t": texts}))
    (column,) = measured(table, Columns(), {"t": "text"})
    both = ", ".join(
        f"{each.sql} AS a{at}, ({PLAIN[each.name]})::DOUBLE AS b{at}"
        for at, each in enumerate(column.aspects)
        if each.name in PLAIN
    )
    found = session.raw.execute(f"SELECT {both} FROM {table.get_name()} ORDER BY {ROW}")
    for row in found.fetchall():
        assert row[::2] == row[1::2]
    assert set(PLAIN) <= {each.name for each in column.aspects}
