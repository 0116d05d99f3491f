"""From a run's record and artifacts to the document that the page shows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlpipe.run.answer import read_parity
from mlpipe.run.formats import read_json

if TYPE_CHECKING:
    from mlpipe.run.store import Artifact

__all__ = ["page"]

QUARANTINED = 20
"""How many quarantined rows the page shows."""

# step -> what of it the page shows: section of the document -> name of the output
SHOWN = {
    "ingest": {"ingest": "report"},
    "split": {"split": "report"},
    "validate": {"validate": "report"},
    "featurize": {"featurize": "report"},
    "bundle": {"decide": "decision"},
    "explain": {"explain": "report"},
    "current": {"current": "report"},
    "monitor": {"monitor": "report"},
}


def page(record: Mapping[str, Any], artifacts: Mapping[str, "Artifact"]) -> str:
    """Return the HTML page of a run; steps that did not run are left out."""
    from mlpipe.report.page import page as render
    from mlpipe.spec.dump import to_yaml

    document: dict[str, Any] = {
        "title": record["name"],
        "run": {
            "command": record["command"],
            "started": record["started"],
            "seconds": record["seconds"],
            "git": record["git"],
            "python": record["environment"]["python"],
            "packages": record["environment"]["packages"],
            "opened": record["test"]["opened"],
        },
        "steps": record["result"]["steps"],
        "problems": record["result"]["problems"],
        "spec": to_yaml(record["spec"]),
    }
    for step, sections in SHOWN.items():
        for section, output in sections.items():
            document[section] = _read(artifacts, step, output)
    for step, outputs in {
        "train": ("report", "candidates"),
        "evaluate": ("report", "verdict"),
    }.items():
        if step in artifacts:
            document[step] = {output: _read(artifacts, step, output) for output in outputs}
    if "evaluate" in document:  # more than the artifact may decide it
        answer = record["result"]["answer"]
        document["evaluate"]["verdict"] = answer.get("verdict", document["evaluate"]["verdict"])
        document["evaluate"]["operational"] = record.get("operational")
    if document.get("monitor"):  # likewise: the host, and which model it was is no matter to it
        told = record["result"]["answer"].get("monitor") or {}
        document["monitor"]["alerts"] = told.get("alerts", document["monitor"].get("alerts", []))
        document["monitor"]["host"] = record.get("host")
        document["monitor"]["model"] = record["result"]["answer"].get("model")
    document["retrain"] = record["result"]["answer"].get("retrain")
    document["search"] = record["result"]["answer"].get("search")
    document["parity"] = read_parity(artifacts)
    document["quarantine"] = _quarantine(artifacts)
    return render(document)


def _quarantine(artifacts: Mapping[str, "Artifact"]) -> list[dict[str, Any]]:
    """Return the first rows that could not be read."""
    if "ingest" not in artifacts:
        return []
    import pyarrow.parquet as pq

    # Not read_table: it imports pandas, and reads all of it.
    with pq.ParquetFile(artifacts["ingest"].path / "quarantine.parquet") as file:
        first = next(file.iter_batches(batch_size=QUARANTINED), None)
    return [] if first is None else list(first.to_pylist())


def _read(artifacts: Mapping[str, "Artifact"], step: str, output: str) -> Any:
    return read_json(artifacts[step], output) if step in artifacts else None
