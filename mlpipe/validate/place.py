"""Where in the spec each entry of a report was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["OTHERS", "Place", "places"]

_OPTIONS = ("mostly", "severity", "message", "when")
_BY_NAME = ("quantiles", "shares")
_NOTHING_ASKED: dict[str, Any] = {"nullable": True, "unique": False}

OTHERS = "(others)"
"""What a report calls all categories that ``shares`` does not name."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """The block of the spec that a check stands in.

    Attributes
    ----------
    check : str
        What the check is called on the command line.
    path : tuple
        Where the block stands.
    block : mapping
        What it holds.
    options : tuple
        Where ``mostly`` and the other options of the check stand.
    name : str
        The check, as the block names it.
    inner : str
        The quantile or category, where the check has one report entry for each.
    """

    check: str
    path: Path
    block: Mapping[str, Any] = field(default_factory=dict)
    options: Path = ()
    name: str = ""
    inner: str = ""

    @property
    def other_checks(self) -> tuple[str, ...]:
        """The checks of the block beside this one."""
        return tuple(
            name
            for name, asked in self.block.items()
            if name not in (*_OPTIONS, self.name)
            and asked is not None
            and asked is not _NOTHING_ASKED.get(name)
        )


def places(
    section: Mapping[str, Any], entries: Sequence[dict[str, Any]]
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield each entry of a report that the spec asked for, with its place.

    Entries of one name come in the order in which the section asks for them.

    Parameters
    ----------
    section : mapping
        The section ``validate``, as plain values.
    entries : sequence of dict
        The checks of the report.
    """
    open_places = [*_of_columns(section), *_of_table(section)]
    for entry in entries:
        if entry["check"] == "extra_column":
            path = ("validate", "columns", entry["column"])
            yield Place(f"{entry['column']}.extra_column", path), entry
            continue
        fitting = [place for place in open_places if _fits(place, entry)]
        if fitting:
            exact = [place for place in fitting if _asks(place) == entry["expected"]]
            place = (exact or fitting)[0]
            open_places.remove(place)
            yield place, entry


def _fits(place: Place, entry: dict[str, Any]) -> bool:
    if place.name != entry["check"]:
        return False
    if place.path[1] == "checks":
        return place.name != "unique" or entry["column"] is None
    if place.inner and list(entry["expected"] or ()) != [place.inner]:
        return False
    return str(place.path[2]).lower() == (entry["column"] or "").lower()


def _asks(place: Place) -> Any:
    asked = place.block.get(place.name)
    return {place.inner: asked.get(place.inner)} if place.inner and asked else asked


def _of_columns(section: Mapping[str, Any]) -> Iterator[Place]:
    seen: Counter[str] = Counter()
    for column, written in (section.get("columns") or {}).items():
        blocks = written if isinstance(written, list) else [written]
        for at, block in enumerate(blocks):
            path: Path = ("validate", "columns", column)
            path = (*path, at) if isinstance(written, list) else path
            for name, inner in _asked(block or {}):
                check = ".".join(filter(None, [column, name, inner]))
                seen[check] += 1
                check += f".{seen[check]}" if seen[check] > 1 else ""
                yield Place(check, path, block, path, name, inner)


def _asked(block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each check of a block; of quantiles and shares, each by its name."""
    for name, asked in block.items():
        if name in _BY_NAME and isinstance(asked, dict):
            shares = asked.get("expected")
            inner = [*shares, OTHERS] if isinstance(shares, dict) else [*asked]
            yield from ((name, str(each)) for each in inner)
        elif name not in _OPTIONS:
            yield name, ""


def _of_table(section: Mapping[str, Any]) -> Iterator[Place]:
    found = []
    for at, written in enumerate(section.get("checks") or ()):
        path: Path = ("validate", "checks", at)
        block = {written: None} if isinstance(written, str) else written
        name = next((key for key in block if key not in _OPTIONS), "")
        below = isinstance(block.get(name), dict) and not set(block) & set(_OPTIONS)
        options = (*path, name) if below else path
        found.append(Place(f"checks.{at}", path, block, options, name))
    only = [place for place in found if place.name == "rows"]
    for place in found:
        yield replace(place, check="rows") if [place] == only else place
