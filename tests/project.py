"""A small project of its own for tests that run the real command line."""

import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SPEC = """\
# a small project
version: 1
name: small
task: binary
seed: 3
columns:
  key: id
  target: {name: left, positive: "yes"}
  sensitive: [gender]
ingest:
  path: data.csv
  types: {id: string}
  max_bad_rows: 2
split: {by: random, test: 0.3}
validate:
  columns:
    age: {min: 18, max: 99}
  checks: [{rows: {min: 50}}]
train:
  models:
    linear: {type: logistic_regression, C: 1.0}
  folds: 3
evaluate:
  metrics: [roc_auc, accuracy]
  gates:
    - {metric: roc_auc, min: 0.55}
"""


def write_project(folder: Path, rows: int = 400, spec: str = SPEC) -> Path:
    """Write ``mlpipe.yaml`` and ``data.csv`` into a folder; the same each time."""
    random_ = random.Random(5)
    lines = ["id,age,plan,gender,left"]
    for number in range(rows):
        age, plan = random_.randint(18, 80), random_.choice(["basic", "plus", "pro"])
        gone = random_.random() < (0.75 if plan == "basic" else 0.2)
        lines.append(f"{number:05d},{age},{plan},{random_.choice('mf')},{'yes' if gone else 'no'}")
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    (folder / "mlpipe.yaml").write_text(spec)
    return folder


def mlpipe(
    folder: Path, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder, as a user does: in a process of its own.

    The process is forked from one that has the libraries loaded already: most of a small run is
    spent on that. Where the environment says something to Python itself, a new one is started.
    """
    command = [sys.executable, "-m", "mlpipe", *arguments]
    given = {**os.environ, **(env or {})}
    if any(name.startswith(ITS_OWN) for name in env or {}):
        return subprocess.run(
            command, cwd=folder, env=given, capture_output=True, text=True, check=False
        )
    with tempfile.TemporaryDirectory() as scratch:
        streams = [os.path.join(scratch, name) for name in ("out", "err")]
        process = _SERVER.Process(target=_command, args=(str(folder), arguments, given, streams))
        process.start()
        process.join()
        said = [Path(stream).read_text(encoding="utf-8") for stream in streams]
    assert process.exitcode is not None
    return subprocess.CompletedProcess(command, process.exitcode, *said)


ITS_OWN = ("PYTHON", "OMP_", "LC_", "LANG")
"""Variables that are read while Python and its libraries start."""

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    ["tests.project", "pandas", "duckdb", "ibis.backends.duckdb", "pyarrow.parquet", "skops.io",
     "sklearn.pipeline", "sklearn.linear_model", "sklearn.ensemble", "sklearn.compose",
     "scipy.stats", "joblib", "matplotlib.figure", "matplotlib.backends.backend_svg", "jinja2",
     "rich.table", "mlpipe.cli.app", "mlpipe.run.execute", "mlpipe.report.page"]
)  # fmt: skip


def _command(
    folder: str, arguments: tuple[str, ...], env: dict[str, str], streams: list[str]
) -> None:
    for number, stream in enumerate(streams, start=1):
        file = os.open(stream, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8") for number in (1, 2))  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, "")
    sys.argv = ["mlpipe", *arguments]
    from mlpipe.cli import main

    main()


def run_json(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run a verb with ``--json`` and return its document."""
    done = mlpipe(folder, *arguments, "--json")
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def statuses(document: dict[str, Any]) -> dict[str, str]:
    """Return the status of each step of a ``--json`` document."""
    return {step["step"]: step["status"] for step in document["steps"]}


def reasons(document: dict[str, Any]) -> dict[str, str]:
    """Return the reason of each step of a ``--json`` document."""
    return {step["step"]: step["why"] for step in document["steps"]}
