"""The section `ingest` over other files: current data, and rows to predict."""

from collections.abc import Mapping
from typing import Any

from mlpipe.checks.words import Rows
from mlpipe.ingest.spec import Ingest

__all__ = ["over_other_files"]

RIVALS = {
    "path": ("database", "query", "table"),
    "database": ("path",),
    "query": ("table",),
    "table": ("query",),
}
"""What of a source another field takes the place of."""


def over_other_files(
    ingest: Ingest, values: Mapping[str, Any], labels: Mapping[str, Any] | None
) -> Ingest:
    """Return the section over other files: ``values`` as in `Current.ingest_values`.

    ``sample`` and ``limit`` are for training: every current row counts.
    """
    before = ingest.model_dump(mode="json", exclude_unset=True, exclude={"sample", "limit"})
    kept = {key: before[key] for key in ("scope", "max_bad_rows") if key in before}
    if "log" in values:
        source = _as_logged(_like_the_only_source(before), values)
        return Ingest.read({**kept, "sources": {"log": source}, "labels": labels})
    if "path" in values:
        source = _renewed(_like_the_only_source(before), {"path": values["path"]})
        return Ingest.read({**kept, "sources": {"data": source}, "labels": labels})
    sources = {**before["sources"]}
    for name, source in values["sources"].items():
        sources[name] = _renewed(sources.get(name, {}), source)
    renewed = _renewed(before.get("labels") or {}, labels) if labels else None
    return Ingest.read({**before, "sources": sources, "labels": renewed})


def _renewed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a source over the one of the same name; its rows come from one place alone.

    How many rows training had is not asked of other files; what else it was asked stays.
    """
    gone = {name for field in now for name in RIVALS.get(field, ())}
    kept = {key: value for key, value in before.items() if key not in gone}
    checks = [each for each in kept.get("checks", ()) if Rows.word not in each]
    return {**kept, **({"checks": checks} if "checks" in kept else {}), **now}


def _like_the_only_source(before: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the training table was read, where it was one source as it is."""
    sources = list(before["sources"].values())
    shaped = before.get("sql") or before.get("python")
    source = {k: v for k, v in sources[0].items() if k not in ("database", "query", "table")}
    return source if len(sources) == 1 and not shaped else {}


def _as_logged(trained: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return how rows of a log are read: they have the names that the model knows."""
    renamed = trained.get("rename") or {}
    types = {renamed.get(name, name): word for name, word in (trained.get("types") or {}).items()}
    return {"path": values["log"], "format": "jsonl", "types": {**types, **values["types"]}}
