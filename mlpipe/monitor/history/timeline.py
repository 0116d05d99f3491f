"""The timeline: each measure over the chunks of many nights, as the report tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.history.before import MOST
from mlpipe.monitor.history.counted import uncounted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.history.judge import Decided
    from mlpipe.monitor.history.measures import Measure

__all__ = ["timeline"]

_UNKNOWN = {"unit": "", "reference": None, "limit": None, "greater_is_better": None}
"""What is known of a measure that this window does not have."""


def timeline(
    measured: Sequence[Measure],
    rows: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    found: Mapping[str, Decided],
) -> dict[str, Any]:
    """Return the records of the last `MOST` chunks, and what their measures are.

    Parameters
    ----------
    measured : sequence of Measure
        Those of the window.
    rows : sequence of mapping
        Earlier records and those of the window, in the order of time.
    new : sequence of mapping
        The latter.
    found : mapping
        What each measure comes to.

    Returns
    -------
    dict
        ``measures``: by name, ``group``, ``unit``, ``reference``, ``limit``,
        ``greater_is_better``, ``status`` and ``since``; ``chunks``: the records, the latest
        last, each with ``new``: whether it is of this window.
    """
    shown = rows[-MOST:]
    about = {each.name: each.about for each in measured}
    names = dict.fromkeys([*about, *(name for row in reversed(shown) for name in row["measures"])])
    periods = {each["period"] for each in new}
    groups = {name: one["group"] for row in shown for name, one in row["measures"].items()}
    return {
        "measures": {
            name: {
                **about.get(name, {"group": groups.get(name), **_UNKNOWN}),
                "status": found[name].status,
                "since": found[name].since,
            }
            for name in names
            if name in groups
        },
        "chunks": [{**uncounted(row), "new": row["period"] in periods} for row in shown],
    }
