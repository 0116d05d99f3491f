"""Drift and quality of new data against the reference, with alerts."""
