"""What is known of each column after the scan, and which columns say nothing.

Rows, missing values, the least and the most value are exact. All else is told of every row of a
table up to 200,000 rows (fewer where it is very wide), and of about 50,000 rows of a longer one:
from 8 places evenly spread over it, the same rows each time; the report says of how many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.checks.footer import Known, footer
from mlpipe.checks.result import warning
from mlpipe.table.columns import ROW, SCOPE
from mlpipe.table.plain import plain
from mlpipe.table.sample import spread
from mlpipe.table.session import identifier
from mlpipe.validate.picture import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

    from mlpipe.checks.scan import Scan
    from mlpipe.table.session import Session

__all__ = ["ask_profiles", "degenerate", "discreet"]

SAMPLE = 200_000
PICKED = 50_000
CELLS = 4_000_000
FEWEST = 1_000

Profiles = tuple[list[dict[str, Any]], dict[str, Any]]


def ask_profiles(
    scan: Scan, table: ir.Table, session: Session
) -> Callable[[tuple[Any, ...], int], Profiles]:
    """Ask the scan for a profile of every column.

    What the footer of the table's file knows is not computed again.

    Returns
    -------
    callable
        Takes the answer of the scan and the number of rows; returns a profile a column, and of
        how many rows they are.
    """
    schema = table.schema()
    names = [name for name in table.columns if name not in (ROW, SCOPE)]
    file = session.file_of(table)
    known = footer(file) if file else {}
    places = {name: _ask(scan, identifier(name), schema[name], known.get(name)) for name in names}
    flat = [name for name in names if not (schema[name].is_nested() or schema[name].is_binary())]
    most = min(SAMPLE, max(FEWEST, CELLS // max(len(flat), 1)))

    def read(found: tuple[Any, ...], total: int) -> Profiles:
        exact = {name: _known(found, places[name], known.get(name), total) for name in names}
        all_rows = total <= most or ROW not in table.columns
        chosen = "true" if all_rows else spread(total, min(most, PICKED))
        rows = _rows(flat, chosen, table, session)
        described, count = describe(session, rows, {name: schema[name] for name in flat})
        profile = [
            _profile(name, schema[name], exact[name], described.get(name, {})) for name in names
        ]
        suspects = [] if all_rows else [each for each in profile if _may_be_constant(each)]
        _settle(suspects, table, session)
        return profile, {"rows": count, "sampled": not all_rows}

    return read


def _rows(names: Sequence[str], chosen: str, table: ir.Table, session: Session) -> str:
    listed = ", ".join(identifier(name) for name in names)
    return f"SELECT {listed} FROM ({session.con.compile(table)}) AS t WHERE {chosen}"  # noqa: S608


def _ask(scan: Scan, name: str, kind: dt.DataType, known: Known | None) -> dict[str, int]:
    """Ask for what the footer does not know."""
    asked = {} if known and known.nulls is not None else {"count": scan.add(f"count({name})")}
    if _has_ends(kind) and not (known and known.has_ends):
        asked |= {"min": scan.add(f"min({name})"), "max": scan.add(f"max({name})")}
    return asked


def _has_ends(kind: dt.DataType) -> bool:
    return bool(kind.is_numeric() or kind.is_temporal())


def _known(
    found: tuple[Any, ...], places: dict[str, int], known: Known | None, rows: int
) -> tuple[int, Any, Any]:
    nulls = rows - found[places["count"]] if "count" in places else known.nulls if known else 0
    if "min" in places:
        return int(nulls or 0), found[places["min"]], found[places["max"]]
    return int(nulls or 0), known.low if known else None, known.high if known else None


def _profile(
    column: str, kind: dt.DataType, exact: tuple[int, Any, Any], found: dict[str, Any]
) -> dict[str, Any]:
    nulls, low, high = exact
    ends = _has_ends(kind) and not kind.is_boolean()
    return {
        "column": column,
        "type": str(kind).removesuffix("!"),
        "nulls": nulls,
        "distinct": found.get("distinct"),
        "min": plain(low) if ends else None,
        "max": plain(high) if ends else None,
        "mean": found.get("mean"),
        "quantiles": found.get("quantiles"),
        "picture": found.get("picture"),
    }


def _may_be_constant(profile: dict[str, Any]) -> bool:
    return bool(profile["distinct"] == 1 and profile["nulls"] == 0)


def _settle(suspects: list[dict[str, Any]], table: ir.Table, session: Session) -> None:
    """Ask all rows whether a column that holds one value in the sample holds another."""
    if not suspects:
        return
    names = [identifier(each["column"]) for each in suspects]
    asked = ", ".join(f"min({name}) IS DISTINCT FROM max({name})" for name in names)
    query = f"SELECT {asked} FROM ({session.con.compile(table)}) AS t"  # noqa: S608
    (row,) = session.raw.execute(query).fetchall()
    for each, varies in zip(suspects, row, strict=True):
        each["distinct"] = 2 if varies else 1


def degenerate(profile: list[dict[str, Any]], rows: int) -> list[dict[str, Any]]:
    """Return a warning for each column that is empty or holds one value only."""
    empty = [each["column"] for each in profile if rows and each["nulls"] == rows]
    constant = [each["column"] for each in profile if rows > 1 and _may_be_constant(each)]
    return [
        *(warning("all_null", column, rows, "has no value at all") for column in empty),
        *(
            warning("constant", column, rows, "has the same value in each row")
            for column in constant
        ),
    ]


def discreet(profile: list[dict[str, Any]], hidden: frozenset[str]) -> list[dict[str, Any]]:
    """Leave single values of sensitive columns out of the profile."""
    return [_hushed(each) if each["column"].lower() in hidden else each for each in profile]


def _hushed(profile: dict[str, Any]) -> dict[str, Any]:
    """Keep the shape of the picture; its edges and labels are values."""
    picture = profile["picture"]
    shape = {**picture, "edges": None, "labels": None} if picture else None
    return {**profile, "min": None, "max": None, "quantiles": None, "picture": shape}
