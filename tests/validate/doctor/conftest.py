from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.table.columns import ROW, Columns
from mlpipe.table.kinds import infer_kinds
from mlpipe.table.session import Session
from mlpipe.validate.doctor.rows import Parting, Rows, Setting, read_rows


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path, threads=1) as session:
        yield session


@pytest.fixture
def setting(session: Session) -> Callable[..., tuple[Any, Columns, Setting]]:
    """Put a frame and the part of each row into a session; all are train where none is given."""

    def of(data: Any, *, part: Any = "train", by: str = "random", task: str = "binary", **roles):
        frame = pd.DataFrame(data)
        frame.insert(0, ROW, np.arange(len(frame)))
        table, columns = session.frame(frame), Columns.read(roles)
        parts = session.frame(pd.DataFrame({ROW: frame[ROW], "part": part}))
        kinds = infer_kinds(session, table, columns)
        return table, columns, Setting(parts, Parting(by), task, kinds)

    return of


@pytest.fixture
def rows(session: Session, setting: Callable[..., Any]) -> Callable[..., Rows]:
    """Read a frame as the doctor does."""

    def of(data: Any, **given: Any) -> Rows:
        table, columns, told = setting(data, **given)
        return read_rows(table, columns, told, session)

    return of
