"""Metrics with intervals, slices, fairness, business value and gates: a report with a verdict."""
