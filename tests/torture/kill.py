"""Kill -9 at random moments, then look whether anything is torn or lost.

``python -m tests.torture.kill --times 200`` drives the store alone; ``--target run`` drives
``mlpipe run`` on a small project that it writes itself; ``--broken-writer`` is the negative
control and succeeds only when corruption was found.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.torture.verify import contents, faults

HERE = Path(__file__).parents[2]
FRESH_AFTER = 20
"""Kills after which a new run directory is begun: verifying it all takes longer each time."""

SPEC = """\
version: 1
name: churn
task: binary
seed: 7
columns: {key: id, target: {name: churned, positive: "yes"}}
ingest: {path: data.csv}
split: {by: random, test: 0.2, valid: 0.2}
validate: {columns: {tenure: {min: 0}}}
train:
  models: {linear: {type: logistic_regression}}
  folds: 2
evaluate: {metrics: [roc_auc]}
"""


@dataclass
class Tally:
    """What a session of killing found."""

    kills: int = 0
    corrupt: int = 0
    lost: int = 0
    stuck: int = 0
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """``200 kills: 0 corrupt, 0 lost, 0 stuck``."""
        return f"{self.kills} kills: {self.corrupt} corrupt, {self.lost} lost, {self.stuck} stuck"


class Target(Protocol):
    """What is killed: a command whose seed makes everything new, and its run directory."""

    root: Path
    fine: tuple[int, ...]

    def command(self, seed: int) -> list[str]:
        """The command line."""


class StoreTarget:
    """A script that only puts artifacts and writes runs."""

    fine = (0,)

    def __init__(self, folder: Path, *, broken: bool = False, rounds: int = 3) -> None:
        self.root = folder / "runs"
        self.rounds = rounds
        self.extra = ["--broken"] if broken else []

    def command(self, seed: int) -> list[str]:
        """The command line."""
        worker = [sys.executable, "-m", "tests.torture.worker", str(self.root)]
        return [*worker, "--seed", str(seed), "--rounds", str(self.rounds), *self.extra]


class RunTarget:
    """``mlpipe run`` over a tiny table with a logistic regression."""

    fine = (0, 1)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "runs"
        numbers = random.Random(0)
        rows = [
            f"{i},{numbers.randrange(72)},{numbers.random():.3f},{numbers.choice(['yes', 'no'])}"
            for i in range(400)
        ]
        (folder / "data.csv").write_text("\n".join(["id,tenure,charges,churned", *rows]) + "\n")
        (folder / "spec.yaml").write_text(SPEC)

    def command(self, seed: int) -> list[str]:
        """The command line."""
        run = [sys.executable, "-m", "mlpipe", "run", "spec.yaml"]
        return [*run, "-C", str(self.folder), "-S", f"seed={seed}"]


def torture(target: Target, times: int, seed: int) -> Tally:
    """Kill a target at moments spread evenly over the time that it takes undisturbed."""
    moments = random.Random(seed)
    tally = Tally()
    duration = _duration(target, seed=times)
    for number in range(times):
        if number % FRESH_AFTER == 0:
            shutil.rmtree(target.root, ignore_errors=True)
        before = contents(target.root) if (target.root / "FORMAT").exists() else {}
        acknowledged = _kill(target.command(number), moments.uniform(0, duration))
        tally.kills += 1
        _judge(target.root, {**before, **acknowledged}, f"kill {number}", tally)
        finish = _run(target.command(number))
        if finish.returncode not in target.fine:
            tally.stuck += 1
            tally.examples.append(f"kill {number}: then exit {finish.returncode} {finish.stderr}")
        _judge(target.root, {**before, **acknowledged}, f"after kill {number}", tally)
    return tally


def _judge(root: Path, promised: dict[str, str], when: str, tally: Tally) -> None:
    torn = faults(root) if root.exists() else []
    tally.corrupt += bool(torn)
    tally.examples += [f"{when}: {fault}" for fault in torn[:3]]
    if torn:
        return
    there = contents(root) if root.exists() else {}
    gone = [path for path, digest in promised.items() if there.get(path) != digest]
    tally.lost += bool(gone)
    tally.examples += [f"{when}: lost {path}" for path in gone[:3]]


def _kill(command: list[str], delay: float) -> dict[str, str]:
    """Run a command, kill it with all its children, and return what it had acknowledged."""
    process = subprocess.Popen(
        command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert process.stdout is not None
    first = process.stdout.readline() if "tests.torture.worker" in command else b""
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    said = first + process.stdout.read()
    process.stdout.close()
    process.wait()
    words = [line.split() for line in said.decode().splitlines(keepends=True) if line[-1:] == "\n"]
    return _acknowledged(words)


def _acknowledged(words: list[list[str]]) -> dict[str, str]:
    """``put PATH DIGEST``, ``found PATH DIGEST`` and ``run NAME/ID DIGEST`` of the worker."""
    return {w[1]: w[2] for w in words if len(w) == 3 and w[0] in ("put", "found", "run")}


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)


def _duration(target: Target, seed: int) -> float:
    """Seconds from readiness to the end; the second of two runs, so that caches are warm."""
    for number in (seed, seed + 1):
        with subprocess.Popen(
            target.command(number), cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            began = time.perf_counter()
            if "tests.torture.worker" in target.command(number):
                process.stdout.readline()
                began = time.perf_counter()
            process.stdout.read()
        if process.returncode not in target.fine:
            raise SystemExit(f"undisturbed it ends with {process.returncode}: {target.command(0)}")
    return time.perf_counter() - began


def main(arguments: list[str] | None = None) -> int:
    """Torture as told, print the tally, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", choices=("store", "run"), default="store")
    parser.add_argument("--broken-writer", action="store_true")
    parser.add_argument("--folder", help="where to work; the system's temporary folder if absent")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mlpipe-kill-", dir=options.folder) as name:
        folder = Path(name)
        target: Target = RunTarget(folder)
        if options.target == "store" or options.broken_writer:
            target = StoreTarget(folder, broken=options.broken_writer)
        tally = torture(target, options.times, options.seed)
    print(tally)
    print("\n".join(tally.examples[:5]), file=sys.stderr)
    if options.broken_writer:
        return 0 if tally.corrupt else 1
    return 1 if tally.corrupt or tally.lost or tally.stuck else 0


if __name__ == "__main__":
    sys.exit(main())
