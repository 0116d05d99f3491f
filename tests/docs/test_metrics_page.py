"""docs/metrics.md holds every metric as the table of mlpipe does, and its examples run."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from mlpipe.evaluate.custom_metric import RESAMPLES, custom_metric
from mlpipe.evaluate.spec import Evaluate
from mlpipe.metrics.metric import Metric
from mlpipe.metrics.scores import DEFAULT_METRICS, METRICS
from mlpipe.monitor.spec import Monitor
from mlpipe.train.spec import Train

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines()
]
READERS = {"evaluate": Evaluate, "train": Train, "monitor": Monitor}
BETTER = {True: "more", False: "less"}
TASKS = {
    "Binary": lambda tasks: "binary" in tasks,
    "Multiclass": lambda tasks: "multiclass" in tasks,
    "Regression": lambda tasks: "regression" in tasks,
}
HEAD = [
    "| metric | what it says | needs | range | better | undefined where | interval |",
    "|---|---|---|---|---|---|---|",
]


def row(name: str, metric: Metric) -> str:
    """Write a metric the way the page does."""
    example = f"`{metric.name}`: " if name != metric.name else ""
    better = BETTER.get(metric.greater_is_better, f"near {metric.best:g}")
    cells = [f"`{name}`", example + metric.description, metric.needs, metric.range]
    return f"| {' | '.join([*cells, better, metric.undefined, metric.interval])} |"


def table(task: str) -> str:
    """Write the table of a task: what is without a parameter, then what has one."""
    families = {each.shape: each.sample for each in METRICS.families.values()}
    each = {**METRICS, **families}.items()
    rows = [row(name, metric) for name, metric in each if task in metric.tasks]
    return "\n".join([*HEAD, *rows])


@pytest.mark.parametrize("task", DEFAULT_METRICS)
def test_the_page_holds_the_table_of_the_task(task: str) -> None:
    section = PAGE.split(f"\n## {task.capitalize()}\n")[1].split("\n## ")[0]
    assert table(task) in section, f"the table should be:\n{table(task)}"


@pytest.mark.parametrize("task", DEFAULT_METRICS)
def test_the_page_names_the_usual_ones(task: str) -> None:
    section = PAGE.split(f"\n## {task.capitalize()}\n")[1].split("\n|")[0]
    assert re.findall(r"`(\w+)`", section) == list(DEFAULT_METRICS[task])


@pytest.mark.parametrize("line", LINES)
def test_each_example_parses(line: str) -> None:
    ((name, section),) = yaml.safe_load(line).items()
    assert READERS[name].read(section).model_fields_set


def test_every_spelling_of_an_example_is_the_name_that_the_page_says() -> None:
    spelled = [line for line in LINES if "{precision_at: {share: 0.1}}" in line]
    (section,) = (yaml.safe_load(line)["evaluate"] for line in spelled)
    assert Evaluate.read(section).metric_names == ("precision_at_0.1", "fbeta_2", "pinball_0.9")


def test_the_function_of_the_page_is_a_metric() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    (line,) = (line for line in LINES if "python: metrics.py" in line)
    (custom,) = Evaluate.read(yaml.safe_load(line)["evaluate"]).custom
    found = custom_metric(custom, code, "binary", ("no", "yes"))
    y, pred = np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0])
    assert found.measure(y, pred=pred).value == pytest.approx((5 + 1) / 4)
    assert f"{RESAMPLES} resamples" in PAGE
