"""A process to be hurt: fills a store with small artifacts and says what is done.

Each line on stdout is an acknowledgement: what it names must survive whatever comes next.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlpipe.errors import StoreError
from mlpipe.run.manifest import Artifact, FileEntry, Manifest
from mlpipe.run.store import Store

STEPS = ("ingest", "split", "featurize", "train", "evaluate")


class BrokenStore(Store):
    """The negative control: writes where it stands, manifest first, slowly."""

    def put(self, step: str, key: str, made_from: Mapping[str, Any], write: Any, **_: Any) -> Any:
        final = self.path(step, key)
        staged = self.root / "tmp" / f"{step}-{key}-{os.getpid()}"
        staged.mkdir(parents=True)
        summary = write(staged)
        data = {path.name: path.read_bytes() for path in staged.iterdir()}
        files = {n: FileEntry(len(d), hashlib.sha256(d).hexdigest()) for n, d in data.items()}
        manifest = Manifest(step, key, files, made_from, summary)
        final.mkdir(parents=True, exist_ok=True)
        (final / "manifest.json").write_text(manifest.to_json())
        for name, content in data.items():
            with open(final / name, "wb", buffering=0) as file:
                for start in range(0, len(content), 512):
                    file.write(content[start : start + 512])
                    time.sleep(0.001)
            os.chmod(final / name, 0o444)
        return Artifact(final, manifest)


def fill(key: str, folder: Path) -> dict[str, Any]:
    """Write three files whose content follows from the key."""
    numbers = random.Random(key)
    for name in ("table.parquet", "model.skops", "report.json"):
        (folder / name).write_bytes(numbers.randbytes(numbers.randrange(1, 6000)))
    return {"rows": numbers.randrange(1000)}


def work(store: Store, seed: int, rounds: int) -> None:
    """Find or put every step of every round, then write the run of the round."""
    for number in range(rounds):
        with store.session():
            artifacts = {}
            for step in STEPS:
                key = hashlib.sha256(f"{seed} {number} {step}".encode()).hexdigest()[:32]
                artifacts[step] = one(store, step, key)
            record = {"seed": seed, "round": number, "verdict": "passed"}
            run = store.write_run("churn", record, artifacts, {"report.html": "<p>fine</p>"})
            print(f"run churn/{run.name} {store.read_run('churn', run.name)['digest']}", flush=True)


def one(store: Store, step: str, key: str) -> Artifact:
    """Find or put one artifact, and acknowledge it."""
    artifact = store.find(step, key)
    word = "found"
    if artifact is None:
        with store.lock(step, key):
            artifact = store.find(step, key)
            if artifact is None:
                artifact = store.put(step, key, {"key": key}, lambda folder: fill(key, folder))
                word = "put"
    print(f"{word} artifacts/{step}/{key} {artifact.digest}", flush=True)
    return artifact


def main() -> int:
    """Work, and answer like mlpipe does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--broken", action="store_true")
    options = parser.parse_args()
    print("ready", flush=True)
    try:
        store = (BrokenStore if options.broken else Store)(options.root)
        store.recover()
        work(store, options.seed, options.rounds)
    except StoreError as error:
        print(json.dumps([str(problem) for problem in error.problems]), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
