# ruff: noqa: S608 — columns are quoted by `identifier`; the rest are queries of ours.
"""Answers of customers, read like any source and joined to the rows of the table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.damage import damage_told
from mlpipe.ingest.keys import check_key_types, types_of
from mlpipe.ingest.load import load_source
from mlpipe.ingest.loaded import Loaded
from mlpipe.ingest.source import Source
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.table.session import Session

__all__ = ["Read", "Wanted", "read_answers"]

_SAMPLES = 5
_NUMBERS = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")


@dataclass(frozen=True)
class Wanted:
    """What is asked of a source of answers.

    Attributes
    ----------
    name : str
        For messages.
    key : str
        Where the spec names it.
    source : Source
    join : tuple of str
        The columns of the table and of the answers that say whose answer it is.
    column : str
        The answer.
    range : tuple of int
        The lowest and the highest answer there can be.
    max_bad_rows : int or float
    """

    name: str
    key: str
    source: Source
    join: tuple[str, ...]
    column: str
    range: tuple[int, int]
    max_bad_rows: int | float = 0


@dataclass(frozen=True)
class Read:
    """Answers that were read and joined.

    Attributes
    ----------
    rows : DataFrame
        ``_row``, ``answer`` (NaN for none) and ``customer`` (a code from 0 in the order of the
        rows; -1 where a column of the key is null), by ``_row``.
    facts : dict
        ``answers`` read, of which ``without_answer`` (null), ``repeated`` (an earlier answer of a
        customer), ``unmatched`` (of nobody in the table); ``rejected`` rows and the first of them.
    warnings : tuple of str
        The same, in words, where it is not as one would expect.
    source : Loaded
        What was read; holds the bad rows.
    """

    rows: "pd.DataFrame"
    facts: dict[str, Any]
    warnings: tuple[str, ...]
    source: Loaded


@damage_told()
def read_answers(wanted: Wanted, rows: "ir.Table", session: "Session") -> Read:
    """Read answers and join them to rows; where a customer answered twice, the last one counts.

    Parameters
    ----------
    wanted : Wanted
    rows : ibis table
        ``_row`` and the columns to join on.
    session : Session

    Raises
    ------
    SpecError
        The answers, or the table, have no such column.
    DataError
        They cannot be read exactly, an answer is no number or not on the scale, or a key is of
        another type than in the table.
    """
    loaded = _loaded(wanted, session)
    _check_columns(wanted, loaded.columns, rows.columns)
    table = session.con.compile(rows.select(ROW, *wanted.join))
    answers = f"SELECT * FROM ({loaded.positioned()})"
    theirs = types_of(session, loaded.relation())
    check_key_types(wanted.join, types_of(session, table), theirs, f"the answers of {wanted.name}")
    _check_answers(wanted, answers, theirs[wanted.column], session)
    facts = _facts(wanted, loaded, answers, table, session)
    joined = _joined(wanted, answers, table, session)
    return Read(joined, facts, tuple(_told(facts, loaded)), loaded)


def _loaded(wanted: Wanted, session: "Session") -> Loaded:
    """Read the source; what is wrong with it is told of its own place in the spec."""
    name, most = wanted.name, wanted.max_bad_rows
    try:
        return load_source(name, wanted.source, wanted.key, most, session)
    except (SpecError, DataError) as error:
        raise type(error)(*(_at_its_place(each, wanted) for each in error.problems)) from error


def _at_its_place(problem: Problem, wanted: Wanted) -> Problem:
    usual, own = f"ingest.sources.{wanted.name}", wanted.key
    hint = problem.hint.replace(usual, own).replace("ingest.max_bad_rows", f"{own}.max_bad_rows")
    return replace(problem, key=problem.key.replace(usual, own), hint=hint)


def _check_columns(wanted: Wanted, theirs: Sequence[str], ours: Sequence[str]) -> None:
    problems = []
    for name in (*wanted.join, wanted.column):
        if name not in theirs:
            hint = did_you_mean(name, theirs) or f"columns: {', '.join(theirs)}"
            problems.append(Problem(f"the answers have no column '{name}'", "", wanted.key, hint))
    for name in wanted.join:
        if name not in ours:
            hint = did_you_mean(name, ours) or f"columns: {', '.join(ours)}"
            problems.append(Problem(f"the table has no column '{name}'", "", wanted.key, hint))
    if problems:
        raise SpecError(*problems)


def _check_answers(wanted: Wanted, answers: str, engine: str, session: "Session") -> None:
    """Refuse answers that are not whole numbers of the scale: the score would mean nothing."""
    if not engine.removeprefix("U").startswith(_NUMBERS):
        what = f"'{wanted.column}' is {engine.lower()}; answers are numbers"
        hint = f'name what means no answer: nulls: ["?"], or types: {{{wanted.column}: integer}}'
        raise DataError(Problem(what, key=wanted.key, hint=hint))
    low, high = wanted.range
    column = identifier(wanted.column)
    found = session.raw.execute(
        f"SELECT count(*) OVER () AS rows, CAST({column} AS VARCHAR) FROM ({answers}) "
        f"WHERE NOT ({column} BETWEEN {low} AND {high} AND {column} = round({column})) "
        f"ORDER BY {ROW} LIMIT {_SAMPLES}"
    ).fetchall()
    if found:
        shown = ", ".join(text for _, text in found)
        what = f"{found[0][0]:,} answers are not whole numbers from {low} to {high}: {shown}"
        hint = 'name those that mean no answer: nulls: ["99"]'
        raise DataError(Problem(what, key=f"{wanted.key}: {wanted.column}", hint=hint))


def _facts(
    wanted: Wanted, loaded: Loaded, answers: str, table: str, session: "Session"
) -> dict[str, Any]:
    keys, column = _listed(wanted.join), identifier(wanted.column)
    given = f"SELECT * FROM ({answers}) WHERE {column} IS NOT NULL"
    counts = session.raw.execute(
        f"SELECT (SELECT count(*) FROM ({answers})), (SELECT count(*) FROM ({given})), "
        f"(SELECT count(*) FROM (SELECT DISTINCT {keys} FROM ({given}))), "
        f"(SELECT count(*) FROM ({given}) ANTI JOIN ({table}) USING ({keys}))"
    ).fetchone() or (0, 0, 0, 0)
    every, answered, customers, unmatched = map(int, counts)
    return {
        "files": list(loaded.files),
        "answers": every,
        "without_answer": every - answered,
        "repeated": answered - customers,
        "unmatched": unmatched,
        "rejected": loaded.rejected,
        "rejected_rows": [asdict(row) for row in loaded.bad[:_SAMPLES]],
    }


def _joined(wanted: Wanted, answers: str, table: str, session: "Session") -> "pd.DataFrame":
    keys, column = _listed(wanted.join), identifier(wanted.column)
    missing = " OR ".join(f"{identifier(name)} IS NULL" for name in wanted.join)
    last = (
        f"SELECT {keys}, CAST({column} AS DOUBLE) AS answer FROM ({answers}) "
        f"WHERE {column} IS NOT NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {ROW} DESC) = 1"
    )
    customers = (
        f"SELECT {keys}, row_number() OVER (ORDER BY min({ROW})) - 1 AS customer "
        f"FROM ({table}) WHERE NOT ({missing}) GROUP BY {keys}"
    )
    query = (
        f"SELECT {ROW}, answer, coalesce(customer, -1) AS customer FROM ({table}) "
        f"LEFT JOIN ({customers}) USING ({keys}) LEFT JOIN ({last}) USING ({keys}) ORDER BY {ROW}"
    )
    return session.pandas(session.query(query))


def _told(facts: Mapping[str, Any], loaded: Loaded) -> Iterator[str]:
    yield from loaded.warnings
    if facts["repeated"]:
        yield f"answers followed by a later one of the same customer: {facts['repeated']:,}"
    if facts["unmatched"]:
        yield f"answers that belong to no row: {facts['unmatched']:,} of {facts['answers']:,}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(identifier, names))
