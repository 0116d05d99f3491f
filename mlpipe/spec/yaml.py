"""Strict YAML: a file of bytes becomes plain values that know their places.

The tree is built from PyYAML's events, which come one at a time: what is nested too deep, or too
large, is refused before the parser has gone through it. What YAML allows and a spec does not
(tags, merge keys, several documents, duplicate keys) is refused with its place, all of it at once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Mark, Path
from mlpipe.spec.node import Node, plain, walk
from mlpipe.spec.text import check_characters, decode, mark_at
from mlpipe.spec.traps import SECOND_DOCUMENT, explained
from mlpipe.spec.tree import build

__all__ = ["Tree", "parse", "parse_text", "scalar", "scalar_node"]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FRONT = re.compile(r"(?:[ ]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*")
_DIRECTIVE = re.compile(r"%[^\r\n]*")
_MARKER = re.compile(r"(?<![^\r\n])(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_EMPTY = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z))*")


@dataclass(frozen=True)
class Tree:
    """A parsed file.

    Attributes
    ----------
    root : Node
        The values with their places.
    """

    root: Node

    @cached_property
    def value(self) -> Any:
        """The plain values: dict, list, str, int, float, bool, None."""
        return plain(self.root)

    @cached_property
    def marks(self) -> Mapping[Path, Mark]:
        """The place of each value."""
        return {path: node.mark for path, node in walk(self.root)}

    @cached_property
    def keys(self) -> Mapping[Path, Mark]:
        """The place of each key of a mapping."""
        return {path: node.key for path, node in walk(self.root) if node.key}


def parse(data: bytes, file: str) -> Tree:
    """Parse a spec file, whose root is a mapping.

    Raises
    ------
    SpecError
        With the place of each thing that is wrong.
    """
    return parse_text(decode(data, file), file)


def parse_text(text: str, file: str) -> Tree:
    """Parse the text of a spec file; see `parse`."""
    body = _one_document(text, file)
    if _EMPTY.fullmatch(text, body):
        hint = "mlpipe init DATA --target COLUMN writes one"
        raise SpecError(Problem("the file is empty", file, hint=hint))
    root = _tree(text, file)
    if not isinstance(root.value, dict):
        raise SpecError(_not_a_mapping(root))
    return Tree(root)


def scalar(text: str) -> Any:
    """Read one value by the rules of the file, as ``-S`` gives it: ``3``, ``[a, b]``, ``{x: 1}``.

    Raises
    ------
    SpecError
        Where it is no value.

    >>> scalar("[1e-3, NO]")
    [0.001, 'NO']
    """
    return plain(scalar_node(text))


def scalar_node(text: str) -> Node:
    """Return `scalar` as a node, its size checked."""
    check_characters(text, "")
    _one_document(text, "")
    if not text.strip():
        return Node(None, Mark())
    return _tree(text, "")


def _tree(text: str, file: str) -> Node:
    root = build(_events(text, file), text, file)
    for _ in walk(root):
        pass
    return root


def _events(text: str, file: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        raise SpecError(explained(error, text, file)) from None
    except yaml.YAMLError as error:
        raise SpecError(Problem(str(error).splitlines()[0], file)) from None


def _one_document(text: str, file: str) -> int:
    """Refuse directives and further documents; return where the one document starts.

    The markers stand at the start of a line, where no value can, so that no parser is needed;
    and the parser is slow with thousands of directives.
    """
    at = _skip(_FRONT, text, 0)
    directive = _DIRECTIVE.match(text, at)
    if directive:
        if directive[0].rstrip() != "%YAML 1.2":
            hint = "a spec is read as YAML 1.2: delete the line"
            place = str(mark_at(text, at, file))
            raise SpecError(Problem("directives are not part of a spec", place, hint=hint))
        at = _skip(_FRONT, text, directive.end())
    first = _MARKER.match(text, at)
    start = first.end() if first else at
    for marker in _MARKER.finditer(text, start):
        _check_end(text, marker, file)
    return start


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _check_end(text: str, marker: re.Match[str], file: str) -> None:
    if marker[0] == "..." and _EMPTY.fullmatch(text, marker.end()):
        return
    place = str(mark_at(text, marker.start(), file))
    message, hint = SECOND_DOCUMENT
    raise SpecError(Problem(message, place, hint=hint))


def _not_a_mapping(root: Node) -> Problem:
    what = "a list" if isinstance(root.value, list) else "a single value"
    hint = "start with `version: 1`; the sections are keys at the top"
    return Problem(f"a spec is a mapping of keys, not {what}", str(root.mark), hint=hint)
