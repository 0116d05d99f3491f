"""A small project whose rows and spec a case spoils, and the real command line over it."""

import os
import random
import signal
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from mlpipe.cli import app
from mlpipe.spec.dump import flow

COLUMNS = {"key": "id", "target": {"name": "left", "positive": "yes"}}
SPEC: dict[str, Any] = {
    "version": 1,
    "name": "spoiled",
    "task": "binary",
    "seed": 3,
    "columns": COLUMNS,
    "ingest": {"path": "data.csv", "types": {"id": "string", "age": "integer", "paid": "number"}},
    "split": {"by": "random", "test": 0.3},
    "train": {"models": {"m": {"type": "logistic_regression"}}, "folds": 2},
    "evaluate": {"metrics": ["roc_auc", "accuracy"]},
}
HEAD = ["id", "age", "paid", "plan", "left"]


def rows(count: int = 120) -> list[dict[str, str]]:
    """Return rows that something can be learned from, the same each time."""
    drawn = random.Random(5)
    found = []
    for number in range(count):
        plan = drawn.choice(["basic", "plus", "pro"])
        gone = drawn.random() < (0.75 if plan == "basic" else 0.2)
        values = [f"{number:05d}", str(drawn.randint(18, 80)), f"{drawn.uniform(0, 90):.2f}", plan]
        found.append(dict(zip(HEAD, [*values, "yes" if gone else "no"], strict=True)))
    return found


def write(folder: Path, table: list[dict[str, str]], **sections: Any) -> None:
    """Write the spec with some sections of its own, and the rows."""
    head = list(dict.fromkeys(name for row in table for name in row)) or HEAD
    lines = [",".join(head), *(",".join(row.get(name, "") for name in head) for row in table)]
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    (folder / "mlpipe.yaml").write_text(flow({**SPEC, **sections}) + "\n")


def command(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command line in a folder, in this process; return its exit code and all it says."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    here = Path.cwd()
    try:
        done = CliRunner().invoke(app, [*arguments, "-C", str(folder)], prog_name="mlpipe")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.chdir(here)  # `-C` leaves it
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return done.exit_code, said
