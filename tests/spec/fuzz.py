"""Fuzzed specs: whatever comes in, a spec is read or refused at a place, and soon.

``python -m tests.spec.fuzz 100000 7`` runs it by itself.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlpipe.errors import SpecError
from mlpipe.spec.build import build
from mlpipe.spec.dump import to_yaml
from mlpipe.spec.resolve import resolve
from tests.spec.sample import Sample

__all__ = ["Fuzzed", "fuzz", "mutated"]

SEED = """\
version: 1
name: churn
task: binary                 # a comment
profiles: {ci: {train: {folds: 2}}}
target: {name: churned, positive: "yes"}
keys: [customer_id, month]
test: {since: 2026-05-01}
share: 0.15
kinds:
  number: [a, "b"]
database: "${env:HOME}/x $${env:Y} ${secret:PW}"
steps:
  - impute: median
  - one_hot: {min_frequency: 20, inner: {size: 3}}
  - tfidf: {max_features: 1000}
train:
  models:
    linear: &m {type: linear, C: 0.3}
    boosted: {type: boosted, max_iter: 300}
  folds: 5
"""

SNIPPETS = [
    b"\t",
    b"  ",
    b"\n",
    b"\r",
    b"\r\n",
    b"---\n",
    b"...\n",
    b"%TAG ! x\n",
    b"%YAML 1.2\n",
    b"!!int ",
    b"!x ",
    b"&a ",
    b"*a",
    b"*m",
    b"<<: ",
    b"? ",
    b": ",
    b"- ",
    b", ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"{{",
    b"'",
    b'"',
    b"|",
    b">",
    b">-\n  ",
    b"#",
    b" #",
    b"# ",
    b"\\",
    b"\\x",
    b"010",
    b".nan",
    b"-.inf",
    b"1e400",
    b"null",
    b"~",
    b"yes",
    b"22:22",
    b"0x",
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    "\u202e".encode(),
    "\u2028".encode(),
    b"\x85",
    b"\xc2\x85",
    "\U0001f600".encode(),
    b"${",
    b"${env:",
    b"${env:NO}",
    b"${secret:NO}",
    b"$$",
    b"${X}",
    b"extends: x.yaml\n",
    b"extends: spec.yaml\n",
    b"profiles:\n",
    b"version: 2\n",
    b"@",
    b"`",
    b"%",
    b"?",
    b"=",
    b"1" * 120,
    b"[" * 40,
    b"]" * 40,
    b"{a: " * 40,
    b"- " * 40,
    b"k: v\n" * 30,
    b" " * 300,
    b"x" * 3000,
]

OPTIONS = [
    "seed", "=", "=1", "a.b=", "share=0.5", "train.folds=3", "train.models.linear.C=[", "name.x=1",
    "keys.0=x", "keys.9=x", "keys.-1=x", "steps.0.impute=mean", "steps.0=!x", "share=010",
    "database=${env:NO}", "kinds={number: [a", "target=>50K", "x=\u202e", "x=\udc80", "a..b=1",
    "extends=y", "train={models: {}}", "keys=[" + "x," * 50 + "]", "x=" + "[" * 50, ".=1", "x=*a",
]  # fmt: skip


@dataclass
class Fuzzed:
    """What came of it.

    Attributes
    ----------
    count, accepted : int
        How many were tried, and how many were read.
    slowest : float
        Seconds of processor time of the slowest.
    slowest_input : bytes
        And what it was.
    """

    count: int = 0
    accepted: int = 0
    slowest: float = 0.0
    slowest_input: bytes = b""


def mutated(chance: random.Random, seed: bytes = SEED.encode()) -> bytes:
    """Return a spec with a few places overwritten, cut, repeated or moved."""
    data = bytearray(seed if chance.random() < 0.97 else b"")
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8, 40))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((0, 1, 1, 4, 30, 200)))
        move = chance.randrange(6)
        if move == 0:
            data[at:end] = b""
        elif move == 1:
            data[at:end] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 5)))
        elif move == 2:
            data[at:at] = data[at:end] * chance.choice((1, 2, 30))
        else:
            data[at:end] = chance.choice(SNIPPETS)
    return bytes(data[: 2**20 + 1])


def read_as_sample(folder: Path, data: bytes, options: list[str]) -> None:
    """Resolve and build the spec, write it and read that."""
    (folder / "spec.yaml").write_bytes(data)
    given = {"HOME": "/home/x", "PW": "hunter2"}
    profile = "ci" if len(data) % 3 == 0 else None
    found = resolve(
        "spec.yaml", profile=profile, overrides=options, environ=given, directory=folder
    )
    build(Sample, found)
    (folder / "spec.yaml").write_text(to_yaml(found.values), encoding="utf-8")
    again = resolve("spec.yaml", environ={**given, "Y": ""}, directory=folder)
    if "$" not in str(found.values) and again.values != found.values:
        raise AssertionError("what was written reads back as something else")


def fuzz(
    n: int, seed: int, read: Callable[[Path, bytes, list[str]], None] = read_as_sample
) -> Fuzzed:
    """Try ``n`` mutated specs; all but a located `SpecError` comes through as it is.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        Of the random choices: the same seed tries the same specs.
    read : callable
        Reads the bytes, with the -S options, in a folder.

    Raises
    ------
    AssertionError
        Where a problem has no place.
    """
    chance = random.Random(seed)
    result = Fuzzed()
    with tempfile.TemporaryDirectory() as name:
        for _ in range(n):
            data = mutated(chance)
            options = chance.sample(OPTIONS, chance.choice((0, 0, 0, 0, 1, 2)))
            _try(result, read, Path(name), data, options)
    return result


def _try(
    result: Fuzzed,
    read: Callable[[Path, bytes, list[str]], None],
    folder: Path,
    data: bytes,
    options: list[str],
) -> None:
    start = time.process_time()
    try:
        read(folder, data, options)
        result.accepted += 1
    except SpecError as error:
        for problem in error.problems:
            if not problem.place or not problem.message:
                raise AssertionError(f"no place: {problem} for {data!r} {options}") from error
    except Exception as error:
        raise AssertionError(f"{error!r} for {data!r} {options}") from error
    seconds = time.process_time() - start
    result.count += 1
    if seconds > result.slowest:
        result.slowest, result.slowest_input = seconds, data


if __name__ == "__main__":
    print(fuzz(int(sys.argv[1]), int(sys.argv[2])))
