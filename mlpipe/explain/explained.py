"""A model as it is asked about: the columns of rows that it answers to, changed one by one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.model import Model
from mlpipe.features.aggregates import known_reads
from mlpipe.features.expressions import add_expressions, raw_reads
from mlpipe.features.plan import Plan
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.features.plan import LookBackColumn
    from mlpipe.metrics.arrays import Array
    from mlpipe.table.session import Session

__all__ = ["Explained", "columns_read", "groups"]

_AGAINST = frozenset({"difference", "change"})
"""Words of look-back that read the value of the row itself beside an earlier one."""


def columns_read(plan: Plan, target: str | None = None) -> list[str]:
    """Return the columns that rows must have to be asked about, in order.

    Those that the model reads, with what its expressions are made of in place of the expressions;
    and the raw columns whose own value a difference or a change reads.

    Parameters
    ----------
    plan : Plan
        Of the bundle: of the chosen model alone.
    target : str, optional
        Never among them: new rows do not have it.
    """
    sql = raw_reads(plan.get("sql", []))
    found = [column["name"] for column in plan["inputs"]]
    made = _made(plan)
    found += [raw for name in found if name in sql for raw in sql[name]]
    found += [each["column"] for each in plan["look_back"] if _reads_its_own(each, made)]
    return [name for name in dict.fromkeys(found) if name not in sql and name != target]


def groups(plan: Plan, names: "Sequence[str]") -> dict[str, list[str]]:
    """Return the columns that come of each raw column, and move with it.

    A column with what looks back at it; what aggregates make of a column of a source is named
    ``source.column``. What looks back at an expression is a group of its own, named after it.

    Parameters
    ----------
    plan : Plan
    names : sequence of str
        From `columns_read`.
    """
    related = known_reads(plan.get("aggregates", []))
    looks_at = {each["name"]: each["column"] for each in plan["look_back"]}
    found: dict[str, list[str]] = {}
    for name in names:
        raw = looks_at.get(name, name)
        found.setdefault(related[raw][0] if raw in related else raw, []).append(name)
    return found


@dataclass(frozen=True)
class Explained:
    """A fitted model, with what makes its columns of the columns that are changed.

    Attributes
    ----------
    model : Model
    plan : Plan
        Of the chosen model.
    session : Session
        Where expressions are computed.
    """

    model: Model
    plan: Plan
    session: "Session"

    def scores(self, frame: "pd.DataFrame") -> "Array":
        """Return what the model says of rows, shape (n,) or (n, classes).

        Parameters
        ----------
        frame : DataFrame
            The columns of `columns_read`, changed or not; expressions are computed of them.
        """
        return self.model.scores(self._expressed(frame) if self._expresses() else frame)

    def with_value(
        self, frame: "pd.DataFrame", column: str, one: "pd.Series[Any]"
    ) -> "pd.DataFrame":
        """Return the rows as if all had one value of a column.

        The past stays what it was: a lag or a mean of earlier rows does not change with the
        value of today, a difference to an earlier row does.

        Parameters
        ----------
        frame : DataFrame
        column : str
            A raw column.
        one : Series of length 1
            The value, in the type that the column has.
        """
        import numpy as np

        value = one.take(np.zeros(len(frame), int)).set_axis(frame.index)
        found = frame.assign(**{column: value})
        for each in self.plan["look_back"]:
            if each["column"] == column and each["does"] in _AGAINST and each["name"] in frame:
                found[each["name"]] = _against(each["does"], frame, each["name"], column, value)
        return found

    def answers_to(self, column: str) -> bool:
        """Whether a prediction can depend on the row's own value of a column."""
        reads = {name for read in raw_reads(self.plan.get("sql", [])).values() for name in read}
        direct = {each["name"] for each in self.plan["inputs"]} | reads
        against = {e["column"] for e in self.plan["look_back"] if e["does"] in _AGAINST}
        return column in direct | against

    def _expresses(self) -> bool:
        made = {column["name"] for column in self.plan.get("sql", [])}
        return any(column["name"] in made for column in self.plan["inputs"])

    def _expressed(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        rows = self.session.frame(frame.assign(**{ROW: range(len(frame))}))
        made = add_expressions(self.plan, rows, self.session)
        found = self.session.pandas(made.order_by(ROW))
        names = [column["name"] for column in self.plan.get("sql", [])]
        # Thousands of such tables are asked about: each goes before the next one comes.
        self.session.raw.execute(f"DROP TABLE {identifier(rows.get_name())}")
        return frame.assign(**{name: found[name].to_numpy() for name in names})


def _made(plan: Plan) -> set[str]:
    """Return the columns that are computed before anything looks back."""
    aggregates = (one for block in plan.get("aggregates", []) for one in block["columns"])
    return {*(column["name"] for column in plan.get("sql", [])), *(o["name"] for o in aggregates)}


def _reads_its_own(column: "LookBackColumn", made: set[str]) -> bool:
    return column["does"] in _AGAINST and column["column"] not in made


def _against(does: str, frame: "pd.DataFrame", name: str, column: str, value: Any) -> Any:
    """Return a difference or a change of another value, to the earlier one that it tells of."""
    import numpy as np

    old, own, new = (each.astype(float).to_numpy() for each in (frame[name], frame[column], value))
    with np.errstate(divide="ignore", invalid="ignore"):
        if does == "difference":
            return new - (own - old)
        # No value earlier than 0 has a change to it: of one of −1 nothing can be told either.
        earlier = own / (old + 1)
        found = new / earlier - 1
    return np.where(np.isfinite(found), found, np.nan)
