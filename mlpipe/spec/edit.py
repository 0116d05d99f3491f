"""Edit a spec and leave it the user's: every comment, quote and blank line stays where it is.

Not a dump of a tree: the text of the one value is replaced, and what comes out is read again by
the strict reader. Only where that gives the old tree with the one change is the edit accepted.
"""

import codecs
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Path, dotted
from mlpipe.spec.resolve import Resolved
from mlpipe.spec.spans import Span, spans
from mlpipe.spec.splice import Splice
from mlpipe.spec.text import decode
from mlpipe.spec.yaml import Tree, parse_text

__all__ = ["Edit", "applied", "edited", "home"]

_VARIABLE = ("${env:", "${secret:")


@dataclass(frozen=True)
class Edit:
    """One change.

    Attributes
    ----------
    path : tuple
        The keys and list positions that lead to the value; a list is appended to by its length.
    value : Any
        Plain values to set.
    remove : bool
        Take the entry out instead.
    after : str
        The key of the same mapping behind which a new key is put; by default the last one.
    written : str
        The value in block style, as it is to be written under a new key: with comments.
    note : str
        A comment behind a new entry that has a line of its own.
    """

    path: Path
    value: Any = None
    remove: bool = False
    after: str = ""
    written: str = ""
    note: str = ""


def edited(data: bytes, edits: Sequence[Edit], file: str) -> bytes:
    """Return the bytes of a file with changes made, in order.

    Parameters
    ----------
    data : bytes
        The file.
    edits : sequence of Edit
        The changes.
    file : str
        Its name, for what is said of it.

    Raises
    ------
    SpecError
        Where the path leads nowhere, or the change would change another value too.
    """
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = decode(data, file)
    for edit in edits:
        text = _changed(text, edit, file)
    return mark + text.encode()


def home(resolved: Resolved, path: Path) -> str:
    """Return the file that a value stands in, or that a new one belongs into.

    Raises
    ------
    SpecError
        Where it comes from a profile or an option, not from a file.
    """
    there = path
    while there not in resolved.origins:
        there = there[:-1]
    mark = resolved.origins[there]
    if mark.via or not mark.file:
        message = f"the value comes from {mark.via or 'no file'}, and is not edited"
        raise SpecError(Problem(message, str(mark), dotted(path), "change it there by hand"))
    return mark.file


def applied(values: Any, edit: Edit) -> Any:
    """Return plain values with a change made; the values given stay as they are."""
    return _with(values, edit.path, edit)


def _changed(text: str, edit: Edit, file: str) -> str:
    tree, root = parse_text(text, file), spans(text)
    _check_path(tree, edit, file)
    if alias := _alias_on(root, edit.path):
        raise SpecError(_refused(tree, edit, file, f"it is shared through *{alias}"))
    splice = Splice(text, root)
    if edit.remove:
        new = splice.remove(edit.path)
    else:
        options = {"after": edit.after, "written": edit.written, "note": edit.note}
        new = splice.put(edit.path, edit.value, **options)
    try:
        found = parse_text(new, file).value
    except SpecError:
        found = None
    if _canonical(found) != _canonical(applied(tree.value, edit)):
        why = "others refer to it" if _holds_alias(root) else "it is written in a way that is rare"
        raise SpecError(_refused(tree, edit, file, why))
    return new


def _check_path(tree: Tree, edit: Edit, file: str) -> None:
    """Refuse a path that leads through a single value, beyond a list, or to a variable."""
    value, path = tree.value, edit.path
    message = "" if path else "the whole file is not replaced"
    for at, part in enumerate(path):
        message = _misstep(value, part, dotted(path[:at]), remove=edit.remove)
        if message or not _is_there(value, part):
            break
        value = value[part]
    else:
        if isinstance(value, str) and any(word in value for word in _VARIABLE):
            message = "the value is read from the environment, and is not edited"
    if message:
        raise SpecError(Problem(message, _place(tree, path, file), dotted(path)))


def _is_there(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _misstep(value: Any, part: str | int, before: str, *, remove: bool) -> str:
    """Return what is wrong with a step of a path, or nothing."""
    if isinstance(part, int):
        size = len(value) if isinstance(value, list) else 0
        fits = isinstance(value, list) or (value is None and not remove)
        if fits and 0 <= part < size + (not remove):
            return ""
        what = f"a list of {size}" if isinstance(value, list) else "no list"
        return f"{before} is {what}, without an item {part}"
    if isinstance(value, dict):
        return f"there is no '{part}'" if remove and part not in value else ""
    return "" if value is None and not remove else f"{before} has no keys"


def _with(value: Any, path: Path, edit: Edit) -> Any:
    """Return the plain values with the change made."""
    if not path:
        return edit.value
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(value or ())
        changed = _with(items[part] if part < len(items) else None, rest, edit)
        gone = edit.remove and not rest
        return [*items[:part], *([] if gone else [changed]), *items[part + 1 :]]
    entries = dict(value or {})
    if edit.remove and not rest:
        del entries[part]
        return entries
    return {**entries, part: _with(entries.get(part), rest, edit)}


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _refused(tree: Tree, edit: Edit, file: str, why: str) -> Problem:
    message = f"cannot be changed without touching something else: {why}"
    place = _place(tree, edit.path, file)
    return Problem(message, place, dotted(edit.path), "change it by hand")


def _alias_on(root: Span, path: Path) -> str:
    """Return the alias that a path leads through."""
    for part in path:
        if root.kind == "alias":
            return root.name
        inner = [entry.value for entry in root.entries if entry.key == part]
        if not inner:
            break
        root = inner[0]
    return ""


def _holds_alias(node: Span) -> bool:
    return node.kind == "alias" or any(_holds_alias(entry.value) for entry in node.entries)


def _place(tree: Tree, path: Path, file: str) -> str:
    while path and path not in tree.marks:
        path = path[:-1]
    return str((tree.keys.get(path) or tree.marks[path]) if path else file)
