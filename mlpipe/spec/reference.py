"""The JSON Schema of a spec file, for editors."""

from typing import Any

__all__ = ["file_schema"]

_EXTENDS = {
    "description": "Spec files to lay this one over, relative to this file.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


def file_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a file, given that of the resolved spec.

    A file may also hold ``extends`` and ``profiles``. What a spec must have may come from the
    files that it extends, or from a profile.
    """
    profile = {"type": ["object", "null"], "properties": _partial(schema["properties"])}
    profiles = {
        "description": "Sections to lay over this file, by name: --profile NAME.",
        "type": "object",
        "additionalProperties": {**profile, "additionalProperties": False},
    }
    whole = {key: value for key, value in schema.items() if key != "required"}
    whole["properties"] = {**schema["properties"], "extends": _EXTENDS, "profiles": profiles}
    if "required" in schema:
        whole["if"] = {"not": {"anyOf": [{"required": ["extends"]}, {"required": ["profiles"]}]}}
        whole["then"] = {"required": schema["required"]}
    return whole


def _partial(sections: dict[str, Any]) -> dict[str, Any]:
    """Describe the sections of a profile, which hold any part of the whole ones."""
    return {
        name: {"description": each["description"]} if "description" in each else {}
        for name, each in sections.items()
    }
