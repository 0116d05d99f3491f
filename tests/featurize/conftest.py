import pytest

from mlpipe.table.session import Session


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with Session(tmp_path_factory.mktemp("session"), threads=1) as session:
        yield session
