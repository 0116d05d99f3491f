"""A small project of its own for tests that run the real command line."""

import json
import os
import random
import subprocess
import sys
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
    """Run the command line in a folder, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "mlpipe", *arguments],
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


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
