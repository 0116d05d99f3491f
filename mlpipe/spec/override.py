"""``-S train.models.boosted.max_iter=300``: one value of the spec, set from the command line."""

from dataclasses import dataclass
from itertools import accumulate

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Mark
from mlpipe.spec.node import MAX_DEPTH, Node, renamed
from mlpipe.spec.secret import MASK, is_secret, mask_text
from mlpipe.spec.yaml import scalar_node

__all__ = ["Override", "read_override"]


@dataclass(frozen=True)
class Override:
    """One key and its new value.

    Attributes
    ----------
    keys : tuple of str
        The parts of the dotted key.
    value : Node
        What it is set to, marked with the option.
    """

    keys: tuple[str, ...]
    value: Node

    @property
    def mark(self) -> Mark:
        """The option, as a place."""
        return self.value.mark

    def apply(self, root: Node) -> Node:
        """Return the spec with the value set; mappings on the way are made where missing.

        Raises
        ------
        SpecError
            Where the key leads through a scalar, or to an item that a list does not have.
        """
        return self._set(root, self.keys, ())

    def _set(self, node: Node, keys: tuple[str, ...], path: tuple[str, ...]) -> Node:
        if not keys:
            return Node(self.value.value, self.mark, self.mark)
        if isinstance(node.value, list):
            return self._set_item(node, node.value, keys, path)
        if node.value is not None and not isinstance(node.value, dict):
            raise self._refused(f"{'.'.join(path)} is a single value and has no keys", path)
        entries = node.value or {}
        name, rest = _longest_name(entries, keys)
        child = entries.get(name, Node(None, self.mark, self.mark))
        changed = self._set(child, rest, (*path, name))
        mark = node.mark if node.value is not None else self.mark
        return Node({**entries, name: changed}, mark, node.key)

    def _set_item(
        self, node: Node, items: list[Node], keys: tuple[str, ...], path: tuple[str, ...]
    ) -> Node:
        number = keys[0]
        digits = number.isascii() and number.isdigit() and len(number) < 7
        if not digits or int(number) >= len(items):
            held = f"{len(items)} item{'s' * (len(items) != 1)}, counted from 0"
            raise self._refused(f"{'.'.join(path)} is a list of {held}, without '{number}'", path)
        at = int(number)
        changed = self._set(items[at], keys[1:], (*path, number))
        return Node([*items[:at], changed, *items[at + 1 :]], node.mark, node.key)

    def _refused(self, message: str, path: tuple[str, ...]) -> SpecError:
        hint = f"set it whole: -S {'.'.join(path)}=…"
        return SpecError(Problem(message, str(self.mark), hint=hint))


def _longest_name(entries: dict[str, Node], keys: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Take the next part of the key; more of them where the spec has a key with dots in it."""
    joined = list(accumulate(keys, lambda before, part: f"{before}.{part}"))
    for count in range(len(joined), 1, -1):
        if joined[count - 1] in entries:
            return joined[count - 1], keys[count:]
    return keys[0], keys[1:]


def read_override(text: str) -> Override:
    """Read the ``key=value`` of one ``-S``.

    Raises
    ------
    SpecError
        Placed at ``-S TEXT``: no ``=``, an empty key, or a value that is no YAML.
    """
    key, equals, written = text.partition("=")
    mark = Mark(via=f"-S {_shown(key, equals, written)}")
    example = "for example -S train.folds=3"
    if not equals:
        raise SpecError(Problem("expected key=value", str(mark), hint=example))
    keys = tuple(key.strip().split("."))
    if not all(keys) or len(keys) > MAX_DEPTH:
        what = "a part of the key is empty" if not all(keys) else "the key is too long"
        raise SpecError(Problem(what, str(mark), hint=example))
    if keys[0] in ("extends", "profiles"):
        hint = "choose a profile with --profile" if keys[0] == "profiles" else ""
        raise SpecError(Problem(f"{keys[0]} is read from files only", str(mark), hint=hint))
    try:
        value = scalar_node(written)
    except SpecError as error:
        told = [Problem(each.message, str(mark), hint=each.hint) for each in error.problems]
        raise SpecError(*told) from None
    return Override(keys, renamed(value, lambda _: mark))


def _shown(key: str, equals: str, written: str) -> str:
    """Write the option for people: on one line, short, without its secret."""
    secret = is_secret(key.rpartition(".")[2]) and written
    line = " ".join(f"{key}{equals}{MASK if secret else mask_text(written)}".split())
    visible = "".join(letter if letter.isprintable() else "?" for letter in line)
    return visible if len(visible) <= 100 else visible[:99] + "…"
