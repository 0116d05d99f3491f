"""The number of threads and processes is no part of a result: equal bundles, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import write_project

ROOT = Path(__file__).parents[2]
MODELS = {
    "forest": "{type: random_forest, n_estimators: 5}",
    "boosting": "{type: hist_gradient_boosting, max_iter: 10}",
    "linear": "{type: logistic_regression}",
}
# One process runs the command line for each model: to start it takes longer than to fit.
SCRIPT = """
import sys
import typer
import mlpipe.train.fit as fit
from mlpipe.cli import app
fit.FEW_CELLS = 0  # processes even for a small table
for written in sys.argv[1:]:
    chosen = "train={models: {m: %s}, folds: 2}" % written
    code = app(["evaluate", "-q", "-S", chosen], standalone_mode=False)
    assert not code, code
"""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT")


def bundles(folder: Path, threads: int) -> list[dict[str, bytes]]:
    """Train each model with so many threads and processes, and return the files of its bundle."""
    write_project(folder, rows=400)
    env = {**os.environ, **dict.fromkeys(THREADS, str(threads)), "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *MODELS.values()],
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = sorted(folder.glob("runs/small/0*"))
    return [
        {path.name: path.read_bytes() for path in run.glob("bundle/*")} for run in runs
    ]  # with the manifest of the store, which holds the key and no count of anything


@pytest.mark.slow
def test_one_thread_and_two_give_equal_bundles(tmp_path: Path) -> None:
    found = []
    for threads in (1, 2):
        folder = tmp_path / str(threads)
        folder.mkdir()
        found.append(bundles(folder, threads))
    one, two = found
    assert len(one) == len(two) == len(MODELS)
    for name, single, double in zip(MODELS, one, two, strict=True):
        assert {"model.skops", "bundle.json", "profile.json", "manifest.json"} <= single.keys()
        assert single == double, name
    assert len({each["model.skops"] for each in one}) == len(MODELS)
