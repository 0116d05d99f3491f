"""What a source may not say: secrets in clear."""

from collections.abc import Iterator, Mapping

from mlpipe.ingest.source import Source
from mlpipe.ingest.spec import Ingest
from mlpipe.spec.secret import in_clear, names_in, text_of_the_spec, written_out

__all__ = ["misfits", "source_misfits"]

HEADERS = ("authorization", "cookie")
WHAT = "a secret stands in the spec in clear"

Misfit = tuple[tuple[str, ...], str, str]


def misfits(ingest: Ingest, environment: Mapping[str, str]) -> Iterator[Misfit]:
    """Yield (path, message, hint) of each password, key or token that is written out.

    Parameters
    ----------
    ingest : Ingest
        The section; the placeholders of its secrets are in place.
    environment : mapping
        The variables that were read with ``${env:NAME}``: what comes from there does not stand
        in the spec.
    """
    for name, source in ingest.sources.items():
        yield from source_misfits(source, ("sources", name), environment)
    if ingest.labels is not None:
        yield from source_misfits(ingest.labels, ("labels",), environment)


def source_misfits(
    source: Source, at: tuple[str, ...], environment: Mapping[str, str]
) -> Iterator[Misfit]:
    """Yield (path, message, hint) of each secret that is written out in a source at a place."""
    for field in ("path", "database"):
        if written_out(field, getattr(source, field) or "", environment):
            hint = "write ${secret:NAME} in its place and set that variable"
            yield (*at, field), WHAT, hint
    for name, value in source.options.items():
        text = text_of_the_spec(str(value), environment)
        header = name.lower() in HEADERS and not names_in(str(value))
        if text and (header or in_clear(name, text)):
            hint = f"write ${{secret:{name.upper()}}} and set that variable"
            yield (*at, "options", name), WHAT, hint
