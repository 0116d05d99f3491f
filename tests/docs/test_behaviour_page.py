"""The examples of docs/behaviour.md run on the sample data, those of docs/operational.md read."""

import re
from pathlib import Path

import pytest
import yaml

from mlpipe.evaluate.behaviour.misfits import misfits
from mlpipe.evaluate.behaviour.spec import Behaviour, Change
from mlpipe.evaluate.misfits import misfits as evaluate_misfits
from mlpipe.evaluate.spec import Evaluate
from mlpipe.evaluate.timing import Timing
from mlpipe.metrics.operational import OPERATIONAL, fewest
from mlpipe.pipeline import load
from tests.project import run_json

ROOT = Path(__file__).parents[2]
PAGE, OPERATION = (
    (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("behaviour.md", "operational.md")
)
EXAMPLES = dict(
    zip(("churn", "support", "demand"), re.findall(r"```yaml\n(.*?)```", PAGE, re.S), strict=True)
)
TIMED = re.search(r"```yaml\n(.*?)```", OPERATION, re.S).group(1).splitlines()


def _sections(example):
    return Evaluate.read(yaml.safe_load(example)["evaluate"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_fits_its_spec(name):
    spec = load(ROOT / "configs" / f"{name}.yaml", environ={}).pipeline
    found = misfits(_sections(EXAMPLES[name]).behaviour, spec.task, spec.columns)
    assert list(found) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_runs_and_holds(name, tmp_path):
    spec = f"extends: [{ROOT / 'configs' / name}.yaml]\n{EXAMPLES[name]}"
    (tmp_path / "mlpipe.yaml").write_text(spec)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    found = run_json(tmp_path, "evaluate")
    tests = found["answer"]["verdict"]["behaviour"]
    assert [test["gate"] for test in tests if test["status"] != "pass"] == []
    assert all(test["rows"] for test in tests)


@pytest.mark.parametrize("part", [Behaviour, Change])
def test_every_key_and_word_is_told_of(part):
    for name in part.model_fields:
        assert re.search(rf"\b{name}\b", PAGE), name


def test_operational_examples_read_and_every_metric_is_told_of():
    for line in TIMED:
        spec = Evaluate.read(yaml.safe_load(line)["evaluate"])
        assert spec.timing is not None
        assert not list(evaluate_misfits(spec, "binary", load_columns()))
    written = Evaluate.read(yaml.safe_load(TIMED[2])["evaluate"]).timing
    assert written == Timing()  # the page shows the defaults
    for name in OPERATIONAL:
        assert f"`{name}`" in OPERATION
    counts = f"{fewest(0.5)} for the median, {fewest(0.95)} for 95 %, {fewest(0.99)} for 99 %"
    assert counts in OPERATION


def load_columns():
    return load(ROOT / "configs" / "churn.yaml", environ={}).pipeline.columns
