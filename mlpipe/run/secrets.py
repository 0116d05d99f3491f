"""Secrets, put in at the moment of use: a spec, a key, a bundle only ever hold placeholders."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mlpipe.errors import MlpipeError
from mlpipe.ingest.fetch.fetched import hushed
from mlpipe.ingest.source import Source
from mlpipe.ingest.spec import Ingest
from mlpipe.spec.secret import is_secret, names_in, reveal

__all__ = ["as_text", "hush", "opened", "opened_source", "opened_url", "revealed", "secrets_of"]

_USER = re.compile(r"(?<=://)[^/@\s]*@")


def opened(text: str) -> str:
    """Return a text with its secrets in place.

    Raises
    ------
    SpecError
        Where a secret is not defined.
    """
    return reveal(text, os.environ)


def opened_url(text: str) -> str:
    """Return a URL with its secrets in place: in its login as URLs write them.

    Raises
    ------
    SpecError
        Where a secret is not defined.
    """
    return opened(_USER.sub(_encoded, text))


def as_text(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return ``vars`` as SQL takes them."""
    return {name: opened(str(value)) for name, value in variables.items()}


def revealed(section: Ingest) -> Ingest:
    """Return the section with the secrets in its paths."""
    return Ingest.read(_opened(section.model_dump(mode="json", exclude_unset=True)))


def opened_source(source: Source) -> Source:
    """Return a source with its secrets in place.

    A secret that is the user or the password of a URL is put in as URLs write it, so that it may
    hold any character.
    """
    values = source.model_dump(mode="json", exclude_unset=True)
    for name in ("path", "database"):
        if values.get(name):
            values[name] = _USER.sub(_encoded, values[name])
    return Source.read(_opened(values))


def secrets_of(source: Source) -> tuple[str, ...]:
    """Return every text that no message about a source may hold."""
    values = source.model_dump(mode="json", exclude_unset=True)
    found = {os.environ.get(name, "") for text in _texts(values) for name in names_in(text)}
    found |= {str(value) for name, value in source.options.items() if is_secret(name)}
    for url in (values.get("path"), values.get("database")):
        try:
            password = urlsplit(url or "").password or ""
        except ValueError:
            continue
        found |= {password, unquote(password)}
    return tuple(sorted(found - {""}))


def hush(error: MlpipeError, spec: Mapping[str, Any]) -> MlpipeError:
    """Return an error that tells no secret of the spec, wherever its words came from."""
    secrets = {os.environ.get(name, "") for text in _texts(spec) for name in names_in(text)}
    fields = ("message", "place", "key", "hint")
    return type(error)(
        *(
            replace(each, **{name: hushed(getattr(each, name), secrets) for name in fields})
            for each in error.problems
        )
    )


def _encoded(found: re.Match[str]) -> str:
    """Return user and password of a URL with their secrets in place."""
    text: str = found[0][:-1]
    environ = {
        name: quote(os.environ[name], safe="") for name in names_in(text) if name in os.environ
    }
    return f"{reveal(text, environ)}@"


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item) for item in value]
    return opened(value) if isinstance(value, str) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
