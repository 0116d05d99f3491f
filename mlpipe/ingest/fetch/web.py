"""A file of a web server: asked for once, and again only where the server says it changed."""

from __future__ import annotations

import http.client
import re
import ssl
from base64 import b64encode
from contextlib import closing, contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.fetch.address import addresses_of
from mlpipe.ingest.fetch.connection import PORTS, connection_to
from mlpipe.ingest.fetch.fetched import Fetched, UnreachableError
from mlpipe.spec.secret import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlpipe.ingest.fetch.fetched import Wanted

__all__ = ["LARGEST", "fetch_web", "file_name"]

LARGEST = 64 * 2**30
"""Bytes of one file at most."""

CHUNK = 2**20
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
_SAFE = "/?%:@!$&'()*+,;=~"
_UNSAFE = re.compile(r"[^\w.=+-]+")


def fetch_web(wanted: Wanted) -> Fetched:
    """Fetch the file behind an http or https URL, through at most five redirects.

    Every hop goes to the very address that was checked. Credentials and headers of the spec go
    to the origin that it names, and to no other.

    Raises
    ------
    SpecError
        For an address that is not public, or a URL that cannot be one.
    DataError
        For a file that is not what was announced.
    UnreachableError
        Where the server does not answer, breaks off, or answers with an error.
    """
    start = url = wanted.source.path or ""
    for _ in range(MOST_REDIRECTS + 1):
        trusted = _origin(url, wanted) == _origin(start, wanted)
        with _answer(url, wanted, trusted=trusted) as response:
            if response.status not in REDIRECTS:
                return _taken(response, url, wanted)
            url = _next(url, response.headers.get("Location"), wanted)
    raise UnreachableError(f"it redirects more than {MOST_REDIRECTS} times")


def file_name(url: str) -> str:
    """Return the name of the file behind a URL, fit for a file system.

    >>> file_name("https://example.org/data/usage%202026.csv.gz?version=3")
    'usage_2026.csv.gz'
    """
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return _UNSAFE.sub("_", last).lstrip(".")[-100:] or "data"


@contextmanager
def _answer(url: str, wanted: Wanted, *, trusted: bool) -> Iterator[http.client.HTTPResponse]:
    """Ask for a URL; a fault of the connection is said in words, while it is read as well."""
    parts = urlsplit(url)
    connection = _connection(parts, wanted)
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    headers = {"User-Agent": "mlpipe", "Accept": "*/*", "Accept-Encoding": "identity"}
    headers |= _conditions(url, wanted)
    if trusted:
        headers |= _credentials(parts, wanted)
    with closing(connection):
        try:
            connection.request("GET", target, headers=headers)
            with closing(connection.getresponse()) as response:
                yield response
        except TimeoutError:
            what = f"no answer within {wanted.source.timeout:g} s"
            raise UnreachableError(what) from None
        except http.client.IncompleteRead:
            raise UnreachableError("the connection broke off before the end of the file") from None
        except (http.client.HTTPException, ssl.SSLError, ConnectionError) as error:
            raise UnreachableError(wanted.hushed(_first_line(error))) from None


def _connection(parts: SplitResult, wanted: Wanted) -> http.client.HTTPConnection:
    port = _port(parts, wanted)
    host = parts.hostname or ""
    addresses = addresses_of(host, port, wanted)
    return connection_to(parts.scheme, host, port, addresses, wanted.source.timeout)


def _port(parts: SplitResult, wanted: Wanted) -> int:
    try:
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        port = 0
    if not port or not parts.hostname or re.search(r"[\x00-\x20\x7f]", parts.geturl()):
        raise SpecError(
            Problem(f"{wanted.shown} is not a URL of the web", key=f"{wanted.key}.path")
        )
    return port


def _conditions(url: str, wanted: Wanted) -> dict[str, str]:
    """Return the headers that ask for the file only where it is not the one of the last time."""
    known = (wanted.before.files if wanted.before else {}).get(_name(wanted), {})
    if known.get("url") != _digest(url):
        return {}
    if known.get("etag"):
        return {"If-None-Match": known["etag"]}
    return {"If-Modified-Since": known["modified"]} if known.get("modified") else {}


def _credentials(parts: SplitResult, wanted: Wanted) -> dict[str, str]:
    headers = {name: _header(name, value, wanted) for name, value in wanted.source.options.items()}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return headers


def _header(name: str, value: object, wanted: Wanted) -> str:
    text = str(value).strip()
    if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", text):
        what = "cannot be sent as a header"
        raise SpecError(Problem(what, key=f"{wanted.key}.options.{name}"))
    return text


def _origin(url: str, wanted: Wanted) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, _port(parts, wanted)


def _next(url: str, location: str | None, wanted: Wanted) -> str:
    if not location:
        raise UnreachableError("it redirects to nowhere")
    target = urljoin(url, location)
    scheme = urlsplit(target).scheme
    if scheme not in PORTS or (scheme == "http" and urlsplit(url).scheme == "https"):
        what = f"it redirects to {wanted.hushed(target)}, which is not https"
        raise SpecError(Problem(what, key=f"{wanted.key}.path"))
    return target


def _taken(response: http.client.HTTPResponse, url: str, wanted: Wanted) -> Fetched:
    name = _name(wanted)
    before = wanted.before.files if wanted.before else {}
    if response.status == 304 and name in before:
        return Fetched({name: before[name]}, kept=frozenset({name}))
    if response.status != 200:
        raise UnreachableError(f"it answered {response.status} {response.reason}".rstrip())
    _refuse_packed(response, wanted)
    _write(response, wanted.folder / name)
    return Fetched({name: _said(response.headers, url)})


def _refuse_packed(response: http.client.HTTPResponse, wanted: Wanted) -> None:
    coding = response.headers.get("Content-Encoding", "identity")
    if coding.lower() not in ("", "identity"):
        what = f"it answered with {coding}, though it was asked for the file as it is"
        raise DataError(Problem(what, wanted.shown))


def _write(response: http.client.HTTPResponse, path: Path) -> None:
    written = 0
    announced = response.length
    if announced is not None and announced > LARGEST:
        raise UnreachableError(f"the file has {announced:,} bytes; {LARGEST:,} are the most")
    with path.open("xb") as file:
        while chunk := response.read(CHUNK):
            written += len(chunk)
            if written > LARGEST:
                raise UnreachableError(f"the file has more than {LARGEST:,} bytes")
            file.write(chunk)
    if announced is not None and written != announced:
        what = f"the connection broke off after {written:,} of {announced:,} bytes"
        raise UnreachableError(what)


def _said(headers: http.client.HTTPMessage, url: str) -> dict[str, str]:
    said = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
    return {"url": _digest(url), **{name: value for name, value in said.items() if value}}


def _digest(url: str) -> str:
    """Return what tells one URL from another and holds no password."""
    return sha256(mask_text(url).encode()).hexdigest()[:16]


def _name(wanted: Wanted) -> str:
    return file_name(wanted.source.path or "")


def _first_line(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text.splitlines()[0]
