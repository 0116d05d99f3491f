"""Make every single system call that writes fail, or be the last one before a kill.

``python -m tests.torture.faults`` runs a small write of the store under ``strace -e inject``:
for each kind of call, and for each one of that kind in turn, the call fails with ENOSPC, with
EIO, or the process is killed in it. After each, the store must be whole, what was acknowledged
must be there, and the next run must complete.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.torture.kill import HERE, StoreTarget, Tally, _acknowledged, _judge, _run

CALLS = ("write", "fsync", "rename", "mkdir", "symlink", "chmod", "unlink", "flock", "openat")
FAULTS = ("error=ENOSPC", "error=EIO", "signal=KILL")
FINE = {"error=ENOSPC": (0, 4), "error=EIO": (0, 4), "signal=KILL": (0, -9, 137)}


def torture(folder: Path, calls: tuple[str, ...], fault: str) -> Tally:
    """Inject one fault at every call of the given kinds."""
    tally = Tally()
    target = StoreTarget(folder, rounds=1)
    for call in calls:
        for number in _numbers(target, call):
            shutil.rmtree(target.root, ignore_errors=True)
            when = f"{fault} at {call} {number}"
            process = _strace(target, f"inject={call}:{fault}:when={number}")
            tally.kills += 1
            if process.returncode not in FINE[fault] or "Traceback" in process.stderr:
                tally.stuck += 1
                tally.examples.append(f"{when}: exit {process.returncode} {process.stderr[-300:]}")
            promised = _acknowledged([line.split() for line in process.stdout.splitlines()])
            _judge(target.root, promised, when, tally)
            finish = _run(target.command(0))
            if finish.returncode != 0:
                tally.stuck += 1
                tally.examples.append(f"after {when}: exit {finish.returncode} {finish.stderr}")
            _judge(target.root, promised, f"after {when}", tally)
    return tally


def _numbers(target: StoreTarget, call: str) -> Iterator[int]:
    """Which calls of one kind touch the run directory, counted over the whole process."""
    shutil.rmtree(target.root, ignore_errors=True)
    log = target.root.with_name("strace.log")
    _strace(target, f"trace={call}", "-y", "-o", str(log))
    lines = [line for line in log.read_text().splitlines() if f"{call}(" in line]
    for number, line in enumerate(lines, start=1):
        if str(target.root) in line and not ("openat" in line and "O_CREAT" not in line):
            yield number


def _strace(
    target: StoreTarget, expression: str, *options: str
) -> subprocess.CompletedProcess[str]:
    log = options or ("-o", os.devnull)
    command = ["strace", "-f", "-e", expression, *log, *target.command(0)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, check=False
    )


def main(arguments: list[str] | None = None) -> int:
    """Torture as told, print a tally for each fault, and say whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", nargs="+", default=CALLS)
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=FAULTS)
    parser.add_argument("--folder", help="where to work; the system's temporary folder if absent")
    options = parser.parse_args(arguments)
    if shutil.which("strace") is None:
        print("strace is not installed")
        return 1
    well = True
    for fault in options.faults:
        with tempfile.TemporaryDirectory(prefix="mlpipe-faults-", dir=options.folder) as name:
            tally = torture(Path(name), tuple(options.calls), fault)
        print(f"{fault}: {str(tally).replace('kills', 'faults')}", flush=True)
        print("\n".join(tally.examples[:5]), file=sys.stderr)
        well = well and not (tally.corrupt or tally.lost or tally.stuck)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
