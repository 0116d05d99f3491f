"""Which rows were seen: exact for few, a sample for many."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlpipe.table.columns import Columns
from mlpipe.table.fingerprints import fingerprints, rows_among
from mlpipe.table.session import Session

KEYED = Columns.read({"key": "id", "target": "y"})
NO_KEY = Columns.read({"target": "y"})


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path) as session:
        yield session


def table(session: Session, ids: Any, **more: Any) -> Any:
    rows = list(ids)
    frame = pd.DataFrame({"_row": range(len(rows)), "id": [f"c{each}" for each in rows], **more})
    return session.frame(frame.assign(y=0))


def test_few_rows_are_told_exactly(session: Session) -> None:
    seen = fingerprints(table(session, range(100)), KEYED, session)
    assert (seen["by"], seen["rows"], seen["below"]) == (["id"], 100, None)
    rows, looked_up = rows_among(seen, table(session, [5, 200, 7]), table(session, []), session)
    assert (rows, looked_up) == ([0, 2], 3)
    assert rows_among(seen, table(session, range(100, 300)), table(session, []), session)[0] == []


def test_of_many_rows_a_sample_tells(session: Session) -> None:
    seen = fingerprints(table(session, range(50_000)), KEYED, session, kept=500)
    assert seen["rows"] == 50_000
    assert len(seen["digests"]) < 6000
    inside, looked_up = rows_among(
        seen, table(session, range(40_000, 60_000)), table(session, []), session
    )
    assert 120 < looked_up < 280  # a hundredth of 20,000
    assert 0.4 < len(inside) / looked_up < 0.6  # half of them were seen
    assert max(inside) < 10_000


def test_the_order_of_rows_changes_nothing(session: Session) -> None:
    there = table(session, range(3000))
    back = table(session, reversed(range(3000)))
    assert fingerprints(there, KEYED, session, 100) == fingerprints(back, KEYED, session, 100)


def test_without_a_key_rows_are_their_content(session: Session) -> None:
    seen = fingerprints(table(session, [1, 1, 2], plan=["a", "b", "a"]), NO_KEY, session)
    assert seen["by"] == ["id", "plan", "y"]
    test = table(session, [1, 2, 1], plan=["b", "b", "a"])
    assert rows_among(seen, test, table(session, [], plan=[]), session)[0] == [0, 2]
    # A row whose like the model under test has learned from as well proves nothing.
    assert rows_among(seen, test, table(session, [1], plan=["a"]), session)[0] == [0]
