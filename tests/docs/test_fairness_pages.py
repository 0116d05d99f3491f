"""The pages about fairness and slices cannot drift: their YAML is read, and all of it is run."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from mlpipe.evaluate.slices.scan_spec import Scan
from mlpipe.evaluate.spec import Evaluate
from mlpipe.metrics.fairness import DISPARITIES
from mlpipe.table.columns import Columns
from mlpipe.train.spec import Train
from tests.project import mlpipe as run_mlpipe

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text() for name in ("fairness", "slices")}
PARTS = {"columns": Columns, "evaluate": Evaluate, "train": Train}


def blocks(page):
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_read(name):
    found = blocks(PAGES[name])
    assert len(found) >= 3
    for block in found:
        for section, values in block.items():
            PARTS[section].read(values)


def test_every_word_is_told():
    text = PAGES["fairness"]
    short = {name.rpartition("_")[0] for name in DISPARITIES}
    assert all(f"`{name}_difference`" in text or f"`{name}_ratio`" in text for name in short)
    assert all(f"{name}:" in PAGES["slices"] for name in Scan.model_fields)


@pytest.mark.slow
def test_the_pages_run_on_the_sample_data(tmp_path):
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    evaluate = {}
    for block in blocks(PAGES["slices"]) + blocks(PAGES["fairness"]):
        evaluate |= block.get("evaluate", {})
    train = blocks(PAGES["fairness"])[-1]["train"]
    models = {**train["models"], "boosted": {"type": train["models"]["boosted"], "max_iter": 30}}
    spec = {
        "extends": ["configs/churn.yaml"],
        "train": {"models": models, "importance": False},
        "evaluate": evaluate,
    }
    (tmp_path / "page.yaml").write_text(yaml.safe_dump(spec))
    done = run_mlpipe(tmp_path, "evaluate", "page.yaml", "--exit-zero")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "four-fifths" in done.stdout
    assert re.search(r"scan +\d+ slices looked at", done.stdout)
    month = "usage=sample_data/churn/2026-06.parquet"
    said = run_mlpipe(tmp_path, "predict", "--model", "churn", "--source", month, "-o", "said.csv")
    assert said.returncode == 0, said.stdout + said.stderr
    (report,) = tmp_path.glob("runs/churn/0001-*/evaluate/report.json")
    found = json.loads(report.read_text())
    assert len(found["fairness"]) == 4 + 3
    assert {"plan", "tenure", "income"} <= {
        name for row in found["slices"] for name in row["slice"]
    }
