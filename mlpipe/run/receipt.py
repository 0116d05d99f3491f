"""The receipt of a command: enough to answer it again without loading anything.

A receipt lists every file that the answer rests on, with what `stat` said of it, every
variable of the environment that the spec read and every package. While all of it still holds,
the same command has the same answer, and `mlpipe run` with nothing to do takes as long as
`mlpipe --help`. Anything else, a touched file included, goes the long way, which looks at
content. This module imports nothing heavy.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from glob import glob
from hashlib import sha256
from pathlib import Path
from typing import Any

from mlpipe.run.request import Request
from mlpipe.version import __version__

__all__ = ["Receipt", "find", "today", "write"]

Signature = list[int]

# A file changed within this time of its being read could change again unseen.
SETTLED_NS = 2_000_000_000


class Receipt:
    """What an answer rests on.

    Parameters
    ----------
    files : iterable of Path
        Inputs, spec files, user code and mlpipe's own source: they may change at any time.
    kept : iterable of Path
        Files of artifacts, and the run's record: written once, by us.
    patterns : iterable of str
        The globs of the spec; a new match is a changed input.
    environment : mapping
        The variables that the spec read; only their digest is kept.
    packages : iterable of Path
        The metadata folder of each package used; an upgrade replaces it.
    days : iterable of str
        The day (UTC) of the answer, where that depends on it.
    """

    def __init__(
        self,
        files: Iterable[Path],
        kept: Iterable[Path],
        patterns: Iterable[str],
        environment: Mapping[str, str],
        packages: Iterable[Path],
        days: Iterable[str] = (),
    ) -> None:
        self.files = sorted({str(path) for path in files})
        self.kept = sorted({str(path) for path in kept})
        self.patterns = sorted(set(patterns))
        self.environment = sorted(environment)
        self.packages = sorted({str(path) for path in packages})
        self.days = list(days)

    def holds(self) -> dict[str, Any]:
        """Return the state of all of it, to be compared later with ``==``."""
        return {
            "files": {path: _signature(path) for path in self.files},
            "kept": {path: _signature(path) for path in self.kept},
            "patterns": {
                pattern: sorted(glob(pattern, recursive=True)) for pattern in self.patterns
            },
            "environment": {name: _secretly(os.environ.get(name)) for name in self.environment},
            "packages": {path: os.path.isdir(path) for path in self.packages},
            "days": [today()] if self.days else [],
        }


def find(request: Request) -> dict[str, Any] | None:
    """Return the answer to this request, where everything it rests on still holds."""
    try:
        receipt = json.loads(_path(request).read_bytes())
        before, question = receipt["holds"], receipt["question"]
        if question != _question(request) or not _settled(before["files"], receipt["began_ns"]):
            return None
        now = Receipt(*(before[part] for part in before)).holds()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return receipt["answer"] if now == before else None


def write(request: Request, receipt: Receipt, answer: Mapping[str, Any], began_ns: int) -> None:
    """Keep the answer; a store that cannot be written merely goes without.

    Parameters
    ----------
    request, receipt, answer
        What was asked, what the answer rests on, and the answer.
    began_ns : int
        When the command began. A file that changed since then, or shortly before, may have been
        read before it did: it is never trusted.
    """
    path = _path(request)
    document = {
        "question": _question(request),
        "began_ns": began_ns,
        "holds": receipt.holds(),
        "answer": answer,
    }
    try:
        path.parent.mkdir(exist_ok=True)
        staged = path.with_suffix(f".{os.getpid()}")
        staged.write_text(json.dumps(document))
        staged.replace(path)
    except OSError:
        return


def today() -> str:
    """Return the day in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def _question(request: Request) -> dict[str, Any]:
    """Return what else the answer depends on: where, and by whom, it was asked."""
    return {
        "asked": request.digest(),
        "directory": os.getcwd(),
        "mlpipe": __version__,
        "python": sys.version,
        "prefix": sys.prefix,
    }


def _path(request: Request) -> Path:
    return Path(request.runs_dir) / "receipts" / f"{request.digest()[:24]}.json"


def _signature(path: str) -> Signature | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _settled(files: Mapping[str, Signature | None], began_ns: int) -> bool:
    """Whether each file had been quiet for a while when the command began."""
    return all(
        found is None or max(found[3], found[4]) + SETTLED_NS < began_ns for found in files.values()
    )


def _secretly(value: str | None) -> str | None:
    return None if value is None else sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
