"""Bundles that hold nothing worth predicting with: the registry never opens a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.bundle.sealed import MANIFEST, as_json, sealed
from mlpipe.registry.log import Act

if TYPE_CHECKING:
    from pathlib import Path

ACT = Act("ada", "2026-01-31T12:00:00Z", "for a test")


def write(folder: Path, number: int, name: str = "churn", size: int = 500) -> Path:
    """Write a bundle whose content follows from a number."""
    files = {
        "model.skops": str(number).encode() * size,
        "plan.json": b"{}\n",
        "ingest.json": b"{}\n",
    }
    about = {"name": name, "task": "binary", "classes": ["no", "yes"], "inputs": []}
    told = sealed({**about, "decision": {}, "libraries": {}, "number": number}, files)
    folder.mkdir(parents=True)
    for file, data in {**files, MANIFEST: as_json(told)}.items():
        (folder / file).write_bytes(data)
    return folder
