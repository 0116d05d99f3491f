"""Every example of docs/tracking.md is read by the real reader; its tables name what there is."""

import re
from pathlib import Path

import pytest

from mlpipe.pipeline import load
from mlpipe.tracking.signature import input_type
from mlpipe.tracking.spec import Mlflow, Wandb
from tests.project import SPEC

TEXT = Path("docs/tracking.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_read(example, tmp_path):
    path = tmp_path / "mlpipe.yaml"
    path.write_text(SPEC + example)
    environ = {"MLFLOW_PASSWORD": "x", "WANDB_API_KEY": "y"}
    tracking = load(path, environ=environ).pipeline.tracking
    assert tracking is not None
    assert list(tracking.trackers())


def test_there_are_examples_of_both():
    assert len(EXAMPLES) == 3
    assert sum("mlflow:" in example for example in EXAMPLES) == 2


@pytest.mark.parametrize(("part", "title"), [(Mlflow, "## MLflow"), (Wandb, "## Weights & Biases")])
def test_every_key_is_explained(part, title):
    section = TEXT.split(title)[1].split("\n## ")[0]
    table = section.split("| key |")[1].split("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|[^|]*\|", table, re.M))))
    assert named == set(part.model_fields)


def test_the_types_are_those_of_the_code():
    table = TEXT.split("| column | in MLflow |")[1].split("\n\n")[0]
    for word, nullable, said in (
        ("integer", False, "`long`"),
        ("integer", True, "`double`"),
        ("boolean", True, "any"),
        ("date", True, "`datetime`"),
    ):
        column = {"name": "a", "type": word, "nullable": nullable, "role": "feature"}
        assert input_type(column) == said.strip("`")
        assert re.search(rf"\| {word}[^|]*\| {re.escape(said)}", table)
