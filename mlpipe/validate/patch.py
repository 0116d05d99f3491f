"""For each check that says no, the smallest change of the spec that would let it pass.

A patch is a proposal: whether the data or the check is wrong, only a person can say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.validate.place import Place, places
from mlpipe.validate.widen import outward, passing_share, widened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["MOST_VALUES", "Patch", "patches"]

MOST_VALUES = 5
"""Most values that a patch adds to a list; with more of them the list is not the point."""

_LONGEST_VALUE = 100
_SENSITIVE = "the column is sensitive: its values are not written into a spec"
_SHOWS_VALUES = ("min", "max", "in", "mean", "quantiles", "distinct", "shares")
_TYPES = {
    "integer": ("int", "uint"),
    "number": ("float", "decimal"),
    "string": ("string",),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp",),
}

Change = tuple[tuple[str | int, ...], Any]
Report = dict[str, Any]


@dataclass(frozen=True)
class Patch:
    """What would let one check pass.

    Attributes
    ----------
    check : str
        Its name on the command line: ``plan.in``, ``rows``, ``checks.1``.
    status : str
        ``failed`` or ``warned``.
    changes : tuple
        Path in the spec and new value of each; empty where none is proposed.
    why : str
        What was seen, or why nothing is proposed.
    """

    check: str
    status: str
    changes: tuple[Change, ...]
    why: str


def patches(
    section: Mapping[str, Any],
    report: Mapping[str, Any],
    hidden: frozenset[str],
    unseen: Mapping[str, Sequence[Any]],
) -> list[Patch]:
    """Propose a change for each check that failed or warned.

    Parameters
    ----------
    section : mapping
        The section ``validate`` of the spec, as plain values.
    report : mapping
        The report of the step.
    hidden : frozenset of str
        Sensitive columns, in lower case.
    unseen : mapping
        By column, the values outside its list ``in``, where they are more than the examples of
        the report can show; up to `MOST_VALUES` and one more.

    Returns
    -------
    list of Patch
        In the order of the report; what no check of the spec asked for has none.
    """
    found = []
    for place, entry in places(section, report["checks"]):
        if entry["status"] == "passed":
            continue
        proposed = _proposed(place, entry, report, hidden, unseen)
        changes, why = proposed if not isinstance(proposed, str) else ((), proposed)
        found.append(Patch(place.check, entry["status"], tuple(changes), why))
    return found


Proposal = tuple[list[Change], str] | str


def _proposed(
    place: Place,
    entry: Report,
    report: Mapping[str, Any],
    hidden: frozenset[str],
    unseen: Mapping[str, Sequence[Any]],
) -> Proposal:
    name, secret = entry["check"], (entry["column"] or "").lower() in hidden
    if secret and name in _SHOWS_VALUES:
        return _SENSITIVE
    if name == "extra_column":
        return _new_column(place, report)
    if name == "in":
        return _more_values(place, entry, unseen)
    return _RULES.get(name, _mostly)(place, entry)


def _rows(entry: Report) -> str:
    return f"{entry['failing']:,} row{'s' * (entry['failing'] != 1)}"


def _mostly(place: Place, entry: Report) -> Proposal:
    """Let the share of rows that fail now fail."""
    share = passing_share(entry["share"])
    if share < 0.5:
        return "more than half of the rows fail: is it the right check?"
    others = place.other_checks
    also = f"; it counts for {', '.join(others)} too" if others else ""
    why = f"fails in {_rows(entry)}; {share:.1%} pass{also}"
    return [((*place.options, "mostly"), share)], why


def _bound(place: Place, entry: Report) -> Proposal:
    name, seen, expected = entry["check"], entry["observed"], entry["expected"]
    low = name == "min"
    if not isinstance(seen, int | float | str) or seen in ("inf", "-inf"):
        return _mostly(place, entry)
    if isinstance(seen, str) is not isinstance(expected, str):
        return _mostly(place, entry)
    if (seen >= expected) if low else (seen <= expected):  # the failing values are not numbers
        return _mostly(place, entry)
    bound = outward(seen, down=low)
    what = "smallest" if low else "largest"
    return [((*place.path, name), bound)], f"the {what} value is {seen}"


def _more_values(place: Place, entry: Report, unseen: Mapping[str, Sequence[Any]]) -> Proposal:
    """Add the values that are not in the list, where they are few."""
    if entry["failing"] <= len(entry["examples"]):
        values = sorted({example["value"] for example in entry["examples"]}, key=str)
    elif "when" in place.block or entry["column"] not in unseen:
        return _mostly(place, entry)
    else:
        values = list(unseen[entry["column"]])
    if not values or len(values) > MOST_VALUES or not all(map(_fits_a_spec, values)):
        return _mostly(place, entry)
    count = len(place.block["in"])
    changes: list[Change] = [
        ((*place.path, "in", count + at), value) for at, value in enumerate(values)
    ]
    return changes, f"{', '.join(map(str, values))} in {_rows(entry)}"


def _fits_a_spec(value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, bool | int | float)
    return len(value) <= _LONGEST_VALUE and "${" not in value


def _range(place: Place, entry: Report) -> Proposal:
    name, seen, asked = entry["check"], entry["observed"], place.block.get(entry["check"]) or {}
    if name == "rows" and not seen:
        return "the table is empty"
    if name == "shares" and "change" in asked:
        return _change(place, entry)
    inner = (place.inner,) if place.inner else ()
    changes: list[Change] = [
        ((*place.path, name, *inner, end), bound)
        for end, bound in widened(asked.get(place.inner) if inner else asked, seen)
    ]
    if not changes:
        return "the report does not say which bound would do; look at the column"
    what = f"{seen:,}" if isinstance(seen, int) else f"{seen:.6g}"
    return changes, f"{' '.join([name, *inner])}: {what} now"


def _change(place: Place, entry: Report) -> Proposal:
    """Allow a category to be as far from its share as it is."""
    (expected,) = entry["expected"].values()
    if not isinstance(entry["observed"], int | float):
        return "there is no value to take a share of"
    moved = outward(abs(entry["observed"] - expected["share"]), down=False)
    if moved >= 1:
        return "the share has moved all the way: is it the right check?"
    path = (*place.path, "shares", "change")
    return [(path, moved)], f"the share of {place.inner} is {entry['observed']:.6g}"


def _type(place: Place, entry: Report) -> Proposal:
    seen = entry["observed"]
    others = [name for name in place.other_checks if name not in ("nullable", "unique")]
    if seen not in _TYPES:
        return f"the type {seen} has no name in a spec; declare another under ingest"
    if others:
        return f"{', '.join(others)} may not fit the type {seen}; look at the column first"
    return [((*place.path, "type"), seen)], f"the column is of type {seen}"


def _nullable(place: Place, entry: Report) -> Proposal:
    """Allow a few missing values where nothing else would be allowed more with them."""
    if passing_share(entry["share"]) >= 0.5 and not place.other_checks:
        return _mostly(place, entry)
    return [((*place.path, "nullable"), True)], f"no value in {_rows(entry)}"


def _new_column(place: Place, report: Mapping[str, Any]) -> Proposal:
    types = {profile["column"]: str(profile["type"]) for profile in report["profile"]}
    kinds = list(_words_for(types.get(str(place.path[-1]), "")))
    block = {"type": kinds[0]} if kinds else {}
    return [(place.path, block)], "the column is not among validate.columns"


def _words_for(kind: str) -> Iterator[str]:
    return (word for word, starts in _TYPES.items() if kind.startswith(starts))


def _freshness(_place: Place, _entry: Report) -> Proposal:
    return "the data is old: that is for the data to change"


_RULES: dict[str, Callable[[Place, Report], Proposal]] = {
    "min": _bound,
    "max": _bound,
    "type": _type,
    "nullable": _nullable,
    "freshness": _freshness,
    **dict.fromkeys(("rows", "mean", "quantiles", "distinct", "shares"), _range),
}
"""What to change for a check to pass; for all others, ``mostly``."""
