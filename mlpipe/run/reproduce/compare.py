"""Two artifacts of one step, by what they say: the same, equal to rounding, or different."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["TOLERANCE", "unequal"]

TOLERANCE = 1e-9
"""How far numbers may be apart, absolutely or as a share of the larger, to count as equal."""

ROWS = 10_000
"""On how many rows two models are held against each other."""

OF_BYTES = ("digest", "files", "libraries")
"""What ``bundle.json`` says of bytes and versions, which are compared elsewhere."""


def unequal(
    old: Path, new: Path, names: Sequence[str], rows: Path | None, trust: Sequence[str]
) -> list[str]:
    """Return the files of an artifact whose values differ by more than the tolerance.

    Parameters
    ----------
    old, new : Path
        The folders of the two artifacts.
    names : sequence of str
        The files whose bytes differ; one may be on one side alone.
    rows : Path or None
        A table of rows for models to predict.
    trust : sequence of str
        Packages whose types the models may hold.
    """
    return [name for name in names if not _equal(old / name, new / name, rows, trust)]


def _equal(old: Path, new: Path, rows: Path | None, trust: Sequence[str]) -> bool:
    if not (old.exists() and new.exists()):
        return False
    if old.suffix == ".json":
        one, two = (json.loads(path.read_bytes()) for path in (old, new))
        if old.name == "bundle.json":
            one, two = ({k: v for k, v in each.items() if k not in OF_BYTES} for each in (one, two))
        return _same(one, two)
    if old.suffix == ".parquet":
        return _same_tables(old, new)
    return old.suffix == ".skops" and rows is not None and _same_models(old, new, rows, trust)


def _same(one: Any, two: Any) -> bool:
    """Compare what JSON can say."""
    import math

    numbers = isinstance(one, int | float) and isinstance(two, int | float)
    if numbers and not isinstance(one, bool) and not isinstance(two, bool):
        return math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_same, one, two))
    return type(one) is type(two) and bool(one == two)


def _same_tables(old: Path, new: Path) -> bool:
    import pyarrow.parquet as pq

    one, two = pq.read_table(old), pq.read_table(new)
    if one.schema != two.schema or one.num_rows != two.num_rows:
        return False
    return all(_same_columns(one[name], two[name]) for name in one.column_names)


def _same_columns(one: Any, two: Any) -> bool:
    import numpy as np
    import pyarrow as pa

    if one.equals(two):
        return True
    if not pa.types.is_floating(one.type):
        return False
    return one.is_null().equals(two.is_null()) and bool(
        np.allclose(one.to_numpy(), two.to_numpy(), TOLERANCE, TOLERANCE, equal_nan=True)
    )


def _same_models(old: Path, new: Path, rows: Path, trust: Sequence[str]) -> bool:
    """Let two models predict the same rows; the files are our own, of the same spec."""
    import numpy as np
    import pyarrow.parquet as pq

    from mlpipe.bundle.model import Model

    one, two = (Model.loads(p.read_bytes(), allow_code=True, trust=trust) for p in (old, new))
    frame = pq.read_table(rows).slice(0, ROWS).to_pandas()
    if one.feature_names() != two.feature_names():
        return False
    was, now = one.scores(frame), two.scores(frame)
    return was.shape == now.shape and bool(
        np.allclose(was, now, TOLERANCE, TOLERANCE, equal_nan=True)
    )
