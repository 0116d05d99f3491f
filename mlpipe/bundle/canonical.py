"""skops files in a canonical form: the same fitted model gives the same bytes.

skops names objects and array files by memory address, stamps the zip with the time of day, and
writes sets in the order of their hashes. None of that says anything about the model. Here:

- files are named by the digest of their content, and equal ones are kept once;
- addresses of objects are left out, so each occurrence of a shared object is loaded as its own
  (a fitted model is only read; and whether two equal objects are one depends on how they came
  here, e.g. whether a worker process fitted them);
- sets are sorted;
- bytes between the fields of a structured array, which nobody sets, are 0;
- attributes that hold an address or the number of cores are dropped or set to a constant;
- the zip holds its members in the order of their names, uncompressed, with a fixed time.
"""

from __future__ import annotations

import io
import json
from hashlib import sha256
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

__all__ = ["canonical", "dumps"]

SCHEMA = "schema.json"
_TIME = (1980, 1, 1, 0, 0, 0)

_DROPPED = frozenset({"_stop_words_id"})
"""Attributes that hold the address of another object."""

_CONSTANT = {("_BinMapper", "n_threads"): 1}
"""Attributes that hold a fact of the machine, by class, and what is written instead."""


def dumps(model: Any) -> bytes:
    """Return a fitted model as a skops file in canonical form.

    Parameters
    ----------
    model : object
        Whatever skops can write.

    Raises
    ------
    TypeError
        If skops cannot write it.
    """
    import skops.io

    return canonical(skops.io.dumps(model))


def canonical(data: bytes) -> bytes:
    """Rewrite a skops file in canonical form; skops loads the same model from it."""
    with ZipFile(io.BytesIO(data)) as written:
        files = {name: _settled(name, written.read(name)) for name in written.namelist()}
    schema = json.loads(files.pop(SCHEMA))
    names = {name: _content_name(name, content) for name, content in files.items()}
    members = {names[name]: content for name, content in files.items()}
    text = json.dumps(_node(schema, names), separators=(",", ":"), ensure_ascii=False)
    members[SCHEMA] = text.encode()
    return _zipped(members)


def _settled(name: str, content: bytes) -> bytes:
    """Zero the padding of a structured array, such as the nodes of a tree."""
    # The header spells the fields out as a list of tuples; plain arrays have none.
    if not name.endswith(".npy") or b"'descr': [(" not in content[:1024]:
        return content
    import numpy as np

    array = np.load(io.BytesIO(content), allow_pickle=False)
    made = np.zeros(array.shape, array.dtype)  # zeros_like sets the fields alone
    for field in array.dtype.names:
        made[field] = array[field]
    buffer = io.BytesIO()
    np.save(buffer, made, allow_pickle=False)
    return buffer.getvalue()


def _content_name(name: str, content: bytes) -> str:
    return f"{sha256(content).hexdigest()[:32]}.{name.rpartition('.')[2]}"


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as made:
        for name in sorted(members):
            info = ZipInfo(name, _TIME)
            info.create_system = 3  # Unix, wherever this runs
            info.external_attr = 0o644 << 16
            made.writestr(info, members[name])
    return buffer.getvalue()


def _node(value: Any, names: dict[str, str]) -> Any:
    """Rewrite one value of the schema and all below it."""
    if isinstance(value, list):
        return [_node(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("__loader__") == "ObjectNode":
        _settle(value)
    made = {key: _node(item, names) for key, item in value.items() if not _is_address(key, item)}
    if isinstance(made.get("file"), str):
        made["file"] = names[made["file"]]
    return _sorted(made) if isinstance(made.get("__loader__"), str) else made


def _is_address(key: str, item: Any) -> bool:
    # An attribute or a dict entry of this name would hold a node, never a bare number.
    return key == "__id__" and isinstance(item, int)


def _settle(node: dict[str, Any]) -> None:
    """Drop or fix the attributes of an object that are not about the model."""
    attributes = node.get("content")
    if not isinstance(attributes, dict) or attributes.get("__loader__") != "DictNode":
        return
    content, key_types = attributes["content"], attributes["key_types"]["content"]
    for position, name in reversed(list(enumerate(content))):
        if name in _DROPPED:
            # The types of the keys are a list beside them.
            del content[name], key_types[position]
        elif (node["__class__"], name) in _CONSTANT:
            constant = _CONSTANT[node["__class__"], name]
            content[name] = {**_JSON, "content": json.dumps(constant)}


_JSON = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "is_json": True}


def _sorted(node: dict[str, Any]) -> dict[str, Any]:
    """Put the items of a set in the order of what is written of them."""
    if node["__loader__"] == "SetNode":
        node["content"] = sorted(node["content"], key=json.dumps)
    elif node["__class__"] == "frozenset":
        # Written as a call: its arguments are a tuple of one list.
        (items,) = node["content"]["content"]
        items["content"] = sorted(items["content"], key=json.dumps)
    return node
