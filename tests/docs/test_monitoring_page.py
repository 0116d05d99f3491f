"""docs/monitoring.md cannot drift: its examples parse, and name every word of the sections."""

import re
from pathlib import Path

import pytest
import yaml

from mlpipe.monitor.decay import LENGTH
from mlpipe.monitor.estimate.judge import CONTRADICTED
from mlpipe.monitor.losses import STRETCH
from mlpipe.monitor.spec import Estimate, Monitor, Quality

PAGE = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines() if line.startswith("monitor:")]


@pytest.mark.parametrize("line", LINES)
def test_each_example_parses(line: str) -> None:
    assert Monitor.read(yaml.safe_load(line)["monitor"]).model_fields_set


def test_every_word_has_an_example() -> None:
    together = " ".join(LINES)
    for name in (
        *Estimate.model_fields,
        *Quality.model_fields,
        "estimate",
        "decay",
        "multivariate",
        "margins",
        "every",
        "minimum_rows",
        "as_of",
        "history",
        "checks",
        "labels",
        "current",
        "log",
    ):
        assert f"{name}:" in together, name


def test_the_figures_are_those_of_the_code() -> None:
    assert f"From {CONTRADICTED} standard errors" in PAGE
    assert f"stretches of {STRETCH} rows" in PAGE
    assert f"up to {LENGTH} chunks" in PAGE
