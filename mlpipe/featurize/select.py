"""Which columns a block means, and which may be features at all."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from mlpipe.features.plan import Input
from mlpipe.features.transform import Transform
from mlpipe.featurize.spec import Block, OfKind
from mlpipe.table.columns import RESERVED, Columns

__all__ = ["barred", "beside", "named", "patterns"]


def barred(columns: Columns, names: Iterable[str]) -> dict[str, str]:
    """Return the columns that are no features unless a block names them, and why."""
    roles: dict[str | None, str] = {
        columns.weight: "the weight",
        columns.time: "the time",
        columns.entity: "the entity",
        **dict.fromkeys(columns.keys, "the key"),
        **dict.fromkeys(columns.sensitive, "sensitive"),
        columns.target_name: "the target",
        **dict.fromkeys(RESERVED, "ours"),
    }
    found = {}
    for name in names:
        if name in roles:
            found[name] = roles[name]
        elif columns.ignores(name):
            found[name] = "ignored"
    return found


def patterns(block: Block) -> tuple[str, ...]:
    """Return the names and patterns as written; none for a kind."""
    if block.columns is None or isinstance(block.columns, OfKind):
        return ()
    return (block.columns,) if isinstance(block.columns, str) else block.columns


def named(block: Block, inputs: Sequence[Input], columns: Columns) -> list[str]:
    """Return the columns that a block means, in the order of the table for patterns and kinds.

    A name reaches any column, a pattern or a kind only those that may be features.
    """
    known = [column["name"] for column in inputs]
    shut = barred(columns, known)
    if isinstance(block.columns, OfKind):
        kind = block.columns.kind
        return [c["name"] for c in inputs if c["kind"] == kind and c["name"] not in shut]
    found: dict[str, None] = {}
    for pattern in patterns(block):
        if pattern in known:
            found[pattern] = None
        else:
            found.update(
                (name, None) for name in known if name not in shut and fnmatchcase(name, pattern)
            )
    return list(found)


def beside(block: Block, time: str | None) -> list[str]:
    """Return the columns that the steps of a block read beside those that it names."""
    steps = block.steps if isinstance(block.steps, tuple) else ()
    words = (word.settled(time) for word in steps if isinstance(word, Transform))
    return [name for word in words for name in word.beside()]
