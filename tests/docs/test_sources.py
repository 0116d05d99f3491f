"""Every example of docs/sources.md is a section that can be read."""

import re
from pathlib import Path

import pytest
import yaml

from mlpipe.ingest.spec import Ingest

TEXT = Path("docs/sources.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_read(example):
    values = yaml.safe_load(example)["ingest"]
    assert Ingest.read({"sql": "select 1", **values}).sources


def test_there_are_examples():
    assert len(EXAMPLES) >= 2
