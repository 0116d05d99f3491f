"""What a webhook is told: a small JSON document, with a text for services that show one."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.listed import worst_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Told", "message", "wanted"]

SCHEMA_VERSION = 1
MOST = 50
"""Alerts that are told one by one; how many there are more is said."""
SHOWN = 10
"""Alerts that the text names."""
_FIELDS = ("what", "status", "words", "since", "importance", "silenced")
"""What is told of an alert: no rows, which have the keys of people in them."""
_LONGEST = 300
_MENTION = re.compile(r"(?<!\w)@")
"""What calls somebody, where a name follows; ``churn@3`` does not."""

Told = dict[str, Any]


def wanted(report: Mapping[str, Any], on: str) -> bool:
    """Whether somebody who asked for alerts, for warnings too, or for each report is told.

    >>> wanted({"status": "warn", "alerts": []}, "alert"), wanted({"status": "ok"}, "always")
    (False, True)
    """
    levels = {"alert": ("alert",), "warn": ("alert", "warn")}
    return on == "always" or worst_of(report) in levels[on]


def message(
    report: Mapping[str, Any], *, pipeline: str, model: str, run: str, as_of: str, page: str
) -> Told:
    """Return the document that is posted.

    Parameters
    ----------
    report : mapping
        Of monitor, with its alerts.
    pipeline, model, run : str
        Whose report it is.
    as_of : str
        The day.
    page : str
        Path of the page.

    Returns
    -------
    dict
        ``schema_version``, ``id`` (of what is told: the same where nothing changed), ``pipeline``,
        ``model``, ``run``, ``status`` (the worst that is not silenced), ``as_of``, ``alerts``
        (at most 50 as on the list), ``more``, ``silenced``, ``report`` and ``text``.
    """
    alerts = [
        {**{name: each[name] for name in _FIELDS}, "words": _cut(each["words"])}
        for each in report["alerts"]
    ]
    status = worst_of(report)
    told = {
        "schema_version": SCHEMA_VERSION,
        "pipeline": pipeline,
        "model": model,
        "run": run,
        "status": status,
        "as_of": as_of,
        "alerts": alerts[:MOST],
        "more": max(0, len(alerts) - MOST),
        "silenced": sum(each["silenced"] is not None for each in alerts),
        "report": page,
    }
    told["id"] = sha256(repr(sorted(told.items())).encode()).hexdigest()[:16]
    return {**told, "text": _text(told, alerts)}


def _text(told: Mapping[str, Any], alerts: list[dict[str, Any]]) -> str:
    loud = [each for each in alerts if not each["silenced"]]
    lines = [f"{told['pipeline']}: monitor {told['status']} on {told['as_of']} ({told['model']})"]
    lines += [f"{each['status']}: {each['words']}" for each in loud[:SHOWN]]
    lines += [f"and {len(loud) - SHOWN} more"] if len(loud) > SHOWN else []
    lines += [f"{told['silenced']} silenced"] if told["silenced"] else []
    lines += [f"run {told['run']}, {told['report']}"] if told["run"] else []
    return "\n".join(map(_plain, lines))


def _plain(text: str) -> str:
    """Return text that calls nobody and links to nothing: names may come from the data.

    >>> _plain("<!channel> @here")
    '&lt;!channel&gt; @\u200bhere'
    """
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, written)
    return _MENTION.sub("@\u200b", text)


def _cut(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
