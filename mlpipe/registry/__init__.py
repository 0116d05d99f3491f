"""Models that are kept: versions, the aliases that point at them, and a log of who moved them."""
