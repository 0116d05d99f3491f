"""Count checks over a table, and show the first rows that fail each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.checks.failing import examples
from mlpipe.checks.footer import answered, footer
from mlpipe.checks.places import located
from mlpipe.checks.result import example, result
from mlpipe.checks.scan import Count, Scan, counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.checks.check import Check
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["EXAMPLES", "Findings", "run"]

EXAMPLES = 5
"""Example rows of a failing check, where the spec does not say otherwise."""

Findings = tuple[list[dict[str, Any]], tuple[Any, ...]]


def run(
    checks: Sequence[Check],
    columns: Columns,
    table: ir.Table,
    session: Session,
    *,
    scan: Scan | None = None,
    places: str = "",
    most: int = EXAMPLES,
) -> Findings:
    """Count all checks in one scan; a second one finds examples of those that failed.

    Parameters
    ----------
    checks : sequence of Check
        As `bind` returns them.
    columns : Columns
        Its keys locate the examples; values of its sensitive columns are not shown.
    table : ibis table
        The table, with ``_row``.
    session : Session
        Where the table lives.
    scan : Scan, optional
        What else is to be computed in the same scan.
    places : str
        SQL of where rows came from, as `located` takes it; empty where it is not known.
    most : int
        How many rows are shown of a check that failed.

    Returns
    -------
    tuple
        The results in the order of the checks, and all that the scan found.
    """
    hidden = frozenset(name.lower() for name in columns.sensitive)
    file = session.file_of(table)
    known = footer(file) if file else {}
    answers = [answered(check, known) for check in checks]
    counted, found = counts(checks, scan or Scan(), session, table, answers)
    results = [result(check, each, hidden) for check, each in zip(checks, counted, strict=True)]
    failed = [
        at for at, each in enumerate(results) if each["status"] != "passed" and checks[at].condition
    ]
    there = {name.lower() for name in table.columns}
    keys = [key for key in columns.keys if key.lower() in there]
    source = str(session.con.compile(table))
    shown = examples(session, source, [checks[at] for at in failed], keys, most)
    where = _where(shown, places, session)
    for at, (failing, records) in zip(failed, shown, strict=True):
        exact = Count(counted[at].rows, failing, counted[at].observed)
        picks = [
            example(each, checks[at].shown, keys, hidden, where.get(each["_row"]))
            for each in records
        ]
        results[at] = {**result(checks[at], exact, hidden), "examples": picks}
    return results, found


def _where(
    shown: Sequence[tuple[int, list[dict[str, Any]]]], places: str, session: Session
) -> dict[int, tuple[str, int]]:
    rows = [record["_row"] for _, records in shown for record in records]
    return located(rows, places, session) if places else {}
