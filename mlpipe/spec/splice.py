"""One change to a YAML text: a value replaced, added or removed, all other lines untouched."""

import re
from typing import Any

from mlpipe.spec.dump import flow, to_yaml
from mlpipe.spec.mark import Path
from mlpipe.spec.spans import Entry, Span

__all__ = ["Splice"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDTH = 100


class Splice:
    """Writes a change in the style of what stands around it.

    Parameters
    ----------
    text : str
        The whole file.
    root : Span
        Its spans.
    """

    def __init__(self, text: str, root: Span) -> None:
        self.text, self.root = text, root
        found = _LINE_END.search(text)
        self.line_end = found[0] if found else "\n"

    def put(
        self, path: Path, value: Any, *, after: str = "", written: str = "", note: str = ""
    ) -> str:
        """Return the text with a value set; mappings on the way are made where missing.

        Parameters
        ----------
        path : tuple
            Where it goes; a list is appended to by its length.
        value : Any
            Plain values.
        after : str
            The key of the same mapping that a new key follows; by default the last one.
        written : str
            The value in block style, as it is to be written under a new key: with comments.
        note : str
            A comment behind a new entry that has a line of its own.
        """
        chain, rest = self._chain(path)
        node = chain[-1].value
        if not rest and written and node.start == node.end:
            return self._replace_by_lines(chain[-1], written.splitlines())
        if not rest:
            return self._replace(chain, value)
        for part in reversed(rest[1:]):
            value = [value] if isinstance(part, int) else {part: value}
        if not node.entries and node.kind == "scalar":
            part = rest[0]
            return self._replace(chain, [value] if isinstance(part, int) else {part: value})
        if node.style == "flow":
            return self._add_in_flow(node, rest[0], value)
        lines = self._entry_lines(rest[0], value, written)
        if note and len(lines) == 1:
            lines = [f"{lines[0]}  # {note}"]
        if len(path) == 1 and len(lines) > 1:
            lines = ["", *lines]
        return self._add_lines(node, lines, after)

    def remove(self, path: Path) -> str:
        """Return the text without the entry at a path that is there."""
        chain, _ = self._chain(path)
        entry, parent = chain[-1], chain[-2].value
        at = parent.entries.index(entry)
        if len(parent.entries) == 1:
            return self._replace(chain[:-1], {} if parent.kind == "map" else [])
        before, behind = parent.entries[:at], parent.entries[at + 1 :]
        if parent.style == "block" and self._leads_its_line(entry):
            return self._without_lines(entry)
        if behind:
            return self._cut(entry.start, behind[0].start, "")
        return self._cut(before[-1].value.end, entry.value.end, "")

    def _chain(self, path: Path) -> tuple[list[Entry], Path]:
        """Return the entries along a path as far as they are there, and the rest of the path."""
        chain = [Entry("", self.root.start, self.root)]
        for at, part in enumerate(path):
            found = [entry for entry in chain[-1].value.entries if entry.key == part]
            if not found:
                return chain, path[at:]
            chain += found
        return chain, ()

    def _cut(self, start: int, end: int, new: str) -> str:
        return self.text[:start] + new + self.text[end:]

    def _line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def _line_stop(self, at: int) -> int:
        found = _LINE_END.search(self.text, at)
        return found.start() if found else len(self.text)

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _leads_its_line(self, entry: Entry) -> bool:
        return not self.text[self._line_start(entry.start) : entry.start].strip()

    def _without_lines(self, entry: Entry) -> str:
        start, stop = self._line_start(entry.start), self._line_stop(entry.value.end)
        line_end = _LINE_END.match(self.text, stop)
        if line_end:
            return self._cut(start, line_end.end(), "")
        found = list(_LINE_END.finditer(self.text, 0, start))
        return self._cut(found[-1].start() if found else 0, stop, "")

    def _replace(self, chain: list[Entry], value: Any) -> str:
        entry, node = chain[-1], chain[-1].value
        in_flow = any(step.value.style == "flow" for step in chain[:-1])
        if node.style == "block":
            return self._replace_block(entry, value)
        if node.style in ("|", ">") and isinstance(value, str) and "\n" in value:
            return self._cut(node.start, node.end, self._block_of_text(entry, value))
        new = flow(value) if not isinstance(value, str) else _quoted_alike(value, node.style)
        if in_flow or not _is_long(value, self._column(node.start) + len(new)):
            space = "" if self.text[node.start - 1 : node.start].isspace() else " "
            return self._cut(node.start, node.end, (space if node.start == node.end else "") + new)
        return self._replace_by_lines(entry, to_yaml(value).splitlines())

    def _replace_by_lines(self, entry: Entry, lines: list[str]) -> str:
        """Put a block under the line of its key; the comment on that line stays."""
        node = entry.value
        lines = _indented(lines, self._column(entry.start) + 2)
        head, stop = self.text[: node.start], self._line_stop(node.end)
        kept = (head.rstrip(" ") if node.start < node.end else head) + self.text[node.end : stop]
        return kept + self._joined(lines) + self.text[stop:]

    def _replace_block(self, entry: Entry, value: Any) -> str:
        """Put a value in the place of a block; the comment beside its key stays."""
        node = entry.value
        same = isinstance(value, dict if node.kind == "map" else list) and len(value) > 0
        if same:
            lines = _indented(to_yaml(value).splitlines(), self._column(node.start))
            text = self._joined(lines)
            return self._cut(node.start, node.end, text[len(self.line_end) :].lstrip(" "))
        head = self.text[entry.start : node.start]
        stop = self._line_stop(entry.start)
        if stop >= node.start:  # `- a: 1`: the block begins beside its dash
            return self._cut(node.start, node.end, flow(value))
        colon = entry.start + 1
        if isinstance(entry.key, str):
            colon = entry.start + _key_length(head)
        kept = self.text[colon:stop]
        return f"{self.text[:colon]} {flow(value)}{kept}{self.text[self._line_stop(node.end) :]}"

    def _block_of_text(self, entry: Entry, value: str) -> str:
        first, *lines = to_yaml({"k": value}).splitlines()
        if not lines:
            return first.removeprefix("k: ")
        column = self._column(entry.start)
        return first.removeprefix("k: ") + self._joined(_indented(lines, column))

    def _add_in_flow(self, node: Span, key: str | int, value: Any) -> str:
        new = flow(value) if isinstance(key, int) else f"{flow(key)}: {flow(value)}"
        if not node.entries:
            opening = self.text.index("[" if node.kind == "list" else "{", node.start) + 1
            return self._cut(opening, opening, new)
        last = node.entries[-1].value
        space = " " if last.start == last.end else ""
        if node.bare:
            inner = self.text[node.start : last.end]
            return self._cut(node.start, last.end, f"{{{inner}{space}, {new}}}")
        return self._cut(last.end, last.end, f"{space}, {new}")

    def _entry_lines(self, key: str | int, value: Any, written: str) -> list[str]:
        if isinstance(key, int):
            return to_yaml([value]).splitlines() if _is_long(value, 0) else [f"- {flow(value)}"]
        if written:
            return [f"{flow(key)}:", *_indented(written.splitlines(), 2)]
        line = f"{flow(key)}: {flow(value)}"
        return to_yaml({key: value}).splitlines() if _is_long(value, len(line)) else [line]

    def _add_lines(self, node: Span, lines: list[str], after: str) -> str:
        named = [entry for entry in node.entries if entry.key == after]
        behind = (named or node.entries)[-1]
        at = self._line_stop(behind.value.end)
        column = self._column(node.entries[0].start)
        return self._cut(at, at, self._joined(_indented(lines, column)))

    def _joined(self, lines: list[str]) -> str:
        return "".join(self.line_end + line for line in lines)


def _indented(lines: list[str], column: int) -> list[str]:
    return [" " * column + line if line else "" for line in lines]


def _is_long(value: Any, width: int) -> bool:
    """Whether a value takes lines of its own where it may."""
    held = isinstance(value, dict | list) and len(value) > 0
    return held and (width > _WIDTH or _depth(value) > 2)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0


def _quoted_alike(value: str, style: str) -> str:
    """Write a text in the quotes that the one before it had, where they can hold it."""
    text = flow(value)
    if style not in ("'", '"') or (text.startswith('"') and (style == '"' or "\\" in text)):
        return text
    return style + value.replace("'", "''") + style if style == "'" else f'"{value}"'


def _key_length(head: str) -> int:
    """Return how far it is from the start of a key to behind its colon."""
    if head[0] in "'\"":
        quoted = re.match(r"""'(?:[^']|'')*'\s*:|"(?:[^"\\]|\\.)*"\s*:""", head, re.DOTALL)
        return quoted.end() if quoted else len(head)
    found = re.search(r":(?=\s|\Z)", head)
    return found.end() if found else len(head)
