"""Names that become folders, columns of reports and words on the command line."""

import re
from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

__all__ = ["SafeName", "distinct_ignoring_case", "function_of", "once", "safe_name"]

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")

Names = TypeVar("Names", bound=Iterable[str])


def safe_name(name: str) -> str:
    """Return a name that is safe as a folder of its own.

    Raises
    ------
    PydanticCustomError
        ``unsafe_name``: a slash, ``..``, a leading dot or dash, another letter, over 64.
    """
    if not _SAFE.fullmatch(name) or ".." in name:
        raise PydanticCustomError(
            "unsafe_name",
            "'{name}' cannot be a name",
            {
                "name": name if len(name) <= 70 else name[:69] + "…",
                "hint": "up to 64 letters (a-z), digits, _ . and -, without '..'",
            },
        )
    return name


SafeName = Annotated[str, AfterValidator(safe_name)]
"""A name of a project, a model or a source."""


def distinct_ignoring_case(names: Names) -> Names:
    """Return the names, or a mapping by name; refuse two that differ only in case.

    Some file systems and SQL take them for the same.

    Raises
    ------
    PydanticCustomError
        ``same_name``, with both.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise PydanticCustomError(
                "same_name",
                "'{one}' and '{other}' differ only in case",
                {"one": other, "other": name, "hint": "rename one of them"},
            )
    return names


def once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names if none is there twice.

    Raises
    ------
    PydanticCustomError
        ``twice``.
    """
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError("twice", "'{name}' is named twice", {"name": name})
    return names


def function_of(example: str) -> AfterValidator:
    """Return the check that a text names a function of a file: ``path.py:function``.

    Parameters
    ----------
    example : str
        For the hint.
    """

    def check(name: str) -> str:
        path, _, function = name.rpartition(":")
        if not path.endswith(".py") or not function.isidentifier():
            raise PydanticCustomError(
                "python", "expected path.py:function", {"hint": f"python: {example}"}
            )
        return name

    return AfterValidator(check)
