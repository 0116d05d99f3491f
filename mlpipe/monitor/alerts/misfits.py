"""What the section may not say: secrets in clear."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mlpipe.spec.secret import in_clear, names_in, text_of_the_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlpipe.monitor.alerts.spec import Alerts

__all__ = ["misfits"]

HEADERS = ("authorization", "cookie")
_WHAT = "a secret stands in the spec in clear"
_TOKEN = re.compile(r"(?=[^/]*[0-9])(?=[^/]*[A-Za-z])[A-Za-z0-9_-]{20,}")
"""A part of a path that nobody would type: who knows such a URL may post to it."""


def misfits(
    alerts: Alerts, environment: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield (path, message, hint) of each secret that is written out.

    Parameters
    ----------
    alerts : Alerts
        The section; the placeholders of its secrets are in place.
    environment : mapping
        The variables that were read with ``${env:NAME}``: they do not stand in the spec.
    """
    webhook = alerts.webhook
    if webhook is None:
        return
    own = text_of_the_spec(webhook.url, environment)
    if in_clear("url", own) or _holds_a_token(own):
        yield ("webhook", "url"), _WHAT, "url: ${secret:HOOK}, and set that variable"
    for name, value in webhook.headers.items():
        text = text_of_the_spec(value, environment)
        header = name.lower() in HEADERS and not names_in(value)
        if text and (header or in_clear(name, text)):
            hint = f"write ${{secret:{name.upper().replace('-', '_')}}} and set that variable"
            yield ("webhook", "headers", name), _WHAT, hint


def _holds_a_token(url: str) -> bool:
    """Tell whether a path holds what looks like a token.

    >>> _holds_a_token("https://h.example/services/T024BE7LD/B0/xyz1abcdefghijklmnopqrst")
    True
    >>> _holds_a_token("https://h.example/monitoring/alerts-of-the-churn-model")
    False
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return any(_TOKEN.fullmatch(part) for part in parts.path.split("/"))
