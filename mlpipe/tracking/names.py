"""Names that trackers take: letters, digits and ``_ - . : /``, of bounded length."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import TypeVar

__all__ = ["allowed", "cut", "named"]

LONGEST = 250
_OTHER = re.compile(r"[^A-Za-z0-9_\-. :/]")

Value = TypeVar("Value")


def allowed(name: str) -> str:
    """Return a name that MLflow takes for a parameter, a metric or a tag.

    Other characters become ``_``. What that changes, and what is too long, ends in a digest of
    the name as it was: two names stay two.

    >>> allowed("train.models.linear.C"), allowed("data.Größe.csv")
    ('train.models.linear.C', 'data.Gr__e.csv-863c694c')
    """
    parts = [part for part in _OTHER.sub("_", name).split("/") if part not in ("", ".", "..")]
    found = "/".join(parts) or "_"
    if found == name and len(name) <= LONGEST:
        return name
    digest = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{found[: LONGEST - 9]}-{digest}"


def named(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values under names that are allowed."""
    return {allowed(name): value for name, value in values.items()}


def cut(text: str, longest: int) -> str:
    """Return a text that is no longer than that, and says where it was cut.

    >>> cut("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"
