"""Did you mean: the nearest known name."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?``, or an empty string where nothing is near.

    >>> did_you_mean("tran", ["train", "evaluate"])
    "did you mean 'train'?"
    >>> did_you_mean("zzz", ["train"])
    ''
    """
    lowered = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"did you mean '{lowered[near[0]]}'?" if near else ""
