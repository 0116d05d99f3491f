"""Where each value of a YAML text begins and ends, for edits that leave all else as it is."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from mlpipe.spec.yaml import LOADER

__all__ = ["Entry", "Span", "spans"]

_MAP_END: Any = yaml.MappingEndEvent
_LIST_END: Any = yaml.SequenceEndEvent


@dataclass(frozen=True, slots=True)
class Span:
    """The text of one value.

    Attributes
    ----------
    kind : {"map", "list", "scalar", "alias"}
        What it is.
    start, end : int
        Its characters in the text, an anchor included; blank lines and comments behind it are not.
    style : str
        ``flow`` or ``block`` of a mapping or list; the quote or the ``|`` or ``>`` of a scalar.
    entries : tuple of Entry
        What a mapping or list holds.
    bare : bool
        Whether it is a flow mapping without braces: ``[a: 1]``.
    name : str
        The name of an alias.
    """

    kind: Literal["map", "list", "scalar", "alias"]
    start: int
    end: int
    style: str = ""
    entries: tuple["Entry", ...] = ()
    bare: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a mapping or list, from its key or dash (in ``[]``: itself) to its end."""

    key: str | int
    start: int
    value: Span


def spans(text: str) -> Span:
    """Return the span of the document in a text that the strict reader has accepted."""
    tokens = yaml.scan(text, Loader=LOADER)
    dashes = [t.start_mark.index for t in tokens if isinstance(t, yaml.BlockEntryToken)]
    events = yaml.parse(text, Loader=LOADER)
    next(events)
    next(events)
    return _Reader(events, text, dashes).span(next(events))


class _Reader:
    """Reads spans off the events; the reader of `tree` has refused whatever is odd."""

    def __init__(self, events: Iterator[Any], text: str, dashes: list[int]) -> None:
        self.events, self.text, self.dashes = events, text, dashes

    def span(self, event: Any) -> Span:
        """Return the span that an event begins."""
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(start, flow=bool(event.flow_style))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(start, flow=bool(event.flow_style))
        if isinstance(event, yaml.AliasEvent):
            return Span("alias", start, end, name=str(event.anchor))
        style = event.style or ""
        return Span("scalar", start, self._block_end(start, end, style), style)

    def _mapping(self, start: int, *, flow: bool) -> Span:
        entries = []
        while not isinstance(key := next(self.events), _MAP_END):
            value = self.span(next(self.events))
            entries.append(Entry(key.value, key.start_mark.index, value))
        closing, end = key.start_mark.index, key.end_mark.index
        bare = flow and closing == end  # no brace stands there
        if entries and (bare or not flow):
            end = entries[-1].value.end
        return Span("map", start, end, "flow" if flow else "block", tuple(entries), bare)

    def _list(self, start: int, *, flow: bool) -> Span:
        entries: list[Entry] = []
        while not isinstance(event := next(self.events), _LIST_END):
            value = self.span(event)
            entries.append(Entry(len(entries), self._item_start(value.start, flow=flow), value))
        end = event.end_mark.index if flow else entries[-1].value.end
        return Span("list", start, end, "flow" if flow else "block", tuple(entries))

    def _item_start(self, value: int, *, flow: bool) -> int:
        return value if flow else self.dashes[bisect_left(self.dashes, value) - 1]

    def _block_end(self, start: int, end: int, style: str) -> int:
        """Leave out the blank lines that end a block of text, unless ``+`` keeps them."""
        if style not in ("|", ">"):
            return end
        text = self.text[start:end]
        if "+" in text.split("#")[0].splitlines()[0]:
            return end - (len(text) - len(text.removesuffix("\n").removesuffix("\r")))
        return start + len(text.rstrip())
