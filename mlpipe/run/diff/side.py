"""One of the runs that are held against each other, as its record and artifacts tell it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpipe.run.folders import RunEntry
from mlpipe.run.formats import read_json
from mlpipe.run.store import Artifact, Store
from mlpipe.table.columns import Columns

__all__ = ["Side", "side"]

_REPORTS = ("ingest", "split", "evaluate")


@dataclass(frozen=True)
class Side:
    """A run.

    Attributes
    ----------
    called : str
        ``churn/0007-3f9a``.
    path : Path
        Its folder.
    record : mapping
        ``run.json``.
    artifacts : mapping
        Those of ingest, split and evaluate that are still there and intact.
    made_from : mapping
        The ingredients of the artifact of each step, where its manifest is still there.
    reports : mapping
        ``report.json`` of each of the artifacts; empty where there is none.
    """

    called: str
    path: Path
    record: Mapping[str, Any]
    artifacts: Mapping[str, Artifact]
    made_from: Mapping[str, Mapping[str, Any]]
    reports: Mapping[str, dict[str, Any]]

    @property
    def spec(self) -> Mapping[str, Any]:
        """The resolved spec, defaults included."""
        found: Mapping[str, Any] = self.record["spec"]
        return found

    @property
    def written(self) -> Any:
        """The spec as it was written, after ``extends`` and ``-S``; older records have it not."""
        return json.loads(self.record["written"]) if "written" in self.record else dict(self.spec)

    @property
    def columns(self) -> Columns:
        """The roles of the columns."""
        return Columns.read(self.spec.get("columns") or {})

    def digest(self, step: str) -> str:
        """Return the digest of what a step made; empty where it did not run."""
        return str(self.record["artifacts"].get(step, {}).get("digest", ""))


def side(store: Store, entry: RunEntry) -> Side:
    """Read a run.

    Raises
    ------
    StoreError
        Where its record is damaged.
    """
    record = store.read_run(entry.name, entry.run)
    links = record["artifacts"]
    made = {step: store.made_from(link["step"], link["key"]) for step, link in links.items()}
    found = {
        step: store.find(links[step]["step"], links[step]["key"])
        for step in _REPORTS
        if step in links
    }
    artifacts = {step: artifact for step, artifact in found.items() if artifact is not None}
    return Side(
        called=f"{entry.name}/{entry.run}",
        path=entry.path,
        record=record,
        artifacts=artifacts,
        made_from={step: each for step, each in made.items() if each is not None},
        reports={
            step: read_json(artifacts[step], "report") if step in artifacts else {}
            for step in _REPORTS
        },
    )
