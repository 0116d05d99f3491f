"""The words of a text column that training knew: a thousand of them in 4 KB, by hash.

A word that training saw in one row alone is left out: as Good and Turing have it, words seen once
tell how many new ones to expect, so the reference's own share of unknown words is what is normal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlpipe.table.session import Session

__all__ = ["unknown_words", "vocabulary"]

WORDS = 1_000
"""Most words that are remembered: the most frequent ones."""

_BITS = 16  # a thousand of 65,536: one unknown word in 66 is taken for a known one
_EACH = "regexp_extract_all(lower({x}), '[\\p{L}\\p{N}]+')"
_PLACE = f"(md5_number_lower({{w}}) % {2**_BITS})::INTEGER"


def vocabulary(session: Session, source: str, sql: str) -> str:
    """Return the places of the most frequent words: four hexadecimal digits each, in order.

    Parameters
    ----------
    session : Session
    source : str
        SQL of the rows.
    sql : str
        The text.
    """
    words = f"SELECT unnest(list_distinct({_EACH.replace('{x}', sql)})) AS w FROM ({source})"  # noqa: S608
    counted = f"SELECT w, count(*) AS n FROM ({words}) GROUP BY w HAVING n > 1"  # noqa: S608
    chosen = f"SELECT w FROM ({counted}) ORDER BY n DESC, w LIMIT {WORDS}"  # noqa: S608
    places = f"SELECT DISTINCT {_PLACE.replace('{w}', 'w')} AS p FROM ({chosen}) ORDER BY p"  # noqa: S608
    return "".join(f"{place:04x}" for (place,) in session.raw.execute(places).fetchall())


def unknown_words(sql: str, places: str) -> str:
    """Return SQL of the share of a text's words that are not in the vocabulary.

    The places are one bit string, so that a word is looked up in constant time.
    """
    known = {int(places[at : at + 4], 16) for at in range(0, len(places), 4)}
    bits = "".join("01"[place in known] for place in range(2**_BITS))
    each = _EACH.replace("{x}", sql)
    unknown = f"get_bit('{bits}'::BIT, {_PLACE.replace('{w}', 'w')}) = 0"
    return f"len(list_filter({each}, w -> {unknown})) / greatest(len({each}), 1)"
