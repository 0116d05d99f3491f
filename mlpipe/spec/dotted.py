"""A class that the spec names by its dotted path, and whether it takes what is given to it."""

import inspect
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from pydantic_core import PydanticCustomError

from mlpipe.spec.suggest import did_you_mean

__all__ = ["PATH", "check_parameters", "find_class"]

PATH = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"
"""What a dotted path looks like: lightgbm.LGBMClassifier."""


def find_class(path: str, what: str, methods: Iterable[str]) -> Any:
    """Return the class at a path.

    Parameters
    ----------
    path : str
        ``package.module.Class``.
    what : str
        What it should be, for the message: ``transformer``.
    methods : iterable of str
        What it must be able to do.

    Raises
    ------
    PydanticCustomError
        If it cannot be imported, or is no such class.
    """
    module, _, name = path.rpartition(".")
    package = path.partition(".")[0]
    try:
        imported = import_module(module)
    except ImportError as error:
        missing = getattr(error, "name", None) == package
        hint = f"install the package that has it, e.g. pip install {package}" if missing else ""
        raise PydanticCustomError(
            "class_import",
            "cannot import {module}: {why}",
            {"module": module, "why": str(error), "hint": hint},
        ) from error
    found = getattr(imported, name, None)
    if not (inspect.isclass(found) and all(hasattr(found, method) for method in methods)):
        known = [each for each in dir(imported) if each[:1].isupper()]
        raise PydanticCustomError(
            "class_kind",
            "{module} has no {what} '{name}'",
            {"module": module, "what": what, "name": name, "hint": did_you_mean(name, known)},
        )
    return found


def check_parameters(path: str, found: Any, given: Mapping[str, Any]) -> None:
    """Refuse a parameter that the class does not have.

    Raises
    ------
    PydanticCustomError
        With the parameter that was meant, or all there are.
    """
    parameters = inspect.signature(found).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return
    for name in given:
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise PydanticCustomError(
                "unknown_parameter",
                "{type} has no parameter '{name}'",
                {
                    "type": path,
                    "name": name,
                    "hint": did_you_mean(name, parameters) or f"it has: {known}",
                },
            )
