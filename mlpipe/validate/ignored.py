"""Names of checks that are passed over, and which of them name nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.checks.asked import Asked
from mlpipe.checks.words import Freshness, Monotone
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mlpipe.checks.column_words import ColumnChecks
    from mlpipe.checks.words import TableCheck
    from mlpipe.validate.spec import Validate

__all__ = ["is_ignored", "misfits"]

_OF_A_COLUMN = ("missing", "type")
"""What every column that the section names is asked, whatever else it is."""
_MOST_SHOWN = 12


def is_ignored(check: str, column: str | None, ignored: Collection[str]) -> bool:
    """Whether a check is passed over.

    Parameters
    ----------
    check : str
    column : str or None
        None for a check of the table.
    ignored : collection of str
        Columns, checks and COLUMN.CHECK, in small letters.
    """
    names = {check, *([column, f"{column}.{check}"] if column else [])}
    return any(name.lower() in ignored for name in names)


def misfits(
    ignore: Sequence[str], spec: Validate, time: str | None, of_sources: Iterable[TableCheck]
) -> Iterator[tuple[int, str, str]]:
    """Yield (place in the list, message, hint) of each name that no check has.

    Parameters
    ----------
    ignore : sequence of str
    spec : Validate
        The checks. Where its schema is exact, any name may be that of a further column, and
        nothing is refused.
    time : str or None
        ``columns.time``, which checks fall back on.
    of_sources : iterable of word
        Checks of single sources.
    """
    if spec.width.columns == "exact":
        return
    known = dict.fromkeys(_names(spec, time, of_sources))
    lowered = {name.lower() for name in known}
    for place, name in enumerate(ignore):
        if name.lower() not in lowered:
            hint = did_you_mean(name, known) or f"there are: {', '.join(list(known)[:_MOST_SHOWN])}"
            yield place, f"no check has the name '{name}'", hint if known else ""


def _names(spec: Validate, time: str | None, of_sources: Iterable[TableCheck]) -> Iterator[str]:
    for column, written in spec.columns.items():
        yield column
        blocks = written if isinstance(written, tuple) else (written,)
        for word in dict.fromkeys(word for block in blocks for word in _words(block)):
            yield from (f"{column}.{word}", word)
    for check in (*spec.checks, *of_sources):
        word = check.word
        yield word
        about = (check.column or time) if isinstance(check, Freshness | Monotone) else None
        if about is not None:
            yield from (about, f"{about}.{word}")


def _words(block: ColumnChecks) -> Iterator[str]:
    fields = type(block).model_fields
    for name in fields:
        if name in block.model_fields_set and name not in Asked.model_fields and name != "mostly":
            yield fields[name].alias or name
    yield from _OF_A_COLUMN
