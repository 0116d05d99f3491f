"""Explain: what a model rests on, how it answers, and why it said what it said of a row."""
