"""The rows that are learned from: their columns, target, weight, and the folds."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.features.pipeline import needed
from mlpipe.metrics.arrays import Array
from mlpipe.table.columns import ROW
from mlpipe.table.folds import fold_pairs
from mlpipe.table.kinds import type_word
from mlpipe.train.compare import check_pairs
from mlpipe.train.ensemble import sensitive_of
from mlpipe.train.fit import Data
from mlpipe.train.inner import InnerFolds
from mlpipe.train.target import Target, read_target
from mlpipe.train.target_transform import TargetTransform, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.features.plan import Plan
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.train.models import AnyModel

__all__ = ["Rows", "read_rows"]

_RIGHT = "_right"
_KNOWN = ["train", "valid"]


@dataclass(frozen=True)
class Rows:
    """Train and valid, in the order of the table.

    Attributes
    ----------
    positions : array of int, shape (n,)
        Their ``_row``.
    data : Data
        What is fitted on.
    target : Target
    train, valid : array of int
        Which of the n rows are which.
    pairs : list of (array, array)
        The folds: what is fitted on, and what is scored.
    types : dict of str to str
        The type of each input column.
    """

    positions: Array
    data: Data
    target: Target
    train: Array
    valid: Array
    pairs: list[tuple[Array, Array]]
    types: dict[str, str]

    @property
    def crossed(self) -> bool:
        """Whether the folds score rows of train, and not those of valid."""
        return len(self.pairs) > 1 or self.pairs[0][1] is not self.valid

    def scored(self) -> Array:
        """Return the rows that the folds score, in the order of the folds."""
        import numpy as np

        return np.concatenate([score for _, score in self.pairs])

    def weight(self, rows: Array) -> Array | None:
        """Return the weights of some rows."""
        return None if self.data.weight is None else self.data.weight[rows]

    def with_model(self, name: str, model: "AnyModel") -> "Rows":
        """Return the same rows, with a candidate as it was chosen: with the best parameters."""
        models = {**self.data.models, name: model}
        return replace(self, data=replace(self.data, models=models))

    def table(self, rows: Array, scores: "dict[str, Array]", session: "Session") -> "ir.Table":
        """Return ``_row``, ``truth``, ``weight`` and the scores of some rows, in order."""
        import numpy as np
        import pandas as pd

        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        weight = self.weight(rows)
        columns = {
            ROW: self.positions[rows],
            "truth": self.data.y[rows],
            **({} if weight is None else {"weight": weight}),
            **{name: score[order] for name, score in scores.items()},
        }
        return session.frame(pd.DataFrame(columns))


def read_rows(
    task: str,
    columns: "Columns",
    plan: "Plan",
    table: "ir.Table",
    parts: "ir.Table",
    session: "Session",
    *,
    folds: tuple[str, int],
    models: "Mapping[str, AnyModel] | None" = None,
    transform: TargetTransform | None = None,
    gap: "timedelta | None" = None,
) -> Rows:
    """Read the rows of train and valid, and check that something can be learned from them.

    Parameters beside those of the train step:

    models : mapping of str to Model, optional
        The candidates.
    transform : TargetTransform, optional
        The scale that the target is learned on.
    gap : timedelta, optional
        ``split.gap``, for folds within a fit.

    Raises
    ------
    DataError
        From the target, the weights or the folds.
    """
    features = [name for model in plan["models"] for name in needed(plan, model)]
    groups = [name for model in models or {} for name in sensitive_of(model, models or {})]
    inputs = list(dict.fromkeys([*features, *groups]))
    frame = _frame(columns, inputs, table, parts, session)
    is_train = (frame["part"] == "train").to_numpy()
    positions = frame[ROW].to_numpy()
    target = read_target(task, columns, frame[columns.target_name], positions, is_train)
    weight = _weight(columns.weight, frame)
    if transform is not None:
        refuse(transform, columns.target_name or "", target.y, positions)
    train, valid = is_train.nonzero()[0], (~is_train).nonzero()[0]
    data = Data(
        frame[inputs],
        target.y,
        weight,
        task,
        len(target.classes),
        target.classes,
        valid,
        _inner(columns.time, frame, folds[0], gap),
        transform,
        models or {},
    )
    pairs = _pairs(frame.iloc[train], train, valid, folds)
    check_pairs(pairs, data)
    schema = table.schema()
    types = {name: type_word(schema[name]) for name in inputs}
    return Rows(positions, data, target, train, valid, pairs, types)


def _frame(
    columns: "Columns",
    inputs: list[str],
    table: "ir.Table",
    parts: "ir.Table",
    session: "Session",
) -> "pd.DataFrame":
    if columns.target_name is None:
        raise SpecError(Problem("there is no target to learn", key="columns.target"))
    roles = (columns.target_name, columns.weight, columns.time)
    names = [ROW, *inputs, *(role for role in roles if role in table.columns)]
    wide = table.select(*dict.fromkeys(names))
    narrow = parts.select(parts[ROW].name(_RIGHT), "part", "fold", "teaches")
    if session.file_of(table) and session.file_of(parts):
        aligned = _aligned(wide, narrow, session)
        if aligned is not None:
            return aligned
    known = narrow.filter(narrow["part"].isin(_KNOWN))
    kept = wide.inner_join(known, wide[ROW] == known[_RIGHT])
    return session.pandas(kept.drop(_RIGHT).order_by(ROW))


def _aligned(wide: "ir.Table", narrow: "ir.Table", session: "Session") -> "pd.DataFrame | None":
    """Read two files row by row, for to match and sort wide rows takes longer than to read them.

    Steps write the rows of a table in its order. None where these are not the same rows.
    """
    both = session.abreast(wide, narrow)
    frame = session.pandas(both.filter(both["part"].isin(_KNOWN)))
    same = frame[ROW].is_monotonic_increasing and frame[ROW].equals(frame[_RIGHT])
    return frame.drop(columns=_RIGHT) if same else None


def _inner(
    time: str | None, frame: "pd.DataFrame", kind: str, gap: "timedelta | None"
) -> InnerFolds:
    """Return what folds within a fit follow from: the folds of train, or the time of rows."""
    import pandas as pd

    fold = frame["fold"].to_numpy(int)
    if kind != "expanding" or time is None or time not in frame.columns:
        return InnerFolds(kind, fold)
    moment = pd.to_datetime(frame[time], utc=True).astype("datetime64[us, UTC]").astype("int64")
    return InnerFolds(kind, fold, moment.to_numpy(), int(gap.total_seconds() * 1e6) if gap else 0)


def _weight(name: str | None, frame: "pd.DataFrame") -> Array | None:
    import numpy as np
    import pandas as pd

    if name is None:
        return None
    weight = pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan)
    bad = ~(weight >= 0) | ~np.isfinite(weight)
    if bad.any():
        shown = ", ".join(map(str, frame[ROW].to_numpy()[bad][:5].tolist()))
        raise DataError(
            Problem(
                f"{int(bad.sum()):,} weights are null, negative or no number (rows {shown})",
                key=name,
                hint="a weight is a number from 0 on",
            )
        )
    if not weight.sum() > 0:
        raise DataError(Problem("all weights are 0", key=name))
    return weight


def _pairs(
    rows: "pd.DataFrame", train: Array, valid: Array, folds: tuple[str, int]
) -> list[tuple[Array, Array]]:
    """Return the folds; without any, train is fitted on and valid scored."""
    kind, count = folds
    if count > 0:
        fold, teaches = (rows[name].to_numpy() for name in ("fold", "teaches"))
        found: Any = fold_pairs(fold, kind, count, teaches)
        return [(train[on], train[score]) for on, score in found]
    if not len(valid):
        raise DataError(
            Problem(
                "there is nothing to compare the models on: no folds, and no valid part",
                key="train.folds",
                hint="train: {folds: 5}, or split: {valid: 0.15}",
            )
        )
    return [(train, valid)]
