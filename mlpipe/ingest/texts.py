# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""A CSV file as SQL: its fields as text, their casts, and which texts are exactly of their type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.ingest.dialect import Dialect
from mlpipe.ingest.lexical import MARKS, Lexical, lexical
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["CsvFile", "Rules", "failed_rows", "marks_of", "texts_of", "typed"]

MOST_FAILED = 1_000_000


@dataclass(frozen=True)
class CsvFile:
    """One file of a source on its way in: as the user has it, and as plain text.

    Attributes
    ----------
    open_ended : bool
        Whether a line ends in an empty field, which may be one too many.
    overlong : tuple of int
        Positions, among the rows that the engine reads, of those it should not have; see
        `overlong`.
    """

    path: Path
    plain: Path
    label: str
    dialect: Dialect
    lines: int
    nul: bool
    marks: str
    open_ended: bool
    overlong: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rules:
    """How the columns of a source are read."""

    names: tuple[str, ...]
    types: dict[str, str]
    declared: frozenset[str]
    nulls: tuple[str, ...]
    decimal: str
    filled: frozenset[str]

    def of(self, file: CsvFile) -> list[Lexical]:
        """Return the rule of each column, for what the texts of a file may hold."""
        return [
            lexical(
                self.types[name],
                self.decimal,
                inferred=name not in self.declared,
                marks=file.marks,
            )
            for name in self.names
        ]

    def checked(self, file: CsvFile) -> list[tuple[str, Lexical, bool]]:
        """Return the columns in which a text can be wrong: name, rule, whether declared."""
        return [
            (name, rule, name in self.declared)
            for name, rule in zip(self.names, self.of(file), strict=True)
            if rule.type != "string" or file.nul
        ]


def marks_of(dialect: Dialect, found: frozenset[bytes]) -> str:
    """Return the marks that a field may hold; line ends and delimiters only within quotes."""
    quoted = dialect.quote.encode() in found
    within = "\r\n" + dialect.delimiter
    return "".join(
        mark
        for mark in MARKS
        if (quoted if mark in within else mark.encode() in found)
        and not (mark == " " and dialect.trim)
    )


def texts_of(file: CsvFile, nulls: Sequence[str], *, rejects: str = "") -> str:
    """Return SQL of the file's fields as text, t0, t1…, null where missing."""
    words = ", ".join(literal(word) for word in nulls)
    columns = []
    for index in range(len(file.dialect.names)):
        text = f"nullif(trim(c{index}), '')" if file.dialect.trim else f"c{index}"
        text = f"CASE WHEN {text} NOT IN ({words}) THEN {text} END" if nulls else text
        columns.append(f"{text} AS t{index}")
    keep = rejects or "ignore_errors = true"
    reader = f"read_csv({literal(str(file.plain))}, {file.dialect.options()}, {keep})"
    if file.overlong:
        numbered = f"SELECT *, row_number() OVER () - 1 AS n FROM {reader}"
        reader = f"({numbered}) WHERE n NOT IN ({', '.join(map(str, file.overlong))})"
    return f"SELECT {', '.join(columns)} FROM {reader}"


def typed(texts: str, file: CsvFile, source: Source, rules: Rules) -> str:
    """Return SQL of the values of the rows in which every text is what its column says."""
    values = []
    for index, (column, rule) in enumerate(zip(rules.names, rules.of(file), strict=True)):
        values.append(f"{'t' if rule.type == 'string' else 'v'}{index} AS {identifier(column)}")
    if source.file_column:
        values.append(f"{literal(file.label)} AS {identifier(source.file_column)}")
    exact = " AND ".join(_accepted(file, rules).values())
    # Nearly every row passes the cheap tests, which spares it the exact ones.
    usual = " AND ".join(_usually(file, rules).values())
    where = f" WHERE ({usual}) OR ({exact})" if exact else ""
    return f"SELECT {', '.join(values)} FROM ({_cast(texts, file, rules)}){where}"


def _cast(texts: str, file: CsvFile, rules: Rules) -> str:
    """Return SQL of the texts t0, t1… and, where they are no text, of their casts v0, v1…."""
    casts = "".join(
        f", {rule.cast_of(f't{index}')} AS v{index}"
        for index, rule in enumerate(rules.of(file))
        if rule.type != "string"
    )
    return f"SELECT *{casts} FROM ({texts})"


def _accepted(file: CsvFile, rules: Rules) -> dict[str, str]:
    """Return for each text that can be wrong the condition that it is not."""
    index = {name: position for position, name in enumerate(rules.names)}
    tests = {}
    for name, rule, _ in rules.checked(file):
        text = f"t{index[name]}"
        exact = rule.accepts(text, f"v{index[name]}")
        whole = f"NOT contains({text}, chr(0))" if rule.type == "string" else exact
        tests[text] = f"({whole} OR {text} IS NULL)"
    return tests


def _usually(file: CsvFile, rules: Rules) -> dict[str, str]:
    """Return the cheap test of each text that can be wrong; missing values where there are any."""
    tests = _accepted(file, rules)
    for index, (name, rule) in enumerate(zip(rules.names, rules.of(file), strict=True)):
        if f"t{index}" in tests and rule.type != "string":
            usual = rule.usually_accepts(f"t{index}", f"v{index}")
            missing = f"({usual} OR t{index} IS NULL)"
            tests[f"t{index}"] = usual if name in rules.filled else missing
    return tests


def failed_rows(
    file: CsvFile, rules: Rules, session: Session
) -> list[tuple[int, list[str | None]]]:
    """Return the position among the rows that were read, and the wrong texts, of every bad row."""
    tests = _accepted(file, rules)
    if not tests:
        return []
    wrong = ", ".join(
        f"CASE WHEN NOT coalesce({test}, false) THEN {text} END" for text, test in tests.items()
    )
    numbered = (
        f"SELECT row_number() OVER () - 1 AS n, {{texts}} FROM "
        f"({_cast(texts_of(file, rules.nulls), file, rules)})"
    ).replace("{texts}", f"[{wrong}] AS wrong")
    return session.raw.execute(
        f"SELECT n, wrong FROM ({numbered}) WHERE list_any_value(wrong) IS NOT NULL "
        f"ORDER BY n LIMIT {MOST_FAILED}"
    ).fetchall()
