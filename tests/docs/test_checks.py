"""Every example of docs/checks.md is a spec, and every check has an example there."""

import re
from pathlib import Path

import pytest
import yaml

from mlpipe.checks.column import VALUE_CHECKS
from mlpipe.checks.spread import SPREAD_CHECKS
from mlpipe.checks.words import _WORDS
from mlpipe.ingest.spec import Ingest
from mlpipe.validate.spec import Validate

TEXT = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.S)
    for line in block.splitlines()
]
READERS = {"validate": Validate, "ingest": Ingest}


def _as_text(value):
    """Give keys as the spec's own reader does: as text."""
    if isinstance(value, dict):
        return {str(key): _as_text(item) for key, item in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("line", LINES)
def test_each_example_parses(line):
    ((name, section),) = yaml.safe_load(line).items()
    assert READERS[name].read(_as_text(section)).model_fields_set


@pytest.mark.parametrize("name", [*VALUE_CHECKS, *SPREAD_CHECKS, *(word.word for word in _WORDS)])
def test_each_check_has_an_example(name):
    assert any(re.search(rf"\b{name}:", line) for line in LINES)
