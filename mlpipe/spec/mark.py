"""Where a value of the spec stands: in a file, in a profile, or on the command line."""

from dataclasses import dataclass, replace

__all__ = ["Mark", "Path", "dotted"]

Path = tuple[str | int, ...]
"""The keys and list positions that lead from the root to a value."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place, in words that an editor can jump to.

    Attributes
    ----------
    file : str
        The file as the user named it; empty for the command line.
    line, col : int
        Both count from 1, and a column is a character.
    via : str
        ``profile ci`` or ``-S train.seed=3`` where the value came that way.
    """

    file: str = ""
    line: int = 0
    col: int = 0
    via: str = ""

    def __str__(self) -> str:
        """``file:line:col``, with the profile before it, or the option."""
        place = f"{self.file}:{self.line}:{self.col}" if self.line else self.file
        if not self.via:
            return place
        return f"{self.via} ({place})" if place else self.via

    def through(self, via: str) -> "Mark":
        """Return the same place, reached by way of a profile."""
        return replace(self, via=via)


def dotted(path: Path) -> str:
    """Write a path the way ``-S`` takes it.

    >>> dotted(("evaluate", "gates", 0, "min"))
    'evaluate.gates.0.min'
    """
    return ".".join(str(part) for part in path)
