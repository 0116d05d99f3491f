"""The page of a run: one HTML file that needs nothing but itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.report.bounded import within
from mlpipe.report.panel import SHAPES
from mlpipe.report.view import view
from mlpipe.report.words import FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["environment", "page"]


def page(document: Mapping[str, Any]) -> str:
    """Write the page of a run.

    Parameters
    ----------
    document : mapping
        Plain JSON. ``title``, ``run``, ``steps``, ``problems``, ``spec`` (YAML text), and what the
        steps reported: ``ingest``, ``quarantine`` (rows), ``split``, ``validate``, ``featurize``,
        ``train`` and ``evaluate`` (by output), ``search``, ``decide``, ``parity``, ``explain``,
        ``current``, ``monitor``, ``retrain``; ``model``, which of several was used, in words.
        Whatever is missing, or None, is left out: a run that failed gets a page too.

    Returns
    -------
    str
        HTML. Everything in the document is text on the page, never markup; the page asks
        nothing of any network. Characters that would steer a terminal, or turn the direction of
        the text around them, are shown as a box.
    """
    html = within(environment().get_template("page.html.j2").render, view(document))
    return _STEERING.sub("\N{WHITE SQUARE}", html)


@cache
def environment() -> Environment:
    """Return what renders the templates of this room: everything but markup is escaped.

    There is one, for it keeps the templates compiled.
    """
    from jinja2 import ChainableUndefined, Environment, FileSystemLoader

    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(FILTERS, sections=_sections)
    found.globals["shapes"] = SHAPES
    return found


_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SECTION = re.compile(r'<section id="([\w-]+)">\s*<h2>([^<]+)')


def _sections(body: Markup) -> list[dict[str, Markup]]:
    """Return ``id`` and ``title`` of each section of a page: what its navigation leads to.

    A section can only be one of a template: what comes from the data was escaped.
    """
    from markupsafe import Markup

    return [
        {"id": Markup(found[1]), "title": Markup(found[2].strip())}  # noqa: S704 - see above
        for found in _SECTION.finditer(body)
    ]
