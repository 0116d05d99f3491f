"""Gates let through little that they should not: 200 repetitions, wide bounds.

The full table is benchmarks/gates.py.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).parents[2] / "benchmarks" / "gates.py"
_SPEC = importlib.util.spec_from_file_location("gates_benchmark", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
sys.modules["gates_benchmark"] = simulation  # dataclasses look their module up
_SPEC.loader.exec_module(simulation)

REPETITIONS = 200
AT_MOST = 0.095
"""Of 200 repetitions; a gate that passes 5 % of them in truth is above it once in 500."""


def shares(world: Any, gate: dict[str, Any], **given: Any) -> dict[str, float]:
    settings = {"rows": 500, "repetitions": REPETITIONS, "times": 200, **given}
    found: dict[str, float] = simulation.shares(world, gate, **settings)
    return found


@pytest.mark.parametrize("metric", simulation.ALONE)
def test_a_metric_just_below_its_bound_rarely_passes(metric: str) -> None:
    gate = simulation.false_pass_gate(simulation.World(), metric)
    assert shares(simulation.World(), gate)["pass"] <= AT_MOST


@pytest.mark.slow
@pytest.mark.parametrize("metric", simulation.AGAINST)
def test_a_model_just_worse_than_the_margin_rarely_passes(metric: str) -> None:
    gate = simulation.false_pass_gate(simulation.WORSE, metric, versus=True)
    assert shares(simulation.WORSE, gate)["pass"] <= AT_MOST


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy"])
def test_a_better_model_never_fails(metric: str) -> None:
    gate = {"metric": metric, "versus": "champion"}
    assert shares(simulation.BETTER, gate)["fail"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["f1", "profit"])
def test_a_better_model_never_fails_by_the_bootstrap(metric: str) -> None:
    gate = {"metric": metric, "versus": "champion"}
    assert shares(simulation.BETTER, gate)["fail"] == 0


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy"])
def test_what_looks_better_never_fails_however_good_it_is(metric: str) -> None:
    """Of a model that is worse in truth too: whoever is ahead on these rows is not failed."""

    def ahead_and_failed(finding: dict[str, Any]) -> str:
        return "fail" if finding["status"] == "fail" and finding["value"] >= 0 else "pass"

    gate = {"metric": metric, "versus": "champion"}
    found = shares(simulation.WORSE, gate, repetitions=60, decide=ahead_and_failed)
    assert found["fail"] == 0


def test_a_gate_that_judges_the_point_would_pass_half() -> None:
    """The negative control: what the interval is for."""
    gate = simulation.false_pass_gate(simulation.World(), "accuracy")
    found = shares(
        simulation.World(),
        gate,
        decide=lambda finding: "pass" if finding["value"] >= gate["min"] else "fail",
    )
    assert found["pass"] > 0.3
