"""A figure of the page as a file of its own, for viewers that know nothing of the page."""

import re

__all__ = ["standalone"]

COLOURS = {
    "--ink": "#1a1c1e",
    "--muted": "#6b7075",
    "--line": "#d5d8dc",
    "--accent": "#1f6fd0",
    "--second": "#c9640f",
}
"""Those of the page in daylight; a file has a white ground of its own."""
_NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def standalone(svg: str) -> str:
    """Return an inline SVG as a document: with its namespaces, colours and ground.

    >>> standalone('<svg viewBox="0 0 1 1"><path stroke="var(--ink)"/></svg>').count("#1a1c1e")
    1
    """
    coloured = re.sub(r"var\((--[a-z]+)\)", lambda found: COLOURS[found[1]], svg)
    ground = 'style="background: #fff; font-family: sans-serif"'
    return coloured.replace("<svg ", f"<svg {_NAMES} {ground} ", 1) + "\n"
