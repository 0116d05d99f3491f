"""Planning: a pure function of the step graph, the keys and what is already there.

A step's key is a digest of its ingredients: a flat mapping from a named thing (``spec
train.folds``, ``file data.csv``, ``input ingest``, ``library scikit-learn``) to its value or
digest. Two sets of ingredients say what changed between two runs, in the user's own words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Node", "Planned", "closure", "explain", "foresee", "judge"]

Ingredients = Mapping[str, Any]

ORDER = ("file", "source", "spec", "champion", "input", "library", "python", "mlpipe", "step")
SHOWN = 2


class Node(Protocol):
    """What planning needs to know of a step."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The steps whose artifacts it reads."""

    @property
    def after(self) -> tuple[str, ...]:
        """The steps that must have passed before it, without being read."""


@dataclass(frozen=True)
class Planned:
    """One step of the plan: ``reused``, ``computed`` or ``unknown``, and why."""

    step: str
    status: str
    why: str
    key: str = ""


def closure(steps: Sequence[Node], targets: Iterable[str]) -> tuple[str, ...]:
    """Return the targets and everything they stand on, in the order of ``steps``.

    ``steps`` is in topological order, so one pass from the end suffices.
    """
    wanted = set(targets)
    for step in reversed(steps):
        if step.name in wanted:
            wanted.update(step.needs, step.after)
    return tuple(step.name for step in steps if step.name in wanted)


def judge(
    step: str, key: str, *, found: bool, forced: bool, now: Ingredients, before: Ingredients | None
) -> Planned:
    """Decide whether one step is reused or computed, and say why.

    Parameters
    ----------
    step, key : str
        The step and the digest of its ingredients.
    found : bool
        Whether the store holds an intact artifact under that key.
    forced : bool
        Whether the user asked for it to be computed anyhow.
    now, before : mapping
        Its ingredients, and those of the run before; None where there is none.
    """
    if forced:
        return Planned(step, "computed", "forced", key)
    if found:
        return Planned(step, "reused", "nothing it depends on changed", key)
    return Planned(step, "computed", explain(before, now), key)


def foresee(steps: Sequence[Node], judged: Mapping[str, Planned]) -> list[Planned]:
    """Complete a plan: what stands on a step that has to be computed is not known yet.

    ``judged`` holds the steps whose ingredients are all known.
    """
    planned: list[Planned] = []
    for step in steps:
        if step.name in judged:
            planned.append(judged[step.name])
            continue
        pending = [p.step for p in planned if p.step in step.needs and p.status != "reused"]
        planned.append(Planned(step.name, "unknown", f"unknown until {pending[0]} has run"))
    return planned


def explain(before: Ingredients | None, now: Ingredients) -> str:
    """Say what changed, in the words of the user's files.

    >>> explain({"spec train.folds": 5}, {"spec train.folds": 3})
    'train.folds: 5 → 3'
    >>> explain(None, {})
    'first time'
    """
    if before is None:
        return "first time"
    changed = sorted(
        (name for name in {*before, *now} if before.get(name) != now.get(name)), key=_rank
    )
    if not changed:
        return "its artifact is gone"
    words = [_words(name, before.get(name), now.get(name)) for name in changed]
    words = list(dict.fromkeys(words))
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more


def _rank(name: str) -> tuple[int, str]:
    kind = name.split(" ", 1)[0]
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), name)


def _words(name: str, old: Any, new: Any) -> str:
    kind, _, thing = name.partition(" ")
    if kind in ("file", "source"):
        verb = "is new" if old is None else "is gone" if new is None else "changed"
        return f"{thing} {verb}" if kind == "file" else f"source {thing} {verb}"
    if kind in ("champion", "history"):
        return _of_champion(old, new) if kind == "champion" else _of_history(old, new)
    if kind == "input":
        return f"{thing} gave another result"
    if kind == "mlpipe" and str(old).split(" ")[0] == str(new).split(" ")[0]:
        return "mlpipe's own source changed"
    if kind == "step":
        return "mlpipe computes this step another way"
    label = {"spec": f"{thing}:", "library": thing, "python": "Python", "mlpipe": "mlpipe"}[kind]
    return f"{label} {_short(old)} → {_short(new)}"


def _of_champion(old: Any, new: Any) -> str:
    """Say which version took the place of which: a mark is ``version 3 (9f2c…)``."""
    before, after = (None if each is None else str(each).split(" ")[1] for each in (old, new))
    if before is None:
        return f"there is a champion: version {after}"
    if after is None:
        return f"champion version {before} is no rival any more"
    return f"the champion changed: version {before} → {after}"


def _of_history(old: Any, new: Any) -> str:
    """Say how many chunks came before, then and now: a mark is ``13 chunks (9f2c…)``."""
    before, after = (0 if each is None else int(str(each).split(" ")[0]) for each in (old, new))
    if before == after:
        return "its history changed"
    return f"its history has {after} earlier chunk{'' if after == 1 else 's'}, not {before}"


def _short(value: Any) -> str:
    text = "none" if value is None else str(value).lower() if value in (True, False) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
