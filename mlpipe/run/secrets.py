"""Secrets, put in at the moment of use: a spec, a key, a bundle only ever hold placeholders."""

import os
from collections.abc import Mapping
from typing import Any

from mlpipe.ingest.spec import Ingest
from mlpipe.spec.secret import reveal

__all__ = ["as_text", "opened", "revealed"]


def opened(text: str) -> str:
    """Return a text with its secrets in place.

    Raises
    ------
    SpecError
        Where a secret is not defined.
    """
    return reveal(text, os.environ)


def as_text(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return ``vars`` as SQL takes them."""
    return {name: opened(str(value)) for name, value in variables.items()}


def revealed(section: Ingest) -> Ingest:
    """Return the section with the secrets in its paths."""
    return Ingest.read(_opened(section.model_dump(mode="json", exclude_unset=True)))


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item) for item in value]
    return opened(value) if isinstance(value, str) else value
