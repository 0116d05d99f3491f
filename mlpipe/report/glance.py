"""Monitor at a glance: which model, which window, and what moved, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.estimates import decay_words
from mlpipe.report.heat import since
from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.words import is_number, moment, number, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["alerted", "glance", "monitored_word"]

_ORDER = {"alert": 0, "warn": 1}
_OPEN = 12
_WORDS = {
    "alert": "Alert",
    "warn": "Warning",
    "ok": "All quiet",
    "insufficient": "Too little data to tell",
}


def glance(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the top of the section: ``model``, the window, counts, and the ranked alerts.

    Parameters
    ----------
    report : mapping
        Of monitor. ``alerts`` is its ranked list; a report without one has the same told from its
        parts.
    """
    alerts = alerted(report)
    loud = [each for each in alerts if not each["silenced"]]
    counts = [
        ("alert", sum(each["status"] == "alert" for each in loud)),
        ("warning", sum(each["status"] == "warn" for each in loud)),
        ("silenced", len(alerts) - len(loud)),
    ]
    return {
        "model": _model(report.get("model")),
        **_window(report),
        "counts": [each for each in counts if each[1]],
        "alerts": loud[:_OPEN],
        "more": loud[_OPEN:],
        "silenced": [each for each in alerts if each["silenced"]],
    }


def monitored_word(status: Any) -> str:
    """Return the status of monitor in words.

    >>> monitored_word("ok"), monitored_word("unheard")
    ('All quiet', 'unheard')
    """
    return _WORDS.get(status, text(status)) if isinstance(status, str) else ""


def alerted(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what alerts and warns, with ``what``, ``status``, ``words``, ``since``."""
    given = report.get("alerts")
    if isinstance(given, list):
        found = [_told(each) for each in rows_of(given)]
    else:
        found = [_told(each) for each in _found(report) if each.get("status") in _ORDER]
        found.sort(key=lambda each: _ORDER[each["status"]])
    return [each for each in found if each["status"] in _ORDER]


def _told(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "what": each.get("what"),
        "status": str(each.get("status")),
        "words": each.get("words") or "",
        "since": each.get("since") or "",
        "importance": each.get("importance"),
        "silenced": mapping_of(each.get("silenced")),
    }


def _found(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what each part of the report says of itself, in the order of the page."""
    quality, decay, together = (
        mapping_of(report.get(key)) for key in ("quality", "decay", "multivariate")
    )
    last = (rows_of(quality.get("chunks")) or [{}])[-1]
    was = number(mapping_of(quality.get("reference")).get("value"))
    yield {
        **quality,
        "what": quality.get("metric"),
        "words": f"{number(last.get('value'))} in {text(last.get('chunk'))}, {was} at training",
    }
    yield {**decay, "what": text(decay.get("loss")), "words": decay_words(decay)}
    for row in rows_of(report.get("drift")):
        column = str(row.get("column"))
        yield {**row, "what": column, "since": row.get("since") or since(report, column)}
    area = number(together.get("area"))
    yield {**together, "what": "all columns together", "words": f"told apart with AUC {area}"}
    for each in rows_of(mapping_of(report.get("estimate")).get("quantities")):
        noted = "; ".join(text(note) for note in each.get("notes") or [])
        yield {**each, "what": each.get("name"), "words": noted or "its estimate is in doubt"}
    for each in rows_of(mapping_of(report.get("log")).get("measures")):
        yield {**each, "what": each.get("measure")}


def _window(report: Mapping[str, Any]) -> dict[str, Any]:
    chunks = rows_of(report.get("chunks"))
    names = [text(each.get("chunk")) for each in chunks]
    return {
        "rows": report.get("rows"),
        "count": len(chunks),
        "first": names[0] if names else "",
        "last": names[-1] if len(names) > 1 else "",
    }


def _model(model: Any) -> list[tuple[str, str]]:
    """Return label and value of what is known of the model; a text is its name."""
    told = {"name": model} if isinstance(model, str) else mapping_of(model)
    found = [(word, _fact(told[key])) for key, word in _MODEL if _is_fact(told.get(key))]
    return [*found, *((word, moment(told[key])) for key, word in _TIMES if told.get(key))]


_MODEL = (
    ("name", "model"),
    ("version", "version"),
    ("alias", "alias"),
    ("run", "run"),
    ("path", "path"),
    ("type", "type"),
)
_TIMES = (("trained", "trained"), ("created", "trained"))


def _is_fact(value: Any) -> bool:
    return bool(value) and (isinstance(value, str) or is_number(value))


def _fact(value: Any) -> str:
    return text(value)
