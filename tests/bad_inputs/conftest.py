from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpipe.table.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Session(scratch, threads=2) as session:
        yield session
