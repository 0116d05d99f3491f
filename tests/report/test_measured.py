"""The page knows measures by the names that monitor gives them."""

import pytest

from mlpipe.monitor.names import column_measure, quality_measure, quantity_measure
from mlpipe.report.measured import drift_name, estimate_of


@pytest.mark.parametrize("role", ["feature", "prediction", "sensitive"])
@pytest.mark.parametrize(
    "column", ["age", "prediction", "prediction.x", "feature.age", "score", "score_a.b", ""]
)
def test_the_drift_of_a_column_has_one_name(role, column):
    assert drift_name(role, column) == column_measure({"role": role, "column": column})


def test_what_estimates_a_measure_has_one_name():
    assert estimate_of(quality_measure({"metric": "f1"})) == quantity_measure(
        {"key": "estimate.f1"}
    )
    for key in ("business.profit", "fairness.selection_rate_ratio.sex"):
        assert estimate_of(key) == quantity_measure({"key": key})
