"""Acceptance tests by simulation: how rarely quiet data alarms, how surely a shift is told.

The full tables are benchmarks/drift.py and benchmarks/nights.py; docs/statistics.md has them.
"""

import importlib.util
from pathlib import Path

import pytest


def load(name):
    path = Path(__file__).parents[2] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"simulated_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


drift, nights = load("drift"), load("nights")


@pytest.mark.parametrize("rows", [100, 1000, 5000])
def test_a_quiet_batch_hardly_ever_warns(rows):
    assert drift.alarms(rows, 150)["warn"] <= 0.008


@pytest.mark.parametrize("rows", [1000, pytest.param(5000, marks=pytest.mark.slow)])
def test_days_that_always_wander_hardly_ever_warn(rows):
    found = drift.restless(rows, 180)
    assert found["warn"] <= 0.033
    assert found["alert"] <= 0.006
    assert found["KS p <= .05"] > 0.4  # the control: these days do differ


def test_fifty_columns_over_sixty_quiet_nights_do_not_alert():
    found = nights.quiet_nights()
    assert found["alert"] <= 1
    assert found["warn"] <= 0.033 * 50 * 60
    # What the last three nights together add to each alone is little.
    assert found["alert_alone"] == 0
    assert found["warn_alone"] <= found["warn"] <= 1.15 * found["warn_alone"]
    assert found["raw"] > 1000  # the control: raw chi-square, 3,000 times asked


def test_independent_nights_alarm_never_where_raw_chi_square_does():
    found = nights.quiet_nights(columns=20, nights=20, wobble=0.0)
    assert found["warn"] == found["alert"] == 0
    assert found["raw"] == pytest.approx(400 * 0.05, abs=15)


def test_a_shift_is_told_within_three_nights():
    told, _ = nights.found_within(columns=1, times=30)
    assert told == 1.0


def test_three_nights_together_alert_where_each_alone_only_warns():
    given = {"columns": 10, "times": 20, "wobble": 0.0}
    together, alone = (nights.found_within(**given, together=each)[1] for each in (True, False))
    assert together >= 0.9
    assert alone <= together - 0.3


@pytest.mark.slow
def test_a_shift_of_one_column_in_fifty_is_told_within_three_nights():
    told, alerted = nights.found_within(columns=50, times=20, wobble=0.0)
    assert told == 1.0
    assert alerted >= 0.5


@pytest.mark.slow
def test_nights_that_resemble_the_night_before_do_not_alert_more_together():
    found = nights.quiet_nights(rows=1000, memory=0.5)
    assert found["alert"] <= found["alert_alone"] + 1
    assert found["warn"] <= 0.033 * 50 * 60
