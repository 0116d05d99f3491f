"""Writes the records of night after night, and acknowledges each once it is kept.

With ``broken`` it writes in place instead, as nobody should: the negative control.
"""

import random
import sys
from pathlib import Path

from mlpipe.registry import history
from tests.registry.test_history import history as opened
from tests.registry.test_history import record

NOTE = "x" * 20_000
"""Large, so that a write can be cut in its middle."""


def in_place(path, data, _staged):
    """Write over what is there, a piece at a time."""
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(data), 512):
            file.write(data[start : start + 512])


def main(root: str, seed: str, kind: str) -> None:
    """Work until killed."""
    if kind == "broken":
        history.replace_file = in_place
    chance, store = random.Random(int(seed)), opened(Path(root))
    print("ready", flush=True)
    version = int(seed) * 1_000_000
    while True:
        version += 1
        day = f"2026-06-{chance.randint(1, 9):02d}"
        gone = [name for name in store.read().records if chance.random() < 0.05]
        store.write([record(day, version, note=NOTE)], gone)
        print(day, version, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
