from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpipe.table.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path, threads=1) as session:
        yield session
