"""The intervals hold the truth about as often as they say: 200 repetitions, wide bounds.

The full table is benchmarks/coverage.py.
"""

import importlib.util
from pathlib import Path

import pytest

_FILE = Path(__file__).parents[2] / "benchmarks" / "coverage.py"
_SPEC = importlib.util.spec_from_file_location("coverage_benchmark", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulation)


def test_binary_metrics_are_covered() -> None:
    names = ("roc_auc", "accuracy", "recall", "brier", "f1", "average_precision")
    found = simulation.coverage(
        simulation.binary, names, rows=600, repetitions=200, times=200, truth_rows=200_000
    )
    assert all(0.89 <= share <= 0.995 for share in found.values()), found


def test_regression_metrics_are_covered() -> None:
    found = simulation.coverage(
        simulation.numbers,
        ("mae", "median_ae", "r2"),
        rows=600,
        repetitions=200,
        times=200,
        truth_rows=400_000,
    )
    assert all(0.87 <= share <= 0.995 for share in found.values()), found


def test_a_calibrated_score_is_not_found_out_of_calibration() -> None:
    found = simulation.coverage(
        simulation.binary, ("ece",), rows=600, repetitions=100, times=200, truth_rows=200_000
    )
    assert found["ece"] >= 0.89


def test_clusters_are_covered_only_when_drawn_whole() -> None:
    def loose(generator: object, rows: int) -> object:
        told = simulation.clustered(generator, rows)
        return simulation.Outcomes(told.y, told.pred, told.score)

    names, sizes = ("brier",), {"rows": 1000, "repetitions": 200, "times": 200}
    whole = simulation.coverage(simulation.clustered, names, truth_rows=200_000, **sizes)
    apart = simulation.coverage(loose, names, truth_rows=200_000, **sizes)
    assert whole["brier"] >= 0.87
    assert apart["brier"] <= 0.75


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.2])
def test_gaps_between_groups_are_covered(gap: float) -> None:
    assert simulation.gap_coverage(gap=gap, rows=600, repetitions=100, times=200) >= 0.89
