"""A trial on a few rows: what a function returns, and whether the steps can be fitted."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError, Problem, SpecError
from mlpipe.features.pipeline import build, lineage, needed
from mlpipe.features.plan import Input, PythonBlock
from mlpipe.features.python import call
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.features.plan import Plan
    from mlpipe.featurize.spec import Block
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["python_block", "sample_rows", "trial"]

ROWS = 500
NAMES = 12


def sample_rows(train: ir.Table, session: Session) -> pd.DataFrame:
    """Return at most 500 rows of train, evenly spread, in order."""
    every = session.con.to_pyarrow(train.count()).as_py() // ROWS + 1
    rows = train.filter(train[ROW] % every == 0).order_by(ROW).limit(ROWS)
    sample: pd.DataFrame = session.con.to_pyarrow(rows).to_pandas()
    return sample


def python_block(block: Block, plan: Plan, sample: pd.DataFrame, key: str) -> PythonBlock:
    """Return a user's function with its source and the columns that it makes of the sample.

    Raises
    ------
    SpecError
        If the file cannot be read or run, or the function makes no new column.
    ComputeError
        If it fails, or a row's values depend on which other rows are there.
    """
    import pandas as pd

    from mlpipe.features.estimators.typed import Typed

    path, _, function = (block.python or "").rpartition(":")
    source = _source(path, key)
    kinds = {column["name"]: column["kind"] for column in plan["inputs"]}
    frame = Typed(kinds, plan["timezone"]).fit_transform(sample)
    made = call(path, function, source, frame)
    new = [name for name in made.columns if name not in kinds]
    if not new:
        raise SpecError(Problem(f"'{function}' makes no new column", key=key))
    half = call(path, function, source, frame.iloc[::2])
    try:
        pd.testing.assert_frame_equal(half[new], made[new].iloc[::2], check_dtype=False)
    except AssertionError as error:
        raise ComputeError(
            Problem(
                f"'{function}' gives a row other values when other rows are left out",
                key=key,
                hint="it must work on each row by itself; what is learned from rows is a step",
            )
        ) from error
    outputs = [Input(name=str(name), kind=_kind(made[name]), type="python") for name in new]
    planned = PythonBlock(path=path, function=function, source=source, outputs=outputs)
    if block.models is not None:
        planned["models"] = list(block.models)
    return planned


def trial(
    plan: Plan, model: str, sample: pd.DataFrame, columns: Columns, seed: int
) -> dict[str, Any]:
    """Fit a model's features on the sample; say how many come of each column.

    Raises
    ------
    ComputeError
        If they cannot be fitted.
    """
    target = columns.target_name
    rows = sample if target is None else sample[sample[target].notna()]
    if len(rows) < 2 or (target is not None and rows[target].nunique() < 2):
        return {"rows": len(rows), "features": []}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = build(plan, model, seed)
            fitted.fit_transform(
                rows[needed(plan, model)], None if target is None else rows[target]
            )
        except (ValueError, TypeError) as error:
            raise ComputeError(
                Problem(
                    f"the features of '{model}' cannot be fitted: {str(error).splitlines()[0]}",
                    key="featurize",
                )
            ) from error
    counts: dict[str, list[str]] = {}
    for feature, (column, *_) in lineage(fitted).items():
        counts.setdefault(column, []).append(feature)
    return {
        "rows": len(rows),
        "features": [
            {"column": column, "count": len(names), "first": names[:NAMES]}
            for column, names in counts.items()
        ],
        "warnings": sorted({str(one.message).splitlines()[0] for one in caught}),
    }


def _source(path: str, key: str) -> str:
    file = Path(path)
    if not file.is_file():
        raise SpecError(Problem(f"there is no file {file.absolute()}", key=key))
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(Problem(f"{path} cannot be read: {error}", key=key)) from error


def _kind(column: pd.Series[Any]) -> str:
    from pandas.api import types

    if types.is_bool_dtype(column):
        return "boolean"
    if types.is_numeric_dtype(column):
        return "number"
    return "date" if types.is_datetime64_any_dtype(column) else "category"
