"""Batch scoring: a finished model, a file in, a file out; nothing is fitted."""

import os
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.bundle import Bundle
from mlpipe.bundle.inputs import absent
from mlpipe.errors import DataError, Problem, SpecError, StoreError
from mlpipe.ingest.other_files import over_other_files
from mlpipe.ingest.spec import Ingest
from mlpipe.run.events import related_to
from mlpipe.run.models import choose
from mlpipe.run.secrets import as_text, revealed
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ibis.expr.types as ir

    from mlpipe.run.engine import Watch
    from mlpipe.table.session import Session

__all__ = ["score"]

FORMATS = (".csv", ".parquet")


def score(
    model: str,
    runs_dir: str,
    registry: str,
    input_: str | None,
    sources: tuple[str, ...],
    output: Path,
    *,
    allow_code: bool,
    allow_pickle: bool,
    trust: tuple[str, ...],
    explain: int = 0,
    watch: "Watch",
) -> dict[str, Any]:
    """Score rows with a model as it is.

    Parameters
    ----------
    model : str
        As for `choose`.
    runs_dir, registry : str
        Where runs and registered models are kept.
    input_ : str or None
        One table in the shape of the training table.
    sources : tuple of str
        ``NAME=PATH``: sources of the spec to read from other files, under the same SQL.
    output : Path
        ``.csv`` or ``.parquet``; replaced as a whole once all rows are scored.
    allow_code : bool
        Whether Python functions that the bundle carries may run.
    allow_pickle : bool
        Whether a bundle whose model was written by joblib may be opened.
    trust : tuple of str
        Packages whose types the bundle may hold, beyond mlpipe's own list.
    explain : int
        So many reasons are given for each row.
    watch : Watch
        Told how far it is.

    Returns
    -------
    dict
        ``model`` (its folder), ``which`` it is, ``output``, ``rows``, ``rejected``,
        ``quarantine`` (a path, or empty), ``left_out``: optional columns that the rows came
        without, and ``ignored``: columns that training did not know.

    Raises
    ------
    SpecError
        For options that do not fit each other, the model or the spec it was trained with.
    DataError
        For rows that do not have the shape of the training table.
    StoreError
        For a bundle that is damaged, or that asks for trust it was not given.
    """
    _check_options(input_, sources, output)
    chosen = choose(model, Path(runs_dir), Path(registry))
    folder = chosen.folder
    bundle = Bundle.load(folder, allow_code=allow_code, allow_pickle=allow_pickle, trust=trust)
    section = _section(bundle, input_, sources)
    _check_is_no_input(output, section)
    if section.python and not allow_code:
        hint = "--allow-code, if you trust where the bundle comes from"
        what = f"the table is shaped by a function that the bundle carries: {section.python}"
        raise StoreError(Problem(what, str(folder), hint=hint))
    with tempfile.TemporaryDirectory() as scratch:
        from mlpipe.table.session import Session

        with Session(Path(scratch)) as session:
            done = _scored(bundle, section, output, session, watch, explain)
    return {"model": str(folder), "which": chosen.words, **done}


def _check_options(input_: str | None, sources: tuple[str, ...], output: Path) -> None:
    if bool(input_) == bool(sources):
        hint = "--input: one table in the training shape; --source: files under the same SQL"
        raise SpecError(Problem("expected either --input or --source", "predict", hint=hint))
    if not output.parent.is_dir():
        raise SpecError(Problem("there is no such folder", str(output.parent)))
    if output.suffix not in FORMATS:
        raise SpecError(
            Problem(f"expected a name that ends in {' or '.join(FORMATS)}", str(output))
        )


def _check_is_no_input(output: Path, section: Ingest) -> None:
    """Refuse to write predictions over the rows that they are about."""
    if not output.exists():
        return
    read = (
        name for pattern in section.paths() for name in [pattern, *glob(pattern, recursive=True)]
    )
    if any(os.path.exists(name) and output.samefile(name) for name in read):
        hint = "name another file: predictions do not hold the columns that they were made from"
        raise SpecError(Problem("is one of the files that are read", str(output), hint=hint))


