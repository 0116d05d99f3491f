"""The shape of rows: as JSON Schema for whoever calls the model, and as training had them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.inputs import is_optional
from mlpipe.bundle.sealed import opened, verified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlpipe.bundle.inputs import Input

__all__ = ["record_schema", "trained_types"]

_TYPES: dict[str, dict[str, str]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string"},
    "timestamp_utc": {"type": "string", "format": "date-time"},
}


def record_schema(name: str, inputs: Sequence[Input]) -> dict[str, Any]:
    """Return the JSON Schema of one record, as an object of the model's input columns.

    Parameters
    ----------
    name : str
        Of the model.
    inputs : sequence of Input
        Those that training saw without a value may be null, or be left out.

    Returns
    -------
    dict
        Draft 2020-12. Columns beyond the inputs are allowed, and ignored.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"a record of {name}",
        "type": "object",
        "properties": {each["name"]: _property(each) for each in inputs},
        "required": [each["name"] for each in inputs if not is_optional(each)],
        "additionalProperties": True,
    }


def trained_types(folder: Path) -> dict[str, str]:
    """Return the word of the type of each column of the training table; no model is opened.

    Parameters
    ----------
    folder : Path
        Of a bundle.

    Raises
    ------
    StoreError
        If it is no bundle, or one that was changed.
    """
    found = json.loads(verified(folder, opened(folder), "ingest.json").read_bytes())
    return {column["name"]: column["type"] for column in found["schema"]}


def _property(column: Input) -> dict[str, Any]:
    word = "number" if column["type"].startswith("decimal") else column["type"]
    found: dict[str, Any] = dict(_TYPES.get(word, {}))
    if column["nullable"] and "type" in found:
        return {**found, "type": [found["type"], "null"]}
    return found
