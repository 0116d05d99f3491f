"""The ingest step: sources in, one table and the rows that are not in it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.assemble import SHAPED, assemble
from mlpipe.ingest.checked import Reference, check_sources, keep_references
from mlpipe.ingest.damage import damage_told
from mlpipe.ingest.files import expand
from mlpipe.ingest.function import source_of, together
from mlpipe.ingest.late import require_target
from mlpipe.ingest.load import load_source, quarantine
from mlpipe.ingest.loaded import Loaded, NoRowsError
from mlpipe.ingest.query import shape
from mlpipe.ingest.related import keep_events
from mlpipe.ingest.schema import check_columns, check_types, unicode_twins
from mlpipe.ingest.spec import Ingest, SqlFile
from mlpipe.table.columns import TAKEN, Columns
from mlpipe.table.kinds import infer_kinds, type_word
from mlpipe.table.session import rows_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["ingest"]


@damage_told()
def ingest(
    spec: Ingest,
    columns: Columns,
    variables: Mapping[str, str],
    session: Session,
    *,
    labels: bool = True,
    current: bool = False,
    code: str | None = None,
    references: tuple[Reference, ...] = (),
    events: Mapping[str, Mapping[str, str]] | None = None,
    given: Loaded | None = None,
) -> dict[str, Any]:
    """Read the sources, shape them, and account for every row.

    Parameters
    ----------
    spec : Ingest
        The section.
    columns : Columns
        The roles of columns, checked against the shaped table.
    variables : mapping of str to str
        ``vars``, bound in SQL as ``$name``.
    session : Session
        Where tables are computed.
    labels : bool
        Whether labels are joined and the target must be there; not when predicting.
    current : bool
        Whether it is current data: its labels may not have come, or have come twice, and no rows
        at all are an answer too.
    code : str, optional
        The text of the file that ``python`` names, where it is not to be read: a bundle's.
    references : tuple of (str, tuple of str)
        Sources and their columns whose distinct values are kept, for checks of `validate`.
    given : Loaded, optional
        The rows, where they were read already and are no file of the user; a key may then stand
        in several of them.
    events : mapping of str to {column: key}, optional
        Sources whose columns are kept whole, for aggregates of `featurize`, and where the spec
        names each.

    Returns
    -------
    dict
        ``table``: the rows; the position of a row in its file is its ``_row``; ``places``: where
        they stand in the user's files, if more than their keys can tell; ``quarantine``: bad rows
        with source, file, line, column, reason, raw; ``report``: rows, rejected, columns, sources,
        warnings; the values of each reference, under the name that `reference_name` gives it;
        and ``events_SOURCE`` of each source of ``events``.

    Raises
    ------
    SpecError
        If the spec names files, columns or SQL that are not there.
    DataError
        If the data cannot be read exactly.
    """
    target = columns.target_name if current else None
    sources = [
        _loaded(name, source, spec.max_bad_rows, session, late=target)
        for name, source in (spec.sources.items() if given is None else ())
    ]
    sources += [given] if given else []
    extra, unlabelled = _labels(spec, session, current=current) if labels else (None, [])
    labels = labels and not unlabelled
    shaped = _shaped(spec, sources, variables, session, code, empty=current)
    if current and extra:
        require_target(extra, shaped.columns, columns)
    names = [*shaped.columns, *(extra.columns if extra else ())]
    check_columns(columns, list(dict.fromkeys(names)), labels=labels)
    made = assemble(spec, shaped, extra, columns, session, late=current, again=bool(given))
    table = session.positioned(made.path)
    check_types(columns, table, session)
    loaded = sources + ([extra] if extra else [])
    rows = rows_in(made.path)
    said = [*unlabelled, *made.warnings]
    report = _report(table, columns, loaded, rows=rows, warnings=said, session=session)
    report |= {"labels": vars(made.labels)} if made.labels else {}
    check_sources(spec, columns, sources, report, session)
    places = {"places": session.read(made.breaks)} if made.breaks else {}
    return {
        "table": session.read(made.path),
        **places,
        "quarantine": quarantine(loaded, session),
        "report": report,
        **keep_references(references, sources, session),
        **keep_events(events or {}, sources, columns, session),
    }


def _loaded(
    name: str, source: Source, most: int | float, session: Session, *, late: str | None
) -> Loaded:
    """Read a source; what it says of the column `late` is no promise that it has come."""
    key = f"ingest.sources.{name}"
    try:
        return load_source(name, source, key, most, session)
    except SpecError as error:
        named = {old for old in (*source.types, *source.rename) if _new(source, old) == late}
        about = {f"{key}.{field}.{old}" for field in ("types", "rename") for old in named}
        if not any(each.key in about for each in error.problems):
            raise
    said = {
        field: {old: word for old, word in getattr(source, field).items() if old not in named}
        for field in ("types", "rename")
    }
    return load_source(name, source.model_copy(update=said), key, most, session)


def _new(source: Source, old: str) -> str:
    return source.rename.get(old, old)


def _labels(spec: Ingest, session: Session, *, current: bool) -> tuple[Loaded | None, list[str]]:
    """Return the labels, and what is said where none have come."""
    if spec.labels is None:
        return None, []
    try:
        found = load_source("labels", spec.labels, "ingest.labels", spec.max_bad_rows, session)
    except NoRowsError as error:
        if not current:
            raise
        return None, [f"there are no labels yet: {error.problems[0]}"]
    return found, []


def _shaped(
    spec: Ingest,
    sources: list[Loaded],
    variables: Mapping[str, str],
    session: Session,
    code: str | None,
    *,
    empty: bool,
) -> Loaded:
    """Return the rows in their shape: the only source as it is, or what SQL or Python makes."""
    if spec.python is not None:
        key = "ingest.python"
        code = source_of(spec.python) if code is None else code
        path = together(spec.python, code, sources, variables, session)
    elif spec.sql is not None:
        key = "ingest.sql.file" if isinstance(spec.sql, SqlFile) else "ingest.sql"
        path = shape(_sql(spec.sql), sources, variables, session, key=key)
    else:
        return sources[0]
    table = session.read(path)
    rows = rows_in(path)
    if not rows and not empty:
        raise DataError(
            Problem(f"{'the function' if spec.python else 'the query'} returned no rows", key=key)
        )
    taken = [name for name in table.columns if name.lower() in TAKEN]
    if taken:
        raise SpecError(Problem(f"returns a column '{taken[0]}', which is reserved", key=key))
    return Loaded(name=SHAPED, paths=(path,), columns=table.columns, rows=rows, files=())


def _sql(sql: str | SqlFile) -> str:
    if isinstance(sql, str):
        return sql
    path = expand(sql.file, "ingest.sql.file")[0]
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(Problem(f"{sql.file} is not UTF-8", key="ingest.sql.file")) from error


def _report(
    table: ir.Table,
    columns: Columns,
    loaded: list[Loaded],
    *,
    rows: int,
    warnings: list[str],
    session: Session,
) -> dict[str, Any]:
    kinds = infer_kinds(session, table, columns)
    schema = table.schema()
    return {
        "rows": rows,
        "rejected": sum(source.rejected for source in loaded),
        "columns": [
            {"name": name, "type": type_word(schema[name]), "kind": kind}
            for name, kind in kinds.items()
        ],
        "sources": {source.name: source.report() for source in loaded},
        "warnings": [text for source in loaded for text in source.warnings]
        + warnings
        + unicode_twins(
            session, table, [name for name, kind in kinds.items() if kind == "category"]
        ),
    }
