"""The file for node_exporter's textfile collector: read by another process at any time."""

import os
import stat
from pathlib import Path

from mlpipe.disk import explained, sync, write_file
from mlpipe.errors import Problem, SpecError
from mlpipe.monitor.alerts.exposition import OURS

__all__ = ["refuse_foreign", "write_textfile"]

KEY = "monitor.alerts.prometheus"
_MARK = OURS.partition(":")[0].encode()


def refuse_foreign(path: Path) -> None:
    """Refuse to take the place of a file that is not one of ours.

    Raises
    ------
    SpecError
        Where there is something else under that name.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():  # a pipe would wait
            raise SpecError(Problem("is not a regular file", str(path), KEY))
        with path.open("rb") as file:
            begins = file.read(len(_MARK))
    except FileNotFoundError:
        return
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise SpecError(Problem(what, str(path), KEY)) from error
    if begins != _MARK:
        hint = "give it a file of its own; ours begin with # mlpipe"
        raise SpecError(Problem("another file is there already", str(path), KEY, hint))


def write_textfile(path: Path, text: str) -> None:
    """Put the text in place of the last one: whoever reads sees the old one or the new one.

    Raises
    ------
    SpecError
        Where there is another file under that name.
    StoreError
        Where the folder is not there or cannot be written.
    """
    refuse_foreign(path)
    staged = path.with_name(f".{path.name}.{os.getpid()}")  # the collector reads *.prom alone
    with explained("the file for Prometheus cannot be written", path, anywhere=True, option=KEY):
        staged.unlink(missing_ok=True)
        try:
            write_file(staged, text.encode("utf-8"))
            staged.chmod(0o644)  # the collector is another user
            staged.rename(path)
            sync(path.parent)
        finally:
            staged.unlink(missing_ok=True)
