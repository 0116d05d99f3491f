"""Monitor at a glance: which model was watched, over which window, and how much moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.alerts import loud_status
from mlpipe.report.lenient import rows_of
from mlpipe.report.words import plural, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["counted", "glance", "said", "watched_word"]

_WORDS = {
    "alert": "Alert",
    "warn": "Warning",
    "ok": "All quiet",
    "insufficient": "Too little data to tell",
}
_NAMED = 2


def glance(report: Mapping[str, Any], model: Any = None) -> dict[str, Any]:
    """Return the facts at the top of the section.

    Parameters
    ----------
    report : mapping
        Of monitor: ``alerts``, ``rows`` and ``chunks``.
    model : str, optional
        Which model was watched, in words.

    Returns
    -------
    dict
        ``status`` (of what is not silenced), ``model``, ``counts`` (each with its noun),
        ``rows``, ``chunks``, ``first``, ``last``.
    """
    names = [text(each.get("chunk")) for each in rows_of(report.get("chunks"))]
    return {
        "status": loud_status(report),
        "model": model if isinstance(model, str) else "",
        "counts": counted(report),
        "rows": report.get("rows"),
        "chunks": len(names),
        "first": names[0] if names else "",
        "last": names[-1] if len(names) > 1 else "",
    }


def watched_word(status: Any) -> str:
    """Return the status of monitor in words.

    >>> watched_word("ok"), watched_word("unheard of"), watched_word(None)
    ('All quiet', 'unheard of', '')
    """
    return _WORDS.get(status, status) if isinstance(status, str) else ""


def counted(report: Mapping[str, Any]) -> list[str]:
    """Count alerts, warnings and what is silenced.

    >>> counted({"alerts": [{"status": "alert"}, {"status": "warn", "silenced": {"until": "x"}}]})
    ['1 alert', '1 silenced']
    """
    rows = rows_of(report.get("alerts"))
    loud = [row.get("status") for row in rows if not row.get("silenced")]
    found = [
        plural(loud.count(status), noun)
        for status, noun in (("alert", "alert"), ("warn", "warning"))
        if loud.count(status)
    ]
    quiet = len(rows) - len(loud)
    return [*found, f"{quiet:,} silenced"] if quiet else found


def said(report: Mapping[str, Any]) -> str:
    """Return in a sentence what moved: the words of the first alerts that nobody silenced."""
    rows = rows_of(report.get("alerts"))
    loud = [text(row.get("words")) for row in rows if not row.get("silenced")]
    if not loud:
        return f"nothing that is not silenced moved, {counted(report)[0]}" if rows else ""
    more = f"; and {len(loud) - _NAMED:,} more" if len(loud) > _NAMED else ""
    return "; ".join(loud[:_NAMED]) + more
