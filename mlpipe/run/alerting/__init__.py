"""Telling others what monitor found: a webhook, a file for Prometheus, the state of the host."""