def _section(bundle: Bundle, input_: str | None, sources: tuple[str, ...]) -> Ingest:
    """Return the section ``ingest`` that the model was trained with, over the files given."""
    trained = Ingest.read(bundle.ingest["ingest"]).unchecked()
    if input_ is not None:
        return over_other_files(trained, {"path": input_}, None)
    named = dict(_pair(source, trained) for source in sources)
    replaced = {name: {"path": path} for name, path in named.items()}
    return over_other_files(trained, {"sources": replaced}, None)


def _pair(source: str, trained: Ingest) -> tuple[str, str]:
    name, equals, path = source.partition("=")
    if not equals or not path:
        raise SpecError(Problem("expected NAME=PATH", f"--source {source}"))
    if name not in trained.sources:
        hint = did_you_mean(name, trained.sources) or f"sources: {', '.join(trained.sources)}"
        raise SpecError(
            Problem(f"the spec has no source '{name}'", f"--source {source}", hint=hint)
        )
    return name, path


def _scored(
    bundle: Bundle,
    section: Ingest,
    output: Path,
    session: "Session",
    watch: "Watch",
    explain: int,
) -> dict[str, Any]:
    from mlpipe.predict.stage import predict

    wanted = related_to(bundle, section)
    read = _read(bundle, section, session, wanted)
    shaped = session.with_positions(read["table"])
    table = predict(
        bundle,
        shaped,
        session,
        keys=[name for name in bundle.columns.keys if name in shaped.columns],
        events={name: read[f"events_{name}"] for name in wanted},
        explain=explain,
        on_progress=watch.advances,
    )
    rows = _write(table, output, session)
    rejected = read["report"]["rejected"]
    quarantine = output.with_suffix(".quarantine.parquet") if rejected else None
    if quarantine is not None:
        _write(read["quarantine"], quarantine, session)
    return {
        "output": str(output),
        "rows": rows,
        "left_out": absent(shaped.columns, bundle.inputs),
        "rejected": rejected,
        "quarantine": str(quarantine or ""),
        "ignored": _ignored(bundle, shaped.columns),
    }


def _read(
    bundle: Bundle,
    section: Ingest,
    session: "Session",
    events: "Mapping[str, Mapping[str, str]]",
) -> dict[str, Any]:
    """Ingest the rows as training did; labels are not asked for."""
    from mlpipe.ingest.stage import ingest

    # Columns that are only reported on or weighed are not needed to score.
    needed = bundle.columns.model_copy(update={"sensitive": (), "weight": None, "kinds": {}})
    variables, code = as_text(bundle.ingest["vars"]), bundle.ingest.get("code")
    with _of_data():
        return ingest(
            revealed(section),
            needed,
            variables,
            session,
            labels=False,
            code=code,
            events=events,
        )


@contextmanager
def _of_data() -> "Iterator[None]":
    """Lay what does not fit the section to the rows: it fitted those that it was trained on."""
    try:
        yield
    except SpecError as error:
        problems = (replace(each, key=each.key.rpartition(".")[2]) for each in error.problems)
        raise DataError(*problems) from None


def _ignored(bundle: Bundle, names: "Sequence[str]") -> list[str]:
    """Return the columns that training did not know, which nothing is made of."""
    known = {column["name"] for column in bundle.ingest["schema"]}
    return [name for name in names if name not in known and name not in RESERVED]


def _write(table: "ir.Table", output: Path, session: "Session") -> int:
    """Write beside the output and rename: a reader sees the old file or the new one."""
    import duckdb

    staged = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if output.suffix == ".csv":
            rows = int(session.con.to_pyarrow(table.count()).as_py())
            table.to_csv(staged)
        else:
            rows = session.write(table, staged)
        staged.replace(output)
    except (OSError, duckdb.IOException) as error:
        message = str(error).splitlines()[0]
        raise StoreError(Problem(f"cannot be written: {message}", str(output))) from error
    finally:
        staged.unlink(missing_ok=True)
    return rows
