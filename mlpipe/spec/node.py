"""The tree between YAML and plain values: each value knows where it stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Mark, Path, dotted

__all__ = ["MAX_DEPTH", "MAX_TEXT", "MAX_VALUES", "Node", "Scalar", "plain", "renamed", "walk"]

MAX_DEPTH = 32
MAX_VALUES = 30_000
MAX_TEXT = 4 * 2**20
"""Characters of all texts together, after aliases and variables have been put in."""

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a list or a mapping, its place, and the place of the key that leads to it."""

    value: "Scalar | list[Node] | dict[str, Node]"
    mark: Mark
    key: Mark | None = None

    @property
    def place(self) -> Mark:
        """Where to point a reader who looks for this entry: at its key, if it has one."""
        return self.key or self.mark


def plain(node: Node) -> Any:
    """Return the tree as dict, list and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def walk(root: Node) -> Iterator[tuple[Path, Node]]:
    """Yield every node with its path, parents first, and refuse a tree that is too large.

    Aliases share nodes, so that a small file can stand for a huge tree.

    Raises
    ------
    SpecError
        Deeper than `MAX_DEPTH`, more than `MAX_VALUES` values or `MAX_TEXT` characters.
    """
    count = length = 0
    stack: list[tuple[Path, Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        yield path, node
        count += 1
        length += len(node.value) if isinstance(node.value, str) else 0
        _check_size(path, node, count, length)
        stack.extend(reversed([((*path, step), child) for step, child in _children(node)]))


def _children(node: Node) -> list[tuple[str | int, Node]]:
    if isinstance(node.value, dict):
        return list(node.value.items())
    return list(enumerate(node.value)) if isinstance(node.value, list) else []


def _check_size(path: Path, node: Node, count: int, length: int) -> None:
    nested = len(path) >= MAX_DEPTH and isinstance(node.value, dict | list)
    if nested:
        message = f"nested deeper than {MAX_DEPTH} levels"
    elif count > MAX_VALUES:
        message = f"more than {MAX_VALUES:,} values, aliases included"
    elif length > MAX_TEXT:
        message = f"more than {MAX_TEXT:,} characters of text, aliases and variables included"
    else:
        return
    raise SpecError(Problem(message, str(node.place), "" if nested else dotted(path)))


def renamed(node: Node, change: Callable[[Mark], Mark]) -> Node:
    """Return the tree with every mark changed."""
    value = node.value
    if isinstance(value, dict):
        value = {key: renamed(child, change) for key, child in value.items()}
    elif isinstance(value, list):
        value = [renamed(child, change) for child in value]
    return replace(node, value=value, mark=change(node.mark), key=node.key and change(node.key))
