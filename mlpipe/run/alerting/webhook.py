"""Posting JSON to an address of the spec: bounded in time, retried, never to where it must not.

The name is resolved once for each attempt, all its addresses are judged, and the connection goes
to one of those: a name that means something else a moment later is not asked again. No redirect is
followed, and nothing that is said holds the URL, which for most services is the password.
"""

from __future__ import annotations

import json
import queue
import re
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from mlpipe.ingest.fetch.address import is_public
from mlpipe.ingest.fetch.connection import PORTS, connection_to

if TYPE_CHECKING:
    import http.client
    from collections.abc import Callable

__all__ = ["Answer", "Asked", "NotToldError", "host_of", "post"]

FIRST_PAUSE = 0.5
"""Seconds before the first attempt that follows; each further pause is twice as long."""
LONGEST_PAUSE = 30.0
"""Seconds; a server that asks for more (Retry-After) gets this."""
_SAFE = "/?%:@!$&'()*+,;=~"


class NotToldError(Exception):
    """The address could not be told; the words hold neither the URL nor a header."""


class _TryAgainError(NotToldError):
    """It may go well in a moment."""

    def __init__(self, why: str, pause: float | None = None) -> None:
        super().__init__(why)
        self.pause = pause


@dataclass(frozen=True)
class Asked:
    """What is posted, and within what limits.

    Attributes
    ----------
    url : str
        With its secrets in place.
    headers : mapping
        Further headers, likewise.
    timeout : float
        Seconds that one attempt may take, from the name to the end of the answer.
    retries : int
        Attempts after the first.
    allow_private : bool
        Whether addresses that are not of the public internet are allowed.
    """

    url: str
    headers: Mapping[str, str]
    timeout: float
    retries: int
    allow_private: bool


@dataclass(frozen=True)
class Answer:
    """What came of it: the status of the answer, and how often it was tried."""

    status: int
    attempts: int


def host_of(url: str) -> str:
    """Return the host of a URL: all of it that may be said.

    >>> host_of("https://me:pw@hooks.example.org/services/T0/B0/secret")
    'hooks.example.org'
    """
    try:
        return urlsplit(url).hostname or "the webhook"
    except ValueError:
        return "the webhook"


def post(
    document: Mapping[str, Any], asked: Asked, sleep: Callable[[float], None] = time.sleep
) -> Answer:
    """Post a document as JSON and return what was answered.

    All attempts with their pauses take at most ``(retries + 1) × timeout``.

    Raises
    ------
    NotToldError
        Where the address is not allowed, nobody answers, or the answer is no.
    """
    parts, port = _taken_apart(asked.url)
    body = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    headers = _headers(parts, asked.headers)
    until = time.monotonic() + asked.timeout * (asked.retries + 1)
    for attempt in range(1, asked.retries + 2):
        limit = min(asked.timeout, until - time.monotonic())
        try:
            return Answer(_within(limit, parts, port, body, headers, asked), attempt)
        except _TryAgainError as error:
            pause = error.pause
            pause = FIRST_PAUSE * 2 ** (attempt - 1) if pause is None else pause
            pause = min(pause, LONGEST_PAUSE)
            if attempt > asked.retries or time.monotonic() + pause >= until:
                times = "once" if attempt == 1 else f"{attempt} times"
                raise NotToldError(f"{error}; tried {times}") from None
            sleep(pause)
    raise AssertionError


def _taken_apart(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not port or not parts.hostname or re.search(r"[\x00-\x20\x7f]", url):
        raise NotToldError("its URL is not one of http or https")
    return parts, port


def _headers(parts: SplitResult, more: Mapping[str, str]) -> dict[str, str]:
    found = {"Content-Type": "application/json", "User-Agent": "mlpipe"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        found["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    for name, value in more.items():
        if not re.fullmatch(r"[\x20-\x7e]*", value.strip()):
            raise NotToldError(f"the header {name} holds what cannot be sent")
        found[name] = value.strip()
    return found


def _within(
    limit: float, parts: SplitResult, port: int, body: bytes, headers: dict[str, str], asked: Asked
) -> int:
    """Make one attempt, on a thread that is given up once its time is over.

    A timeout of the socket alone bounds neither the look-up of the name nor a server that sends a
    byte now and then.
    """
    found: queue.Queue[int | Exception] = queue.Queue()

    def attempt() -> None:
        try:
            found.put(_attempt(parts, port, body, headers, limit, asked))
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
            found.put(error)

    threading.Thread(target=attempt, daemon=True).start()
    try:
        result = found.get(timeout=max(limit, 0.0))
    except queue.Empty:
        raise _TryAgainError(f"no answer within {asked.timeout:g} s") from None
    if isinstance(result, NotToldError):
        raise result
    if isinstance(result, Exception):
        raise _TryAgainError(_words(result, asked.timeout)) from None
    return result


def _attempt(
    parts: SplitResult,
    port: int,
    body: bytes,
    headers: dict[str, str],
    limit: float,
    asked: Asked,
) -> int:
    addresses = _addresses(parts.hostname or "", port, allow_private=asked.allow_private)
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    host = parts.hostname or ""
    with closing(connection_to(parts.scheme, host, port, addresses, limit)) as connection:
        connection.request("POST", target, body, headers)
        with closing(connection.getresponse()) as response:
            _judge(response)
            return response.status  # which says it all: nothing of the rest is read


def _addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise NotToldError("its host is no name") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private and not all(is_public(address) for address in addresses):
        raise NotToldError(
            "it leads to an address that is not public; allow_private: true allows it"
        )
    return addresses


def _judge(response: http.client.HTTPResponse) -> None:
    status = response.status
    if 200 <= status < 300:
        return
    if status == 429 or status >= 500:
        raise _TryAgainError(f"it answered {status}", _pause(response.headers.get("Retry-After")))
    if 300 <= status < 400:
        raise NotToldError(f"it answered {status}, a redirect, and none is followed")
    raise NotToldError(f"it answered {status}")


def _pause(after: str | None) -> float | None:
    """Return the seconds that a server asks for, as a number of them or as a date."""
    if after is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", after.strip()):
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _words(error: Exception, timeout: float) -> str:
    """Say what went wrong; what a library says may hold the URL, so its words are not used."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, socket.gaierror):
        return "its name has no address"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate cannot be trusted"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS"
    if type(error) is ConnectionError:  # of ours, in the words of the system
        return f"no connection: {error}"
    return "the connection broke off"
