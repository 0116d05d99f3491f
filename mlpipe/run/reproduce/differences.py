"""What is not as it was when a run was made: data, code, spec, packages. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlpipe.run.ingredients import flatten

__all__ = ["Difference", "between", "of_environments", "of_specs"]

Ingredients = Mapping[str, Any]
KINDS = {
    "source": "data",
    "champion": "champion",
    "spec": "spec",
    "library": "packages",
    "python": "Python",
    "mlpipe": "mlpipe",
    "step": "mlpipe",
}
ORDER = ("data", "code", "spec", "champion", "packages", "Python", "mlpipe", "git")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was.

    Attributes
    ----------
    kind : str
        ``data``, ``code``, ``spec``, ``champion``, ``packages``, ``Python``, ``mlpipe`` or
        ``git``.
    what : str
        The file, key, package.
    old, new : object
        A value, a version, or the start of a digest; None where it was or is not there.
    """

    kind: str
    what: str
    old: Any
    new: Any

    def __str__(self) -> str:
        """Say it in a line: ``packages: numpy 2.3.1 → 2.3.2``."""
        return f"{self.kind}: {self.what} {_short(self.old)} → {_short(self.new)}"


def between(
    old: Mapping[str, Ingredients], new: Mapping[str, Ingredients], code: Iterable[str]
) -> list[Difference]:
    """Return what differs between the ingredients of the steps, each thing once.

    Parameters
    ----------
    old, new : mapping
        The ingredients of each step, then and now. A step that is not in both is left out.
    code : iterable of str
        The files that are code of the user, and no data.

    >>> old = {"ingest": {"file a.csv": "1", "library duckdb": "1.4"}}
    >>> new = {"ingest": {"file a.csv": "2", "library duckdb": "1.4"}}
    >>> [str(each) for each in between(old, new, ())]
    ['data: a.csv 1 → 2']
    """
    files = set(code)
    found: dict[tuple[str, str], Difference] = {}
    for step in old.keys() & new.keys():
        for name in old[step].keys() | new[step].keys():
            before, now = old[step].get(name), new[step].get(name)
            # An input differs because what it was made of does.
            if before != now and not name.startswith("input "):
                each = _difference(name, before, now, files)
                found[each.kind, each.what] = each
    return _sorted(found.values())


def of_specs(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return the keys of two resolved specs whose values differ.

    A list of words or numbers is one value: an item more at its front changes no other item.

    >>> [str(each) for each in of_specs({"ignore": ["b"]}, {"ignore": ["a", "b"]})]
    ["spec: ignore: ['b'] → ['a', 'b']"]
    >>> [str(each) for each in of_specs({"gates": []}, {"gates": [{"min": 1}]})]
    ['spec: gates.0.min: none → 1']
    """
    before, now = (
        {name.removeprefix("."): value for name, value in _leaves("", values).items()}
        for values in (old, new)
    )
    every = {*before, *now}
    # An empty list is no news where the items of the other one are told.
    filled = {name[:at] for name in every for at, sign in enumerate(name) if sign == "."}
    names = sorted(name for name in every - filled if before.get(name) != now.get(name))
    return [Difference("spec", f"{name}:", before.get(name), now.get(name)) for name in names]


def _leaves(name: str, value: Any) -> dict[str, Any]:
    """Flatten values as `flatten` does, but keep lists that hold neither lists nor mappings."""
    if isinstance(value, dict) and value:
        items = [_leaves(f"{name}.{key}", item) for key, item in value.items()]
        return {key: leaf for each in items for key, leaf in each.items()}
    deep = isinstance(value, list) and any(isinstance(item, list | dict) for item in value)
    return flatten(name, value) if deep else {name: value}


def of_environments(
    old: Mapping[str, Any], new: Mapping[str, Any], known: Iterable[Difference]
) -> Iterator[Difference]:
    """Yield the packages that differ beside those known to count."""
    counted = {each.what for each in known if each.kind == "packages"}
    before, now = old["packages"], new["packages"]
    for name in sorted({*before, *now} - counted):
        if before.get(name) != now.get(name):
            yield Difference("packages", name, before.get(name), now.get(name))


def _difference(name: str, old: Any, new: Any, code: set[str]) -> Difference:
    kind, _, thing = name.partition(" ")
    if kind == "file":
        return Difference("code" if thing in code else "data", thing, _start(old), _start(new))
    if kind == "source":
        old, new = _start(old), _start(new)
    words = {"spec": f"{thing}:", "python": "", "mlpipe": "", "step": f"version of {thing}"}
    return Difference(KINDS[kind], words.get(kind, thing), old, new)


def _start(digest: Any) -> str | None:
    return None if digest is None else str(digest)[:12]


def _sorted(found: Iterable[Difference]) -> list[Difference]:
    return sorted(found, key=lambda each: (ORDER.index(each.kind), each.what))


def _short(value: Any) -> str:
    text = "none" if value is None else str(value).lower() if value in (True, False) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
