"""Texts of a mebibyte that take a careless reader long."""

from mlpipe.spec.text import MAX_BYTES

__all__ = ["ALIAS_BOMB", "COSTLY"]

ALIAS_BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 8)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

COSTLY = {
    "brackets": b"[" * MAX_BYTES,
    "braces": b"{" * MAX_BYTES,
    "dashes": b"- " * (MAX_BYTES // 2),
    "question marks": b"? " * (MAX_BYTES // 2),
    "alias bomb": ALIAS_BOMB.encode(),
    "aliases of a long text": b'a: &a "' + b"x" * 500_000 + b'"\nb: [' + b"*a," * 20_000 + b"]",
    "chain of aliases": b"a: &a0 [x]\n"
    + b"".join(b"a%d: &a%d [*a%d]\n" % (i, i, i - 1) for i in range(1, 9000)),
    "many keys": b"".join(b"k%d: 1\n" % i for i in range(80_000)),
    "many items": b"a: [" + b"1," * (MAX_BYTES // 2 - 9),
    "directives": b"".join(b"%%TAG !a%d! b\n" % i for i in range(60_000)),
    "directives behind a lone CR": b"a: 1\r...\r"
    + b"".join(b"%%TAG !a%d! b\n" % i for i in range(60_000)),
    "documents": b"--- a\n" * (MAX_BYTES // 6),
    "spaces": b"a: %" + b" " * (MAX_BYTES - 8) + b"x",
    "dashes in folded text": b"a: >\n from\n" + b" --x" * (MAX_BYTES // 4 - 9) + b"\n x\n",
    "duplicates": b"a: 1\n" * (MAX_BYTES // 5),
    "cut values": b"a: b #c\n" * (MAX_BYTES // 8),
    "open bracket and spaces": b"a: [?" + b" " * (MAX_BYTES - 9),
    "digits": b"a: " + b"1" * (MAX_BYTES - 9),
}
