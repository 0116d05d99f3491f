"""What fetching a source needs, and what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from mlpipe.ingest.source import Source
from mlpipe.spec.secret import MASK, mask_text

__all__ = ["Before", "Fetched", "UnreachableError", "Wanted", "hushed"]

Facts = Mapping[str, str]


class UnreachableError(Exception):
    """A source did not answer, or broke off: what failed, in words without passwords."""


@dataclass(frozen=True)
class Before:
    """What the last fetch of the same source left.

    Attributes
    ----------
    files : mapping
        By name, what the server said of each file: ``etag``, ``modified``, ``url``.
    alike : str
        A digest of the rows that does not depend on their order; empty for files.
    answer : str
        The digest of what ``refresh: QUERY`` answered; empty without one.
    """

    files: Mapping[str, Facts] = field(default_factory=dict)
    alike: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Wanted:
    """One source to fetch.

    Attributes
    ----------
    source : Source
        With its secrets in place.
    key : str
        Where it stands in the spec, e.g. ``ingest.sources.plans``.
    folder : Path
        An empty folder that takes the files.
    before : Before or None
        The last fetch, where it is still there.
    secrets : tuple of str
        What may appear in no message.
    """

    source: Source
    key: str
    folder: Path
    before: Before | None = None
    secrets: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The URL as it may be shown."""
        return self.hushed(self.source.database or self.source.path or "")

    def hushed(self, text: str) -> str:
        """Return a text without passwords."""
        return hushed(text, self.secrets)


@dataclass(frozen=True)
class Fetched:
    """What came.

    Attributes
    ----------
    files : mapping
        By name (``/`` between folders), what the server said of each file.
    kept : frozenset of str
        The names whose files are those of the last fetch: they were not written again.
    rows : int or None
        Rows of a query.
    alike, answer : str
        As in `Before`.
    """

    files: Mapping[str, Facts]
    kept: frozenset[str] = frozenset()
    rows: int | None = None
    alike: str = ""
    answer: str = ""


def hushed(text: str, secrets: Iterable[str]) -> str:
    """Return a text without these secrets, however they are written, and without passwords.

    >>> hushed("no route to postgresql://me:p%40ss@db for p@ss", ["p@ss"])
    'no route to postgresql://me:***@db for ***'
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for written in (secret, quote(secret, safe=""), repr(secret)[1:-1]):
            text = text.replace(written, MASK)
    return mask_text(text)
