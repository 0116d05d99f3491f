"""Which rows of a long file the doctor reads."""

from collections import Counter

import pytest

from mlpipe.table.columns import Columns
from mlpipe.table.sample import STRETCH
from mlpipe.table.session import Session
from mlpipe.validate.doctor.rows import SAMPLED, Parting, Setting, read_rows

ROWS = 30 * STRETCH
BY_TIME = (
    f"CASE WHEN i < {ROWS * 0.9} THEN 'train' WHEN i < {ROWS * 0.97} THEN 'valid' ELSE 'test' END"
)
AT_RANDOM = "['train', 'train', 'valid', 'test', 'out'][1 + (hash(i) % 5)::INT]"


def read(folder, part, threads=2):
    folder.mkdir()
    with Session(folder, threads=threads) as session:
        table, parts = session.path("table"), session.path("parts")
        session.copy(f"SELECT i AS x, i % 2 AS y FROM range({ROWS}) t(i)", table)
        session.copy(f"SELECT i AS _row, {part} AS part FROM range({ROWS}) t(i)", parts)
        told = Setting(
            session.read(parts), Parting(), "binary", dict.fromkeys(("x", "y"), "number")
        )
        return read_rows(session.positioned(table), Columns.read({"target": "y"}), told, session)


@pytest.mark.parametrize(
    ("part", "shares", "of", "places"),
    [
        (BY_TIME, {"train": 0.9, "valid": 0.07, "test": 0.03}, ROWS, 12),
        (AT_RANDOM, {"train": 0.5, "valid": 0.25, "test": 0.25}, 0.8 * ROWS, 8),
    ],
)
def test_the_parts_keep_their_sizes_and_few_places_are_read(tmp_path, part, shares, of, places):
    rows = read(tmp_path / "a", part)
    assert rows.of == pytest.approx(of, rel=0.01)
    assert rows.count == pytest.approx(SAMPLED, rel=0.02)
    found = Counter(rows.parts)
    assert set(found) == set(shares)
    for name, share in shares.items():
        assert found[name] / rows.count == pytest.approx(share, rel=0.05)
    assert len(set(rows.positions // STRETCH)) <= places
    x = rows.columns["x"]
    assert (x.levels.to_numpy()[x.codes] == rows.positions).all()


@pytest.mark.slow
def test_the_rows_do_not_depend_on_the_threads(tmp_path):
    one, two = (read(tmp_path / str(threads), BY_TIME, threads) for threads in (1, 2))
    assert (one.positions == two.positions).all()
    assert (one.parts == two.parts).all()
