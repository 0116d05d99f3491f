"""Every example of docs/training.md and docs/onnx.md is a spec, and what they say is so."""

import re
from pathlib import Path

import pytest
import yaml

from mlpipe.bundle.spec import Bundle, Onnx
from mlpipe.train.asked import Curve, Permutations
from mlpipe.train.spec import Train

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("training.md", "onnx.md")}
LINES = [
    line
    for page in PAGES.values()
    for block in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    for line in block.splitlines()
]
READERS = {"train": Train, "bundle": Bundle}


@pytest.mark.parametrize("line", LINES)
def test_each_example_parses(line):
    ((name, section),) = yaml.safe_load(line).items()
    assert READERS[name].read(section).model_fields_set


def test_every_word_of_the_decision_has_an_example():
    for word in ("threshold", "top", "maximize", "isotonic", "sigmoid"):
        assert any(re.search(rf"\b{word}\b", line) for line in LINES)


def test_the_defaults_are_those_of_the_page():
    assert Curve().shares == (0.1, 0.25, 0.5, 0.75, 1.0)
    assert (Permutations().rows, Permutations().repeats) == (1000, 3)
    assert (Onnx().tolerance, Onnx().rows) == (1e-6, 5000)
    assert "tolerance: 1.0e-6, rows: 5000" in PAGES["onnx.md"]
    assert "The default shares are 0.1,\n0.25, 0.5, 0.75 and 1." in PAGES["training.md"]


def test_every_field_of_the_report_is_one_that_there_is():
    from tests.bundle.samples import fitted
    from tests.bundle.test_parity import report

    _, found = report(fitted("logistic_regression", "binary"))
    table = PAGES["onnx.md"].split("`parity.json` holds")[1].split("\n\n")[1]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row)}
    assert named <= set(found)
    assert set(found) - named == {"model", "tolerance"}
