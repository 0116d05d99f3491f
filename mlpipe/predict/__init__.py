"""Batch scoring: a bundle over a table, in bounded memory."""
