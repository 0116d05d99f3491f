"""Pydantic's errors in our words: what was expected, what was found, and what to do."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mlpipe.spec.secret import MASK, is_secret, mask_text
from mlpipe.spec.shape import Fault
from mlpipe.spec.suggest import did_you_mean

__all__ = ["explain", "shown"]

_NOUNS = {
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "none_required": "null",
}
_BOUNDS = {
    "greater_than": ("gt", "must be greater than {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than": ("lt", "must be less than {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "multiple_of": ("multiple_of", "must be a multiple of {}"),
}
_MEANT = {
    **dict.fromkeys(("yes", "on", "y", "1"), "true"),
    **dict.fromkeys(("no", "off", "n", "0"), "false"),
}
_NUMBERS = {"an integer", "a number"}
_NUMERIC = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


def explain(fault: Fault) -> tuple[str, str]:
    """Return the message and the hint of a fault."""
    if fault.kind in _NOUNS or fault.kind in ("literal_error", "enum"):
        return _shape(fault)
    if fault.kind in _BOUNDS:
        name, message = _BOUNDS[fault.kind]
        return f"{message.format(_number(fault.context[name]))}, got {_got(fault)}", ""
    if fault.kind in _PLAIN:
        return _PLAIN[fault.kind](fault.context, fault), ""
    if fault.kind == "union_tag_invalid":
        return _unknown_tag(fault)
    if fault.kind in ("value_error", "assertion_error"):
        return str(fault.context.get("error", fault.message)), ""
    hint = str(fault.context.get("hint", ""))
    return fault.message, hint


def _shape(fault: Fault) -> tuple[str, str]:
    """Say which shapes the value could have had: those of all members of a union."""
    every = (fault, *fault.others)
    words = [word for each in every for word in _words(each)]
    nouns = list(dict.fromkeys(_NOUNS[each.kind] for each in every if each.kind in _NOUNS))
    wanted = [*nouns, *(f"'{word}'" for word in dict.fromkeys(words))]
    expected = f"one of: {', '.join(dict.fromkeys(words))}" if len(words) > 1 and not nouns else ""
    message = f"expected {expected or _either(wanted)}"
    end = ";" if expected else ","
    near = did_you_mean(fault.value, words) if isinstance(fault.value, str) else ""
    return f"{message}{end} got {_got(fault)}", near or _shape_hint(fault, nouns)


def _words(fault: Fault) -> list[str]:
    """Read the words that pydantic lists as ``'a', 'b' or 'c'``."""
    if fault.kind not in ("literal_error", "enum"):
        return []
    listed = str(fault.context["expected"]).replace(" or ", ", ")
    return [word.strip().strip("'") for word in listed.split(", ")]


def _either(wanted: list[str]) -> str:
    *most, last = wanted
    return f"{', '.join(most)} or {last}" if most else last


def _shape_hint(fault: Fault, nouns: list[str]) -> str:
    value = fault.value
    if value is None:
        return "leave the key out, or give it a value"
    if isinstance(value, dict | list) or _got(fault) == MASK:
        return ""
    if "true or false" in nouns and (meant := _MEANT.get(str(value).lower())):
        return f"write {meant}"
    if "text" in nouns:
        return f'quote it: "{shown(value)}"'
    if isinstance(value, str) and _NUMERIC.fullmatch(value) and {*nouns} & _NUMBERS:
        return f"write {value} without quotes"
    return f"write [{shown(value)}]" if nouns == ["a list"] else ""


def _unknown_tag(fault: Fault) -> tuple[str, str]:
    known = [word.strip().strip("'") for word in fault.context["expected_tags"].split(",")]
    tag = str(fault.context["tag"])
    message = f"'{tag}' is not known; expected one of: {', '.join(known)}"
    return message, did_you_mean(tag, known)


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _items(context: Mapping[str, Any], bound: str, word: str) -> str:
    count = context[bound]
    held = context.get("actual_length")
    return f"needs at {word} {count} item{'s' * (count != 1)}, has {held}"


def _short_text(context: Mapping[str, Any], fault: Fault) -> str:
    if not fault.value:
        return "must not be empty"
    return f"must have at least {context['min_length']} characters, got {_got(fault)}"


def _long_text(context: Mapping[str, Any], fault: Fault) -> str:
    most = context["max_length"]
    return f"must have at most {most} character{'s' * (most != 1)}, got {_got(fault)}"


_PLAIN: dict[str, Callable[[Mapping[str, Any], Fault], str]] = {
    "missing": lambda _, __: "this key is missing",
    "extra_forbidden": lambda _, __: "unknown key",
    "finite_number": lambda _, fault: f"must be a finite number, got {_got(fault)}",
    "string_too_short": _short_text,
    "string_too_long": _long_text,
    "too_short": lambda context, _: _items(context, "min_length", "least"),
    "too_long": lambda context, _: _items(context, "max_length", "most"),
    "string_pattern_mismatch": lambda context, fault: (
        f"must match {context['pattern']}, got {_got(fault)}"
    ),
}


def _got(fault: Fault) -> str:
    key = next((part for part in reversed(fault.path) if isinstance(part, str)), "")
    hidden = is_secret(key) and isinstance(fault.value, str | int | float)
    return MASK if hidden else shown(fault.value, quoted=True)


def shown(value: Any, *, quoted: bool = False) -> str:
    """Write a value the way YAML would, short and without secrets.

    >>> [shown(value, quoted=True) for value in ("x", True, None, [1], {})]
    ["'x'", 'true', 'nothing', 'a list', 'a mapping']
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if not isinstance(value, str):
        return str(value)
    text = " ".join(mask_text(value).split())
    text = text if len(text) <= 60 else text[:59] + "…"
    return f"'{text}'" if quoted else text
