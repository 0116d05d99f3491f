"""The intervals hold the truth about as often as they say: few repetitions of each simulation.

The bounds are those between which so few repetitions fall, but once in a thousand times, where
the intervals hold the truth in 93 to 97 % of them. The full table is benchmarks/coverage.py.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from scipy.stats import binom

_FILE = Path(__file__).parents[2] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_benchmark", _FILE)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["coverage_benchmark"] = found  # where its dataclass looks for its types
    spec.loader.exec_module(found)
    found.TRUTH_ROWS = 300_000
    return found


def bounds(repetitions: int) -> tuple[float, float]:
    low, high = binom.ppf(0.0005, repetitions, 0.93), binom.ppf(0.9995, repetitions, 0.97)
    return low / repetitions, high / repetitions


@pytest.mark.parametrize(
    ("case", "rows", "repetitions"),
    [
        ("wilson", 600, 300),
        ("delong", 600, 300),
        ("delong_paired", 600, 300),
        ("mcnemar", 600, 300),
        ("diebold_mariano_1", 100, 300),
        ("diebold_mariano_4", 600, 300),
        ("paired_bootstrap", 600, 50),
        ("bootstrap_binary", 600, 50),
        ("bootstrap_numbers", 600, 50),
        ("grouped", 1000, 50),
        ("time_blocks_0.5", 2000, 60),
        ("gap_0.2", 1000, 200),
        ("business", 1000, 60),
        pytest.param("cells_binary", 12_000, 100, marks=pytest.mark.slow),
        pytest.param("cells_numbers", 12_000, 100, marks=pytest.mark.slow),
        pytest.param("subsets_paired", 12_000, 100, marks=pytest.mark.slow),
    ],
)
def test_the_truth_is_held_as_often_as_said(
    simulation: ModuleType, case: str, rows: int, repetitions: int
) -> None:
    found = simulation.coverage(case, rows, repetitions, times=250)
    low, high = bounds(repetitions)
    assert all(low <= share <= high for share in found.values()), (found, low, high)


@pytest.mark.parametrize(
    "case", ["noise_calibrated", "noise_overconfident", "gap_0", "gap_of_4_groups"]
)
def test_what_chance_alone_makes_is_held_at_least_as_often(
    simulation: ModuleType, case: str
) -> None:
    found = simulation.coverage(case, 600, 60, times=200)
    assert all(share >= bounds(60)[0] for share in found.values()), found


def test_rows_that_belong_together_are_held_only_when_drawn_together(
    simulation: ModuleType,
) -> None:
    def loose(generator: object, rows: int) -> object:
        told = simulation.clustered(generator, rows)
        return simulation.Outcomes(told.y, told.pred, told.score)

    simulation.CASES["loose"] = simulation.metrics_of(loose, "brier", rows=(1000,))
    assert simulation.coverage("loose", 1000, 60, times=200)["brier"] <= 0.75
