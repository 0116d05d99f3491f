"""Flip single bits in stored files: each must be detected, and none may be served.

``python -m tests.torture.flips --times 1000``. The files are old enough for the stat cache to
vouch for them, and each flip puts the modification time back, as a mean copy would. ``--blind``
is the negative control: a store that trusts sizes serves what was flipped, and the harness must
notice.
"""

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from mlpipe.run import artifacts, digests
from mlpipe.run.store import Store
from tests.torture.worker import fill

AHEAD_NS = 3_000_000_000
FILES = ("table.parquet", "model.skops", "report.json", "manifest.json")


def flip(path: Path, numbers: random.Random) -> None:
    """Turn one bit of a file over in place, and put its modification time back."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    position = numbers.randrange(len(data) * 8)
    data[position // 8] ^= 1 << position % 8
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.write(data)
    os.chmod(path, before.st_mode)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def torture(root: Path, times: int, seed: int) -> tuple[int, int]:
    """Flip one bit in each of many artifacts; return how many were detected and served.

    The kernel's clock stays as it is and ours runs three seconds ahead, so that the stat cache
    remembers files that were written a moment ago.
    """
    numbers = random.Random(seed)
    keys = [hashlib.sha256(f"{seed} {n}".encode()).hexdigest()[:32] for n in range(times)]
    store = Store(root)
    with store.session():
        for key in keys:
            store.put("train", key, {}, lambda folder, key=key: fill(key, folder))
    time.sleep(0.02)
    with mock.patch.object(digests.time, "time_ns", return_value=time.time_ns() + AHEAD_NS):
        store = Store(root)
        with store.session():
            if not all(store.find("train", key) for key in keys):
                raise SystemExit("an untouched artifact was not found")
        for key in keys:
            flip(store.path("train", key) / numbers.choice(FILES), numbers)
        store = Store(root)
        served = sum(store.find("train", key) is not None for key in keys)
    return len(store.damaged), served


def main(arguments: list[str] | None = None) -> int:
    """Torture as told, print the tally, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--blind", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mlpipe-flips-") as name:
        root = Path(name) / "runs"
        if options.blind:
            with mock.patch.object(artifacts, "_verify"):
                detected, served = torture(root, options.times, options.seed)
        else:
            detected, served = torture(root, options.times, options.seed)
    print(f"{options.times} flips: {detected} detected, {served} served")
    if options.blind:
        return 0 if served else 1
    return 0 if detected == options.times and not served else 1


if __name__ == "__main__":
    sys.exit(main())
