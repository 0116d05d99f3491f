"""Alerts: one list of what moved, what is silenced, and what others are told of it."""
