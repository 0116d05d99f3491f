from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.table.columns import ROW, Columns
from mlpipe.table.session import Session
from mlpipe.validate.spec import Validate
from mlpipe.validate.stage import validate


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path, threads=1) as session:
        yield session


@pytest.fixture
def report(session: Session) -> Callable[..., dict[str, Any]]:
    """Validate a frame by a section; returns the report."""

    def of(data: dict[str, Any], section: dict[str, Any], **columns: Any) -> dict[str, Any]:
        frame = pd.DataFrame(data)
        frame.insert(0, ROW, np.arange(len(frame)))
        spec, roles = Validate.read(section), Columns.read(columns)
        return validate(spec, roles, session.frame(frame), session)["report"]

    return of
