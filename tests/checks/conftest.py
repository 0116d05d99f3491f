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
    with Session(tmp_path, threads=2) as session:
        yield session


@pytest.fixture
def found(session: Session) -> Callable[..., list[dict[str, Any]]]:
    """Check a frame by a section; returns the entries of the report that were asked for."""

    def of(data: dict[str, Any], section: dict[str, Any], **given: Any) -> list[dict[str, Any]]:
        frame = pd.DataFrame(data)
        frame.insert(0, ROW, np.arange(len(frame)))
        roles = Columns.read(given.pop("columns", {}))
        path = session.path("table")
        session.write(session.frame(frame), path)
        spec = Validate.read(section)
        report = validate(spec, roles, session.read(path), session, **given)["report"]
        return [each for each in report["checks"] if each["key"]]

    return of
