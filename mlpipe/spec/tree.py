"""From PyYAML's events to nodes, with the rules that a spec adds to YAML."""

from collections.abc import Iterator
from typing import Any

import yaml

from mlpipe.errors import Problem, SpecError
from mlpipe.spec import scalars, traps
from mlpipe.spec.mark import Mark, Path, dotted
from mlpipe.spec.node import MAX_DEPTH, MAX_VALUES, Node

__all__ = ["build"]

_MOST_PROBLEMS = 50


def build(events: Iterator[Any], text: str, file: str) -> Node:
    """Build the node of the one document.

    Raises
    ------
    SpecError
        With every breach of the rules, up to a limit, or with the parser's first error.
    """
    reader = _Reader(events, text, file)
    root = reader.document()
    if reader.problems:
        raise SpecError(*reader.problems)
    return root


class _Reader:
    """Reads nodes off the events; collects problems as it goes."""

    def __init__(self, events: Iterator[Any], text: str, file: str) -> None:
        self.events, self.text, self.file = events, text, file
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}
        self.count = 0

    def document(self) -> Node:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            hint = "quote it if text is meant"
            raise SpecError(
                Problem("a '#' starts a comment; there is no value", self.file, "", hint)
            )
        root = self.node(next(self.events), ())
        next(self.events)
        if isinstance(further := next(self.events), yaml.DocumentStartEvent):
            self._refuse(further, (), *traps.SECOND_DOCUMENT)
        return root

    def node(self, event: Any, path: Path, key: Mark | None = None, *, flow: bool = False) -> Node:
        self._check_size(event, path)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, key)
        anchor = event.anchor
        if event.tag is not None:
            self._refuse(event, path, *traps.tag(event, self.text))
        if anchor is not None:
            self.anchors[anchor] = None
        found = self._value(event, path, key, flow=flow)
        if anchor is not None:
            self.anchors[anchor] = found
        return found

    def _value(self, event: Any, path: Path, key: Mark | None, *, flow: bool) -> Node:
        mark = self._mark(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._items(path, flow=bool(event.flow_style)), mark, key)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._entries(path, flow=bool(event.flow_style)), mark, key)
        return Node(self._scalar(event, path, flow=flow), mark, key)

    def _items(self, path: Path, *, flow: bool) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items)), flow=flow))
        return items

    def _entries(self, path: Path, *, flow: bool) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name, mark = self._key(event, path), self._mark(event)
            if name in entries:
                first = entries[name].place
                message = f"this key stands twice; first on line {first.line}"
                self._refuse(event, (*path, name), message, "keep one of them")
            value = next(self.events)
            if flow and name and (trap := traps.bare_key(event, value, self.text)):
                self._refuse(event, path, *trap)
            entries[name] = self.node(value, (*path, name), mark, flow=flow)
        return entries

    def _key(self, event: Any, path: Path) -> str:
        """Return a key as it was written: keys are text, whatever they look like."""
        plain = isinstance(event, yaml.ScalarEvent)
        if plain and (event.value or event.style) and event.tag is None and not event.anchor:
            if event.value == "<<" and not event.style:
                hint = "share values through `extends`, or repeat the alias under each key"
                self._refuse(event, path, "merge keys (<<) are not part of YAML 1.2", hint)
            return self._text(event, path)
        self._refuse(event, path, *traps.odd_key(event, self.text))
        told = len(self.problems)
        if isinstance(event, yaml.CollectionStartEvent):
            self.node(event, path)
        del self.problems[told:]
        return ""

    def _scalar(self, event: Any, path: Path, *, flow: bool) -> Any:
        if trap := traps.scalar(event, self.text, flow=flow):
            self._refuse(event, path, *trap)
        if event.style:
            return self._text(event, path)
        try:
            return scalars.read(event.value)
        except scalars.AmbiguousError as error:
            self._refuse(event, path, str(error), error.hint)
            return None

    def _text(self, event: Any, path: Path) -> str:
        """Return a text; an escape may name any character but the one that ends texts in C."""
        if "\0" in event.value:
            self._refuse(event, path, "a text cannot hold the character U+0000", "")
        return str(event.value)

    def _alias(self, event: Any, path: Path, key: Mark | None) -> Node:
        target = self.anchors.get(event.anchor)
        if target is not None:
            return Node(target.value, self._mark(event), key)
        self._refuse(event, path, *traps.alias(event, known=event.anchor in self.anchors))
        return Node(None, self._mark(event), key)

    def _mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _check_size(self, event: Any, path: Path) -> None:
        self.count += 1
        container = isinstance(event, yaml.CollectionStartEvent)
        if container and len(path) >= MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise SpecError(*self.problems, Problem(message, str(self._mark(event))))
        if self.count > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values"
            raise SpecError(*self.problems, Problem(message, str(self._mark(event)), dotted(path)))

    def _refuse(self, event: Any, path: Path, message: str, hint: str) -> None:
        self.problems.append(Problem(message, str(self._mark(event)), dotted(path), hint))
        if len(self.problems) >= _MOST_PROBLEMS:
            raise SpecError(*self.problems)
