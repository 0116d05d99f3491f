"""One HTML page a run: the verdict first, then why."""
