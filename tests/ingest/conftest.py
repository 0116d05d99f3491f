"""Ingest a few bytes and look at what comes out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.table.columns import Columns
from mlpipe.table.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Session(scratch, threads=2) as session:
        yield session


class Result:
    """The outputs of ingest as frames."""

    def __init__(self, outputs: dict[str, Any], session: Session) -> None:
        self.table = session.with_positions(outputs["table"])
        whole = session.pandas(self.table)
        self.rows = whole["_row"].tolist()
        self.frame: pd.DataFrame = whole.drop(columns="_row")
        self.bad: pd.DataFrame = session.pandas(outputs["quarantine"])
        self.report: dict[str, Any] = outputs["report"]
        self.warnings: list[str] = self.report["warnings"]
        self.types = {column["name"]: column["type"] for column in self.report["columns"]}
        self.kinds = {column["name"]: column["kind"] for column in self.report["columns"]}

    def column(self, name: str) -> list[Any]:
        return [None if pd.isna(value) else value for value in self.frame[name].tolist()]


Read = Callable[..., Result]


@pytest.fixture
def read(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Write bytes to data.csv and ingest them with the given options of the source."""
    monkeypatch.chdir(tmp_path)

    def read(
        content: bytes | None = None,
        *,
        path: str = "data.csv",
        columns: dict[str, Any] | None = None,
        spec: dict[str, Any] | None = None,
        variables: dict[str, str] | None = None,
        labels: bool = True,
        **source: Any,
    ) -> Result:
        if content is not None:
            (tmp_path / path).write_bytes(content)
        section = spec or {"path": path, **source}
        outputs = ingest(
            Ingest.read(section),
            Columns.read(columns or {}),
            variables or {},
            session,
            labels=labels,
        )
        return Result(outputs, session)

    return read
