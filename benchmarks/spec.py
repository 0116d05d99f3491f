"""The costliest specs of a mebibyte: each is refused, or read, in less than two seconds.

    python benchmarks/spec.py

The limit is that of a user who waits; PyYAML's own C reader is timed beside it where it comes to
an end at all. Seconds are those of the processor, the best of three.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from mlpipe.errors import SpecError
from mlpipe.spec.node import MAX_VALUES
from mlpipe.spec.yaml import parse
from tests.spec.costly import COSTLY

LIMIT = 2.0
ENDLESS = {"alias bomb", "aliases of a long text", "brackets", "braces", "dashes"}
"""What the C reader takes all memory, or its stack, for."""


def seconds(read: Callable[[], object]) -> float:
    """Return the processor's seconds of reading, refused or not; the best of three."""
    found = []
    for _ in range(3):
        began = time.process_time()
        with suppress(SpecError, ValueError, RecursionError):
            read()
        found.append(time.process_time() - began)
    return min(found)


def peer(data: bytes) -> None:
    """Read with PyYAML's C reader."""
    import yaml

    try:
        list(yaml.parse(data, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise ValueError from error


def main() -> int:
    """Print each case and return 1 where one is over the limit."""
    largest = b"".join(b"k%d: 1\n" % i for i in range(MAX_VALUES // 2 - 1))
    worst = 0.0
    for name, data in {**COSTLY, "the largest that is read": largest}.items():
        own = seconds(lambda data=data: parse(data, "spec.yaml"))
        other = None if name in ENDLESS else seconds(lambda data=data: peer(data))
        worst = max(worst, own)
        beside = "" if other is None else f"   C reader {other:5.2f} s"
        print(f"{name:30} {own:5.2f} s (< {LIMIT:.0f}){beside}")
    return 0 if worst < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
