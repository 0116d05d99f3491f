"""Registers, promotes and rolls back at random, and acknowledges each act once it is done."""

import random
import sys
from pathlib import Path

from mlpipe.errors import SpecError
from mlpipe.registry.names import Reference
from mlpipe.registry.registry import Registry
from tests.registry.bundles import ACT


def main(root: str, bundles: str, seed: str, rounds: str) -> None:
    """Work for so many rounds."""
    registry, chance = Registry(Path(root)), random.Random(int(seed))
    sources = sorted(Path(bundles).iterdir())
    print("ready", flush=True)
    for _ in range(int(rounds)):
        source = chance.choice(sources)
        found = registry.register(source, {"run": source.name}, ACT, alias="challenger")
        print("version", source.name, found.version, flush=True)
        try:
            if chance.random() < 0.6:
                moved = registry.promote(Reference("churn", "challenger"), "champion", ACT)
            else:
                moved = registry.rollback("churn", "champion", ACT)
        except SpecError:  # nothing to go back to yet
            continue
        if moved.is_news:
            print("moved", moved.version, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
