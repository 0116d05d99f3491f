"""Fetch one source into a folder and look at what came."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlpipe.ingest.fetch import Before, Fetched, Wanted, fetch
from mlpipe.ingest.source import Source
from tests import servers


class Came:
    """What one fetch gave."""

    def __init__(self, fetched: Fetched, folder: Path) -> None:
        self.fetched = fetched
        self.folder = folder
        self.names = sorted(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )
        self.before = Before(fetched.files, fetched.alike, fetched.answer)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    @property
    def table(self) -> pa.Table:
        return pq.read_table(self.folder / "rows.parquet")

    @property
    def types(self) -> dict[str, str]:
        return {field.name: str(field.type) for field in self.table.schema}

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.table.to_pylist()


Get = Callable[..., Came]


@pytest.fixture
def get(tmp_path: Path) -> Get:
    """Fetch a source; ``before`` is what an earlier fetch came with."""
    numbers = count()

    def get(
        values: dict[str, Any], before: Before | None = None, secrets: tuple[str, ...] = ()
    ) -> Came:
        folder = tmp_path / f"fetched-{next(numbers)}"
        folder.mkdir()
        source = Source.read(values)
        wanted = Wanted(source, "ingest.sources.plans", folder, before, secrets)
        return Came(fetch(wanted), folder)

    return get


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    try:
        with servers.postgresql() as port:
            yield f"postgresql://me:{quote(servers.PASSWORD, safe='')}@127.0.0.1:{port}/postgres"
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    try:
        with servers.mariadb() as port:
            yield f"mysql://me:{quote(servers.PASSWORD, safe='')}@127.0.0.1:{port}/shop"
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def web() -> Iterator[servers.Web]:
    server = servers.Web()
    yield server
    server.close()
