"""Two runs or more beside each other: what changed, and what it did."""
