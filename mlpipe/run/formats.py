"""How the outputs of a step become files: the format follows from the type of the value."""

import errno
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import MlpipeError
from mlpipe.run.folders import plain
from mlpipe.run.manifest import Artifact

if TYPE_CHECKING:
    from mlpipe.table.session import Session

__all__ = ["read_json", "write"]


def write(outputs: Mapping[str, Any], folder: Path, session: "Session") -> None:
    """Write each output of a step into a folder.

    A table becomes ``NAME.parquet``, a dict or list ``NAME.json``, bytes and str the file
    ``NAME`` as it is. The same outputs give the same bytes.

    Parameters
    ----------
    outputs : Mapping[str, Any]
        What the step returned, by name.
    folder : Path
        An existing folder.
    session : Session
        The engine the tables belong to.

    Raises
    ------
    MlpipeError
        For a value that JSON cannot say (NaN among them): a bug of the step.
    OSError
        For a fault of the disk, the engine's own complaint about a full one included.
    """
    for name, value in outputs.items():
        plain(name)
        if isinstance(value, dict | list):
            (folder / f"{name}.json").write_text(_json(name, value), encoding="utf-8")
        elif isinstance(value, bytes):
            (folder / name).write_bytes(value)
        elif isinstance(value, str):
            (folder / name).write_text(value, encoding="utf-8", newline="")
        else:
            _write_table(value, folder / f"{name}.parquet", session)


def read_json(artifact: Artifact, name: str) -> Any:
    """Return the output ``name`` of an artifact, written from a dict or list."""
    return json.loads((artifact.path / f"{name}.json").read_bytes())


def _json(name: str, value: Any) -> str:
    try:
        text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise MlpipeError(f"the output {name} cannot be written as JSON: {error}") from error
    return text + "\n"


def _write_table(table: Any, path: Path, session: "Session") -> None:
    import duckdb

    try:
        session.write(table, path)
    except duckdb.IOException as error:
        # DuckDB reports the system's faults in words; only these two can be told from the rest.
        for code, words in ((errno.ENOSPC, "No space left"), (errno.EIO, "Input/output error")):
            if words in str(error):
                raise OSError(code, words, str(path)) from error
        raise
