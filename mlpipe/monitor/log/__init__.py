"""The prediction log: what a line of it says, and how it is written and read."""
