"""The version of mlpipe, also written into each artifact key."""

__version__ = "0.1.0"
