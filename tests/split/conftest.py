"""Split a frame and look at what comes out."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from mlpipe.split.spec import Split
from mlpipe.split.stage import split
from mlpipe.table.columns import Columns
from mlpipe.table.session import Session


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(tmp_path_factory.mktemp("scratch"), threads=2) as session:
        yield session


Parted = Callable[..., tuple[pd.DataFrame, dict[str, Any]]]


@pytest.fixture(scope="session")
def parted(session: Session) -> Parted:
    """Return the frame with its parts and folds beside it, and the report."""

    def parted(
        frame: pd.DataFrame,
        spec: dict[str, Any],
        columns: dict[str, Any] | None = None,
        *,
        folds: int = 0,
        seed: int = 7,
    ) -> tuple[pd.DataFrame, dict[str, Any]]:
        rows = frame.reset_index(drop=True)
        rows.insert(0, "_row", range(len(rows)))
        table = session.frame(rows)
        outputs = split(Split.read(spec), Columns.read(columns or {}), folds, seed, table, session)
        parts = session.pandas(outputs["parts"])
        assert parts["_row"].tolist() == rows["_row"].tolist()
        for name in ("fold", "teaches"):
            assert parts.dtypes.astype(str).to_dict()[name] == "int16"
            assert (parts.loc[parts["part"] != "train", name] == -1).all()
        found = {name: parts[name] for name in ("part", "fold", "teaches")}
        return rows.assign(**found), outputs["report"]

    return parted
