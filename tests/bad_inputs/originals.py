"""What a source says, read by Python's own modules, and whether a table says the same.

Nothing here is mlpipe's: csv, json, sqlite3 and pyarrow read the file a second time.
"""

import csv
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.bad_inputs.words import NAMES, Input

Row = tuple[int, list[Any]]
"""The line on which a row stands, from 1, and its values."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def originals(entry: Input, folder: Path) -> tuple[list[str], list[Row]]:
    """Return the names of the columns and the rows of a source.

    A record of JSON that is none comes as a row of no values.
    """
    path = folder / (entry.name or NAMES[entry.format])
    if entry.format == "csv":
        return _of_csv(path, entry)
    if entry.format == "jsonl":
        return _of_lines(path, entry.source.get("encoding", "utf-8"))
    if entry.format == "sqlite":
        con = sqlite3.connect(path)
        cursor = con.execute(entry.source["query"])
        rows = [list(row) for row in cursor]
        con.close()
        return [column[0] for column in cursor.description], list(enumerate(rows, 1))
    table = pq.read_table(path)
    rows = [list(row.values()) for row in table.to_pylist()]
    return table.column_names, list(enumerate(rows, 1))


def _of_csv(path: Path, entry: Input) -> tuple[list[str], list[Row]]:
    text = (
        path.read_bytes().decode(entry.source.get("encoding", "utf-8-sig")).removeprefix("\ufeff")
    )
    reader = csv.reader(_LINE.findall(text), **entry.dialect)
    rows, begins = [], 1
    for fields in reader:
        if fields:
            rows.append((begins, fields))
        begins = reader.line_num + 1
    if entry.source.get("header", True):
        return rows[0][1], rows[1:]
    return entry.source["names"], rows


def _of_lines(path: Path, encoding: str) -> tuple[list[str], list[Row]]:
    rows: list[tuple[int, list[tuple[str, Any]]]] = []
    for line, text in enumerate(path.read_bytes().decode(encoding).lstrip("\ufeff").split("\n"), 1):
        if text.strip():
            rows.append((line, _record(text)))
    names = list(dict.fromkeys(name for name, _ in rows[0][1]))
    return names, [(line, _in_order(record, names)) for line, record in rows]


def _record(text: str) -> list[tuple[str, Any]]:
    try:
        pairs: list[tuple[str, Any]] = json.loads(text, object_pairs_hook=list, parse_float=Decimal)
    except json.JSONDecodeError:
        return []
    return pairs if text.lstrip().startswith("{") else []


def _in_order(record: list[tuple[str, Any]], names: Sequence[str]) -> list[Any]:
    """Return the values by the names, or by themselves where the names differ."""
    found = dict(record)
    if len(found) == len(record) and set(found) == set(names):
        return [found[name] for name in names]
    return [value for _, value in record]


def silent_changes(
    table: Sequence[Sequence[Any]],
    names: Sequence[str],
    bad: Sequence[int],
    source: tuple[list[str], list[Row]],
    entry: Input,
) -> list[str]:
    """Return what a table and its quarantine do not say as the source does.

    Parameters
    ----------
    table : sequence of rows
        The rows that were taken, in order.
    names : sequence of str
        The columns of the table.
    bad : sequence of int
        The lines of the rows that went to quarantine.
    """
    wanted, rows = source
    if list(names) != [
        name.strip() if entry.dialect.get("skipinitialspace") else name for name in wanted
    ]:
        return [f"the columns are {list(names)}, not {wanted}"]
    strange = set(bad) - {line for line, _ in rows}
    if strange or len(set(bad)) != len(bad):
        return [f"lines in quarantine that hold no row, or stand twice: {sorted(bad)}"]
    kept = [(line, row) for line, row in rows if line not in bad]
    if len(kept) != len(table):
        return [f"{len(table)} rows were taken, and {len(kept)} are there"]
    return list(_differences(table, names, kept, entry))


def _differences(
    table: Sequence[Sequence[Any]], names: Sequence[str], kept: Sequence[Row], entry: Input
) -> Iterator[str]:
    for found, (line, given) in zip(table, kept, strict=True):
        if len(found) != len(given):
            yield f"line {line}: {len(given)} values became {len(found)}"
            continue
        for name, one, other in zip(names, found, given, strict=True):
            if not same(one, other, entry, declared=name in entry.source.get("types", {})):
                yield f"line {line}: {other!r} became {one!r}"


def same(found: Any, given: Any, entry: Input, *, declared: bool) -> bool:
    """Return whether a value of the table is the value of the source.

    A text with a leading zero is a number only where its column is declared to hold numbers, and
    a whole number is a float only where that holds each of its digits.
    """
    if isinstance(given, str) and (
        entry.dialect.get("skipinitialspace") or entry.source.get("trim")
    ):
        given = given.strip(" ")
    missing = {"", *entry.source.get("nulls", ())} if entry.format in ("csv", "jsonl") else set()
    if given is None or (isinstance(given, str) and given in missing):
        return found is None
    if found is None:
        return False
    if isinstance(found, str) or not isinstance(given, str):
        return _same_kind(found, given)
    if not declared and re.fullmatch(r"[+-]?0[0-9]+", given):
        return False
    return _reads(found, given, entry.source.get("decimal", "."))


def _same_kind(found: Any, given: Any) -> bool:
    if isinstance(given, bool) or isinstance(found, bool):
        return found is given
    if isinstance(found, str) and not isinstance(given, str):
        return found == str(given)
    if isinstance(found, float) and isinstance(given, Decimal):
        return found == float(given)
    return bool(found == given)


def _reads(found: Any, given: str, decimal: str) -> bool:
    """Return whether a value is what a text says."""
    text = given.replace(decimal, ".")
    try:
        if isinstance(found, bool):
            return _BOOLEANS[text.lower()] is found
        if isinstance(found, datetime):
            return datetime.fromisoformat(given) == found
        if isinstance(found, date):
            return date.fromisoformat(given) == found
        whole = re.fullmatch(r"[+-]?[0-9]+", text)
        return bool(int(text) == found if whole else type(found)(text) == found)
    except (KeyError, ValueError, ArithmeticError, TypeError):
        return False
