"""The model bundle: assembled once, loaded safely, and what predicts."""
