"""Harnesses that hurt the store; each has a negative control that must fail."""
