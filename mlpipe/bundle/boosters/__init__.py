"""Boosting libraries as estimators that a bundle can hold: their models are plain text in it."""
