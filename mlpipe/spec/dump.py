"""Plain values as YAML that reads back as the same values."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlpipe.spec.mark import Mark, Path
from mlpipe.spec.secret import mask
from mlpipe.spec.text import MISLEADING

__all__ = ["flow", "to_yaml"]

_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./-]|[ ](?=[A-Za-z0-9_./]))*")
_OTHER_READERS = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")
"""Words that YAML 1.1 takes for booleans: quoted, so that no reader can go wrong."""
_WIDTH = 88


def to_yaml(values: Any, origins: Mapping[Path, Mark] | None = None) -> str:
    """Write values as YAML, in block style, with short lists on one line.

    Parameters
    ----------
    values : Any
        dict, list, str, int, float, bool and None.
    origins : mapping, optional
        Where each value came from: written behind it as a comment, ``default`` where it came
        from nowhere. Secrets are then masked, as this is for people to look at.

    >>> print(to_yaml({"a": "on", "b": [1e-3, "010"], "c": {}}), end="")
    a: "on"
    b: [0.001, "010"]
    c: {}
    """
    writer = _Writer(origins)
    shown = values if origins is None else mask(values)
    lines = list(writer.block(shown, (), 0)) if _holds(shown) else [flow(shown)]
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, origins: Mapping[Path, Mark] | None) -> None:
        self.origins = origins
        self.inner = {path[:-1] for path in origins or ()}

    def block(self, value: Any, path: Path, indent: int) -> Iterator[str]:
        """Yield the lines of a mapping or a list."""
        space = "  " * indent
        if isinstance(value, dict):
            for key, item in value.items():
                head = f"{space}{_text(str(key))}:"
                yield from self._entry(head, item, (*path, key), indent)
            return
        for position, item in enumerate(value):
            yield from self._item(space, item, (*path, position), indent)

    def _entry(self, head: str, item: Any, path: Path, indent: int) -> Iterator[str]:
        if _holds(item) and not _on_one_line(item, len(head)):
            yield head
            yield from self.block(item, path, indent + 1)
        elif isinstance(item, str) and _in_block(item):
            style = "|" if item.endswith("\n") else "|-"
            yield f"{head} {style}{self._comment(path)}"
            space = "  " * (indent + 1)
            lines = item.removesuffix("\n").split("\n")
            yield from (f"{space}{line}" if line else "" for line in lines)
        else:
            yield f"{head} {flow(item)}{self._comment(path)}"

    def _item(self, space: str, item: Any, path: Path, indent: int) -> Iterator[str]:
        if _holds(item) and not _on_one_line(item, len(space)):
            lines = self.block(item, path, indent + 1)
            first = next(lines)
            yield f"{space}- {first.lstrip(' ')}"
            yield from lines
        else:
            yield f"{space}- {flow(item)}{self._comment(path)}"

    def _comment(self, path: Path) -> str:
        if self.origins is None:
            return ""
        while path not in self.origins and path[:-1] not in self.inner and path:
            path = path[:-1]
        found = self.origins.get(path)
        return f"  # {found}" if found else "  # default"


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list | tuple) and len(value) > 0


def _on_one_line(value: Any, used: int) -> bool:
    """Tell whether a list of single values is short enough for one line."""
    if isinstance(value, dict) or any(isinstance(item, dict | list | tuple) for item in value):
        return False
    return used + len(flow(value)) <= _WIDTH


def flow(value: Any) -> str:
    """Write a value on one line.

    >>> flow({"in": ["a", "010"], "min": None})
    '{in: [a, "010"], min: null}'
    """
    if isinstance(value, dict):
        pairs = (f"{_text(str(key))}: {flow(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(item) for item in value)}]"
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value, allow_nan=False)


def _text(text: str) -> str:
    """Write a text plain where every reader takes it for text, else in double quotes."""
    if _PLAIN.fullmatch(text) and not _OTHER_READERS.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return MISLEADING.sub(_escaped, quoted)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _in_block(text: str) -> bool:
    """Tell whether a text of several lines reads back from a ``|`` block as it is."""
    body = text.removesuffix("\n")
    if "\n" not in body or "\r" in text or MISLEADING.search(text):
        return False
    return not body[0].isspace() and not body[-1].isspace()
