"""What is left of a text when case, accents of writing, spaces and punctuation are taken away."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["bare", "case_and_space", "plain_words"]

_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])[-/_.'’·\s]+(?=[^\W\d_])")
_AT_THE_END = re.compile(r"(?<=[^\W\d_])[.,;:'’_\s]+$|^[.,;:'’_\s]+")


def case_and_space(text: str) -> str:
    """Return what ``lower(trim(x))`` leaves.

    >>> case_and_space("  New York ")
    'new york'
    """
    return text.strip(" ").lower()


def bare(text: str) -> str:
    """Return a category without case, Unicode forms, spaces and marks between letters.

    Marks beside digits stay, and so do signs that mean something: ``<``, ``>``, ``+``, ``#``.

    >>> bare(" N.Y."), bare("ny"), bare("Ｎew-York"), bare("18-29"), bare("C++"), bare("AB-")
    ('ny', 'ny', 'newyork', '18-29', 'c++', 'ab-')
    """
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _AT_THE_END.sub("", _BETWEEN_LETTERS.sub("", text))


def plain_words(texts: pa.Array) -> pa.Array:
    """Return texts in lower case, their words with single spaces between them and nothing else."""
    import pyarrow.compute as pc

    texts = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    return pc.utf8_trim(
        pc.replace_substring_regex(texts, pattern=r"[\s\p{Z}\p{P}]+", replacement=" "), " "
    )
