"""Aggregates over a related source: what is known of a row's events strictly before its time.

Events are rows of a source of ``ingest`` with a time of their own. They are counted in the
engine, by a window that ends before the moment of the row: for training, and for new rows over
the events that the bundle keeps and those that come with them.
"""

from mlpipe.features.aggregates.columns import add_aggregates, known_reads
from mlpipe.features.aggregates.state import dated, keep_events, merged, refuse_older

__all__ = ["add_aggregates", "dated", "keep_events", "known_reads", "merged", "refuse_older"]
