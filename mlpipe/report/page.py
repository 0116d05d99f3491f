"""The page of a run: one HTML file that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.report.view import view
from mlpipe.report.words import FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

__all__ = ["page"]


def page(document: Mapping[str, Any]) -> str:
    """Write the page of a run.

    Parameters
    ----------
    document : mapping
        Plain JSON. ``title``, ``run``, ``steps``, ``problems``, ``spec`` (YAML text), and what the
        steps reported: ``ingest``, ``quarantine`` (rows), ``split``, ``validate``, ``featurize``,
        ``train`` and ``evaluate`` (by output), ``search``, ``decide``, ``parity``, ``explain``,
        ``current``, ``monitor``.
        Whatever is missing, or None, is left out: a run that failed gets a page too.

    Returns
    -------
    str
        HTML. Everything in the document is text on the page, never markup; the page asks
        nothing of any network.
    """
    return _environment().get_template("page.html.j2").render(view(document))


def _environment() -> Environment:
    from jinja2 import ChainableUndefined, Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment
