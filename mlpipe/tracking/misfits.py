"""What the section may not say: secrets in clear."""

from collections.abc import Iterator, Mapping

from mlpipe.spec.secret import written_out
from mlpipe.tracking.spec import Tracking

__all__ = ["misfits"]

_FIELDS = ("uri", "url", "artifacts", "username", "password", "token", "api_key")


def misfits(
    tracking: Tracking, environment: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield (path, message, hint) of each password, key or token that is written out.

    Parameters
    ----------
    tracking : Tracking
        The section; the placeholders of its secrets are in place.
    environment : mapping
        The variables that were read with ``${env:NAME}``: they do not stand in the spec.
    """
    for name, tracker in tracking.trackers():
        for field in _FIELDS:
            text = getattr(tracker, field, None)
            if text and written_out(field, text, environment):
                hint = "write ${secret:NAME} in its place and set that variable"
                yield (name, field), "a secret stands in the spec in clear", hint
