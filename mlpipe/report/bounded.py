"""Keep a page small whatever was run: long texts and long lists are cut, and it says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlpipe.report.words import is_number, plural

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LARGEST", "LONGEST", "Cut", "bounded", "within"]

LARGEST = 2_800_000
"""Bytes of a page; what is larger is drawn again with shorter lists."""

LONGEST = 400
"""Characters of a text, but for those that are shown whole."""

_WHOLE = {"spec": 200_000, "diff": 200_000}
_MOST = (1000, 300, 100, 30, 10, 3)


class Cut(list[Any]):
    """The first items of a list; ``left`` says how many others there are."""

    left = 0


def within(render: Callable[[dict[str, Any]], str], shown: Mapping[str, Any]) -> str:
    """Render a view with the longest lists that the page has room for.

    Parameters
    ----------
    render : callable
        From a view to HTML.
    shown : mapping
        The view; it is rendered with ``cut`` beside it, a line for each list that was cut.
    """
    html = ""
    for most in _MOST:
        cut: dict[str, str] = {}
        view = {name: bounded(value, most, name, cut) for name, value in shown.items()}
        html = render({**view, "cut": [f"{name}: {how}" for name, how in cut.items()]})
        if len(html.encode(errors="replace")) <= LARGEST:
            break
    return html


def bounded(value: Any, most: int, name: str, cut: dict[str, str]) -> Any:
    """Return a value with its texts and lists cut, and note under its name what was cut.

    Numbers in lists are kept: they are points of figures, and bounded by whoever made them.
    """
    if isinstance(value, str):
        return _text(value, _WHOLE.get(name, LONGEST))
    if isinstance(value, Mapping):
        kept = list(value.items())[:most]
        _note(cut, name, len(kept), len(value))
        return {
            _key(key, at): bounded(item, most, _below(name, key), cut)
            for at, (key, item) in enumerate(kept)
        }
    if not isinstance(value, list) or all(map(is_number, value)):
        return value
    found = Cut(bounded(item, most, name, cut) for item in value[:most])
    found.left = len(value) - len(found)
    _note(cut, name, len(found), len(value))
    return found


def _text(text: str, longest: int) -> str:
    if len(text) <= longest or hasattr(text, "__html__"):  # markup is a figure of ours
        return text
    return f"{text[:longest]}… ({plural(len(text), 'character')})"


def _key(key: Any, at: int) -> Any:
    """Cut a key too; its place keeps apart those that begin alike."""
    short = isinstance(key, str) and len(key) <= LONGEST
    return key if short or not isinstance(key, str) else f"{key[:LONGEST]}… ({at + 1})"


def _below(name: str, key: Any) -> str:
    return str(key) if name in _CONTAINERS else f"{name}.{str(key)[:40]}"


_CONTAINERS = ("ingest", "split", "validate", "featurize", "evaluate", "monitor", "train")


def _note(cut: dict[str, str], name: str, kept: int, of: int) -> None:
    if kept < of:
        cut[name] = f"the first {kept:,} of {of:,}"
