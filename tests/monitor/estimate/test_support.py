import numpy as np
import pandas as pd
import pytest

from mlpipe.monitor.estimate.support import outside
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import profile
from mlpipe.table.session import Session

KINDS = {"x": "number", "s": "category", "many": "category"}
COLUMNS = Columns()


@pytest.fixture
def session(tmp_path):
    with Session(tmp_path, threads=1) as session:
        yield session


@pytest.fixture
def reference(session):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            ROW: np.arange(2000),
            "x": rng.uniform(-1, 1, 2000),
            "s": rng.choice(["a", "b"], 2000),
            "many": [f"v{n % 300}" for n in range(2000)],
        }
    )
    return profile(session.frame(frame), COLUMNS, KINDS, session)


def test_ranges_and_known_values(session, reference):
    frame = pd.DataFrame(
        {
            ROW: np.arange(8),
            "x": [0.5, 3.0, -3.0, np.nan, np.inf, 0.0, 0.0, 0.0],
            "s": ["a", "a", "b", None, "b", "new", "a", "a"],
            "many": ["v1", "v2", "v299", "v0", "v1", "v1", "v300", None],
        }
    )
    flags, counts = outside(reference, session.frame(frame), COLUMNS, session)
    assert flags.tolist() == [False, True, True, False, True, True, True, False]
    assert counts == {"x": 3, "s": 1, "many": 1}


def test_only_columns_that_matter_are_looked_at(session, reference):
    frame = pd.DataFrame({ROW: [0], "x": [9.0], "s": ["a"], "many": ["v1"]})
    known = {**reference, "importance": {"x": 0.0, "s": 0.2}}
    flags, counts = outside(known, session.frame(frame), COLUMNS, session)
    assert (flags.tolist(), counts) == ([False], {})


def test_a_column_that_is_gone_is_not_outside(session, reference):
    flags, _ = outside(reference, session.frame(pd.DataFrame({ROW: [0, 1]})), COLUMNS, session)
    assert flags.tolist() == [False, False]
