"""The events that aggregates are over, from ingest to what predicts: which, and where they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlpipe.features.aggregates.events import event_columns
from mlpipe.ingest.spec import Ingest

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.task import Task

__all__ = ["events_for_bundle", "kept_events", "related", "related_to"]

Related = dict[str, dict[str, str]]
"""Source -> column -> where the spec names it, as of `Featurize.related`."""


def related(pipeline: "Pipeline", section: Ingest) -> Related:
    """Return what aggregates read of the sources of a section over these or other files.

    It is in the keys of steps that read ``ingest``: `facts_of` puts it there.
    """
    return _there(pipeline.featurize.related(), pipeline.ingest, section)


def related_to(bundle: "Bundle", section: Ingest) -> Related:
    """Return what the aggregates of a bundle read of the sources of a section."""
    found: Related = {}
    for block in bundle.plan.get("aggregates", []):
        names = event_columns(block)
        found.setdefault(block["source"], {}).update(dict(zip(names, names, strict=True)))
    return _there(found, Ingest.read(bundle.ingest["ingest"]), section)


def kept_events(task: "Task", step: str) -> "dict[str, ir.Table]":
    """Return the events that a step kept, by source."""
    names = task.pipeline.featurize.related()
    paths = {name: task.folder(step) / f"events_{name}.parquet" for name in names}
    return {name: task.session.read(path) for name, path in paths.items() if path.exists()}


def events_for_bundle(task: "Task") -> dict[str, bytes]:
    """Return the events that featurize kept for new rows, by source."""
    blocks = task.json("featurize", "plan").get("aggregates", [])
    sources = dict.fromkeys(block["source"] for block in blocks)
    folder = task.folder("featurize")
    return {name: (folder / f"events_{name}.parquet").read_bytes() for name in sources}


def _there(wanted: Mapping[str, Mapping[str, str]], trained: Ingest, section: Ingest) -> Related:
    """Return what is read of the sources that are there.

    One table in the shape of the training table brings no events, where that table is made of
    sources: the one source is then no source of the spec, whatever it is called.
    """
    shaped = bool(trained.sql or trained.python)
    if shaped and not (section.sql or section.python):
        return {}
    return {name: dict(read) for name, read in wanted.items() if name in section.sources}
