"""Checks, and a report with a verdict."""
