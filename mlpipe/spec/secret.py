"""Secrets: revealed at the moment of use, masked wherever a spec is printed or stored."""

import re
from collections.abc import Mapping
from typing import Any

from mlpipe.errors import Problem, SpecError

__all__ = [
    "MASK",
    "in_clear",
    "is_secret",
    "mask",
    "mask_text",
    "names_in",
    "reveal",
    "text_of_the_spec",
    "without_passwords",
    "written_out",
]

MASK = "***"

_KEY = re.compile(
    r"(?i)(^|.*[_.-])(password|passwd|passphrase|pwd|token|secret|api[_-]?key|access[_-]?key"
    r"|private[_-]?key|credentials?)"
)
# Up to the last @: a password that ought to have been percent-encoded is masked whole, too. What
# begins like a port and a path is none.
_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@'\"]{0,200}):(?!\d{1,5}[/?#])[^\s'\"]{1,500}@"
)
_PARAMETER = re.compile(
    r"(?i)((?:^|[?&;\s])[a-z_-]{0,30}(?:password|passwd|pwd|token|secret|api_?key|signature)=)"
    r"[^&;\s'\"]+"
)
_PLACEHOLDER = re.compile(r"(\$?)\$\{secret:([^}]*)\}")


def is_secret(key: str) -> bool:
    """Tell whether a key is named like one that holds a secret.

    >>> [is_secret(key) for key in ("db_password", "api_key", "max_tokens", "token_pattern")]
    [True, True, False, False]
    """
    return _KEY.fullmatch(key) is not None


def mask(value: Any) -> Any:
    """Return a copy without passwords: in URLs, in options, and under keys named like one.

    >>> mask({"uri": "postgres://me:pw@host/db", "token": "abc", "key": "${secret:DB}"})
    {'uri': 'postgres://me:***@host/db', 'token': '***', 'key': '${secret:DB}'}
    """
    if isinstance(value, dict):
        return {key: _masked_entry(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(mask(item) for item in value)
    return mask_text(value) if isinstance(value, str) else value


def _masked_entry(key: str, item: Any) -> Any:
    if not is_secret(key) or item is None or isinstance(item, dict):
        return mask(item)
    if isinstance(item, list | tuple):
        return type(item)(_masked_entry(key, each) for each in item)
    placeholder = isinstance(item, str) and _PLACEHOLDER.fullmatch(item)
    return item if placeholder else MASK


def without_passwords(value: Any) -> Any:
    """Return a copy whose texts hold no passwords; keys are not looked at."""
    if isinstance(value, dict):
        return {key: without_passwords(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(without_passwords(item) for item in value)
    return mask_text(value) if isinstance(value, str) else value


def in_clear(key: str, value: Any) -> bool:
    """Tell whether an entry holds a secret itself instead of ``${secret:NAME}``.

    >>> in_clear("api_key", "abc"), in_clear("api_key", "${secret:KEY}"), in_clear("month", "abc")
    (True, False, False)
    """
    return bool(mask({key: value}) != {key: value})


def written_out(key: str, text: str, environment: Mapping[str, str]) -> bool:
    """Tell whether an entry of the spec holds a secret that stands in the spec itself.

    Parameters
    ----------
    key, text : str
        The entry; placeholders of secrets are in place.
    environment : mapping
        The variables that were read with ``${env:NAME}``: what comes from there is not written.
    """
    own = text_of_the_spec(text, environment)
    return bool(own) and in_clear(key, own)


def text_of_the_spec(text: str, environment: Mapping[str, str]) -> str:
    """Return what of a text stands in the spec itself, without variables and secrets."""
    for value in sorted(filter(None, environment.values()), key=len, reverse=True):
        text = text.replace(value, "")
    return _PLACEHOLDER.sub(lambda found: found[0] if found[1] else "", text)


def mask_text(text: str) -> str:
    """Mask the passwords of URLs and of ``password=…`` options in a text.

    >>> mask_text("db://me:p@ss/w@host/x and https://host:8080/a@b")
    'db://me:***@host/x and https://host:8080/a@b'
    """
    return _PARAMETER.sub(rf"\1{MASK}", _URL.sub(rf"\1:{MASK}@", text))


def names_in(text: str) -> list[str]:
    """Return the names of the secrets that a text refers to.

    >>> names_in("postgres://me:${secret:PW}@host, $${secret:NO}")
    ['PW']
    """
    return [name for escaped, name in _PLACEHOLDER.findall(text) if not escaped]


def reveal(text: str, environ: Mapping[str, str]) -> str:
    """Put the secrets in; ``$${secret:NAME}`` stays the text ``${secret:NAME}``.

    Raises
    ------
    SpecError
        Where a secret is not defined.

    >>> reveal("postgres://me:${secret:PW}@host", {"PW": "x"})
    'postgres://me:x@host'
    """

    def put(found: re.Match[str]) -> str:
        if found[1]:
            return found[0][1:]
        if found[2] not in environ:
            raise SpecError(Problem(f"the secret {found[2]} is not defined", found[0]))
        return environ[found[2]]

    return _PLACEHOLDER.sub(put, text)
