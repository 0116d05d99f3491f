"""Decode JSON so that nothing in it is bent: texts of numbers stay, keys that repeat are seen."""

from __future__ import annotations

import json
import re
from typing import Any

from mlpipe.ingest.cells import Broken, Real, Whole

__all__ = ["MOST_DEPTH", "Decoder", "depth", "member_texts", "unfit_character"]

MOST_DEPTH = 64
_SPACE = re.compile(r"[ \t\r\n]*")
_UNFIT = re.compile("[\0\ud800-\udfff]")


class Decoder:
    """A strict JSON decoder: numbers as exact text, `NaN` as broken, doubled keys on record.

    Attributes
    ----------
    doubled : list of str
        Keys that stood twice in an object since the list was last cleared.
    """

    def __init__(self) -> None:
        self.doubled: list[str] = []
        self._json = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=Whole,
            parse_float=Real,
            parse_constant=Broken,
        )
        self.decode = self._json.decode
        self.raw_decode = self._json.raw_decode

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            keys = [key for key, _ in pairs]
            self.doubled += [key for key in members if keys.count(key) > 1]
        return members


def depth(value: Any) -> int:
    """Return how deep lists and objects are nested in a value; 0 for a scalar."""
    deepest, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        deepest += 1
        level = [
            inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return deepest


def member_texts(raw: str, decoder: Decoder) -> dict[str, str]:
    """Return the exact text of each value of an object that was decoded before, by key."""
    texts: dict[str, str] = {}
    at = _past_space(raw, raw.index("{") + 1)
    while raw[at] != "}":
        key, at = decoder.raw_decode(raw, at)
        start = _past_space(raw, _past_space(raw, at) + 1)
        _, at = decoder.raw_decode(raw, start)
        texts[key] = raw[start:at]
        at = _past_space(raw, at)
        if raw[at] == ",":
            at = _past_space(raw, at + 1)
    return texts


def unfit_character(value: Any) -> str:
    """Say which character in a value no table can hold: NUL, half of a pair; else empty."""
    level = [value]
    while level:
        texts = [one for one in level if isinstance(one, str)]
        for text in texts:
            if found := _UNFIT.search(text):
                return "holds a NUL byte" if found[0] == "\0" else "holds half a surrogate pair"
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in ([*one, *one.values()] if isinstance(one, dict) else one)
        ]
    return ""


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
