"""Every shipped config runs, and finds what the generator planted; churn runs with the README."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import mlpipe
from tests.project import run_json

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("configs")
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.slow
def test_churn(folder):
    document = run_json(folder, "run", "configs/churn.yaml")
    assert document["exit_code"] == 0, document
    run = mlpipe.open_run("churn", runs_dir=str(folder / "runs"))
    truth = json.loads((ROOT / "sample_data" / "truth.json").read_text())["churn"]
    monitor = json.loads((run.path / "monitor" / "report.json").read_text())
    drifted = {row["column"] for row in monitor["drift"] if row["status"] == "alert"}
    assert drifted == set(truth["drift"]["columns"])
    moved = {row["column"]: row for row in monitor["drift"] if row["status"] != "ok"}
    assert moved.keys() == drifted  # nothing else warns, the scores included
    assert {row["direction"] for row in moved.values()} == {"up"}
    assert moved["plan"]["aspect"] == "unseen"
    assert moved["plan"]["size"] == pytest.approx(
        truth["drift"]["new_category"]["plan"]["share"], abs=0.02
    )
    means = {name: moved[name]["mean"] for name in ("charges", "support_tickets")}
    assert means["support_tickets"]["reference"] == pytest.approx(0.35, abs=0.02)
    assert means["support_tickets"]["current"] == pytest.approx(0.85, abs=0.06)
    assert means["charges"]["current"] > means["charges"]["reference"]
    expected = truth["expected"]
    assert expected["low"] <= run.metrics[expected["metric"]].value <= expected["high"]
    quarantine = pd.read_parquet(run.path / "ingest" / "quarantine.parquet")
    planted = [(row["file"], row["line"], row["raw"]) for row in truth["quarantine"]]
    assert [(Path(r.file).name, r.line, r.raw) for r in quarantine.itertuples()] == planted
    assert "<svg" in (run.path / "report.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "metric"), [("demand", "mae"), ("support", "accuracy")])
def test_it_beats_the_naive_baseline(folder, name, metric):
    document = run_json(folder, "run", f"configs/{name}.yaml")
    assert document["exit_code"] == 0, document
    found = mlpipe.open_run(name, runs_dir=str(folder / "runs")).metrics[metric]
    better = found.value < found.baseline if metric == "mae" else found.value > found.baseline
    assert better
