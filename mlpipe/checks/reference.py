"""The name under which the values of a reference are kept, from ingest to validate."""

import json
from hashlib import sha256

__all__ = ["Reference", "reference_name"]

Reference = tuple[str, tuple[str, ...]]
"""A source of ingest and its columns, taken together."""


def reference_name(reference: Reference) -> str:
    """Return a name of letters and digits alone, whatever the columns are called.

    >>> reference_name(("plans", ("plan",)))
    'reference-plans-92744cb6'
    """
    source, columns = reference
    return f"reference-{source}-{sha256(json.dumps(columns).encode()).hexdigest()[:8]}"
