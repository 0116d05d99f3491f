"""What an unquoted word means: the core schema of YAML 1.2, and nothing that can be misread.

``yes``, ``on``, ``NO``, ``22:22``, ``1_000`` and dates are text; ``1e-3`` is a number.
"""

import math
import re
from typing import Any

__all__ = ["AmbiguousError", "read"]

_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST = 100


class AmbiguousError(ValueError):
    """The word could mean two things; carries a message and a hint."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def read(text: str) -> Any:
    """Return the null, boolean, integer, float or text that an unquoted word means.

    Raises
    ------
    AmbiguousError
        For ``010``, ``.nan``, ``.inf`` and numbers that a float cannot hold.

    >>> [read(word) for word in ("NO", "22:22", "1e-3", "0o17", "~")]
    ['NO', '22:22', 0.001, 15, None]
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _number(text: str) -> Any:
    if _NOT_FINITE.fullmatch(text):
        raise AmbiguousError(
            f"{text} is not a finite number", f'quote it if text is meant: "{text}"'
        )
    if not _FLOAT.fullmatch(text) and not _BASED.fullmatch(text):
        return text
    if len(text) > _LONGEST:
        raise AmbiguousError(f"a number of {len(text)} characters", "quote it if text is meant")
    if _LEADING_ZERO.fullmatch(text):
        number = text.lstrip("+-").lstrip("0") or "0"
        hint = f'write {number} for the number, "{text}" for the text'
        raise AmbiguousError(f"{text} could be text, a number or an octal number", hint)
    if _BASED.fullmatch(text):
        return int(text, 0)
    return int(text) if _INTEGER.fullmatch(text) else _finite(text)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise AmbiguousError(
            f"{text} is too large for a number", f'quote it if text is meant: "{text}"'
        )
    return value
