"""Silences: what is known already, by whom it was said until when, and which are of no use."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.host import MEASURED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.monitor.alerts.spec import Silence

__all__ = ["silence_notes", "silenced"]

CHECKS = "data."
"""What the names of checks of current rows begin with; one that holds is no measure."""


def silenced(what: str, silences: Sequence[Silence], as_of: str | None) -> dict[str, Any] | None:
    """Return the silence of a measure: ``until`` and ``reason``; None where it is not silenced.

    Parameters
    ----------
    what : str
        The name of the measure.
    silences : sequence of Silence
        Of several that hold, the one that lasts longest counts.
    as_of : str or None
        The day; None only where there are no silences.
    """
    held = [each for each in silences if fnmatchcase(what, each.what) and not over(each, as_of)]
    last = max(held, key=lambda each: each.until, default=None)
    return {"until": last.until, "reason": last.reason} if last else None


def silence_notes(
    names: Sequence[str], silences: Sequence[Silence], as_of: str | None
) -> Iterator[str]:
    """Yield a line for each silence that is over, and for each that names nothing.

    Parameters
    ----------
    names : sequence of str
        All measures of the report. Those of the host, and checks that hold, are known without
        being among them.
    silences : sequence of Silence
    as_of : str or None
    """
    for each in silences:
        if over(each, as_of):
            yield f"the silence of {each.what} expired on {each.until}: remove it"
        elif not any(fnmatchcase(name, each.what) for name in (*names, *MEASURED)) and (
            not each.what.startswith(CHECKS)
        ):
            yield f"the silence of {each.what} names nothing that is measured: remove it"


def over(silence: Silence, as_of: str | None) -> bool:
    """Whether its last day is past; without a day to go by it counts as past."""
    return as_of is None or date.fromisoformat(as_of[:10]) > date.fromisoformat(silence.until)
