"""Many columns over many nights, through all that decides: each chunk, the correction for the
number of columns, the last three chunks together, persistence.

Run it with ``python benchmarks/nights.py``. The counts are drawn, not read from a table; all that
follows is the code that `mlpipe monitor` runs, on records as the nights leave them. Beside each
figure stands the same without the last three chunks together. Everything is drawn from seeds.
"""

import argparse
import time
from collections import Counter
from datetime import date, timedelta

import numpy as np
from scipy import stats

from mlpipe.monitor.chunks import Chunk
from mlpipe.monitor.drift import chi_square
from mlpipe.monitor.history.judge import decided
from mlpipe.monitor.history.raised import raised
from mlpipe.monitor.moved import moved
from mlpipe.monitor.spec import Monitor

SPEC = Monitor.read({"every": "day"})
QUIET = (
    (5000, 0.1, 0.0), (1000, 0.1, 0.0), (5000, 0.0, 0.0), (1000, 0.0, 0.0), (1000, 0.1, 0.5),
)  # fmt: skip
"""Rows a night, by how much its mean moves, and how much of that is left on the next one."""
MOVED = ((1, 0.3, 0.0), (50, 0.3, 0.0), (1, 0.3, 0.1), (50, 0.3, 0.1), (50, 0.5, 0.1))
"""Columns, the shift of one of them, and by how much the mean of a night moves."""
KEPT = 24
"""Reference days whose counts a profile keeps apart."""


class World:
    """Columns of a normal law whose mean moves a little every day, and their profile.

    Parameters
    ----------
    columns, rows, days : int
        Of the reference: rows a day.
    wobble : float
        By how much the mean of a day moves, in standard deviations.
    seed : int
    memory : float
        The correlation of a day's mean with that of the day before.
    """

    def __init__(self, columns, rows, days=40, wobble=0.1, seed=0, memory=0.0):
        self.rng = np.random.default_rng([seed, columns, rows])
        self.names = [f"c{at}" for at in range(columns)]
        self.rows, self.wobble, self.memory, self.means = rows, wobble, memory, {}
        self.profile = {"bins": {}, "columns": {}, "rows": rows * days, "every": "day"}
        self.profile["chunks"] = {
            day(at): {"rows": rows, "columns": {}} for at in range(min(days, KEPT))
        }
        self.edges = {}
        for name in self.names:
            self._freeze(name, [self._values(name) for _ in range(days)])

    def night(self, label, shifted=(), shift=0.0):
        """Return the chunk of a day on which some columns have moved."""
        columns = {
            name: self._counted(name, self._values(name, shift if name in shifted else 0.0))
            for name in self.names
        }
        return Chunk(label, (label,), self.rows, columns)

    def records(self, chunks):
        """Return what history keeps of each chunk, as far as drift goes."""
        found = {f"drift.{each.column}": each for each in moved(SPEC, self.profile, chunks)}
        return [
            {
                "chunk": chunk.label,
                "measures": {name: {"status": each.statuses[at]} for name, each in found.items()},
                "counts": {name: each.counted[at] for name, each in found.items()},
            }
            for at, chunk in enumerate(chunks)
        ]

    def decisions(self, records, together=True):
        """Return what is decided of each column on each night, knowing the nights up to it."""
        limits = {"warn": SPEC.drift.warn, "drift": SPEC.drift.alert, "rows": SPEC.minimum_rows}
        columns = [{"role": "feature", "column": name} for name in self.names]
        report = {"every": "day", "limits": limits, "drift": columns}
        rows = raised(report, records, self.profile if together else None).rows
        nights = [decided(rows[: at + 1]) for at in range(len(rows))]
        return {name: [night[f"drift.{name}"].status for night in nights] for name in self.names}

    def _freeze(self, name, days):
        whole = np.concatenate(days)
        self.edges[name] = np.quantile(whole, np.arange(0.1, 1, 0.1))
        edges = {"edges": self.edges[name].tolist(), "low": whole.min(), "high": whole.max()}
        aspects = {"value": {**edges, "scale": 3}}
        self.profile["bins"][name] = {"kind": "number", "aspects": aspects}
        self.profile["columns"][name] = self._counted(name, whole)
        for day, chunk in zip(days, self.profile["chunks"].values(), strict=False):
            chunk["columns"][name] = self._counted(name, day)

    def _values(self, name, shift=0.0):
        new = self.rng.normal(0, self.wobble)
        before = self.means.get(name, new)
        kept = (1 - self.memory**2) ** 0.5 if name in self.means else 1 - self.memory
        self.means[name] = self.memory * before + kept * new
        return self.rng.normal(shift + self.means[name], size=self.rows)

    def _counted(self, name, values):
        inner = np.bincount(np.searchsorted(self.edges[name], values), minlength=10)
        sums = [len(values), int(values.sum() * 2**27), 0, 0]
        return {
            "nulls": 0,
            "counts": {"value": [0, *inner.tolist(), 0]},
            "moments": {"value": sums},
        }


def day(at):
    """Return the key of a day of the reference."""
    return str(date(2026, 1, 1) + timedelta(days=at))


def quiet_nights(columns=50, nights=60, rows=5000, wobble=0.1, seed=0, memory=0.0):
    """Count what quiet nights say, decided each night, and how often raw chi-square would fire.

    ``warn`` and ``alert`` are of all that decides, ``warn_alone`` and ``alert_alone`` of each
    chunk alone and persistence.
    """
    world = World(columns, rows, wobble=wobble, seed=seed, memory=memory)
    chunks = [world.night(f"night {at:02}") for at in range(nights)]
    records = world.records(chunks)
    found = Counter(raw=0, warn=0, alert=0, warn_alone=0, alert_alone=0)
    for name, statuses in world.decisions(records).items():
        found.update(each for each in statuses if each in ("warn", "alert"))
        reference = world.profile["columns"][name]["counts"]["value"][1:-1]
        for chunk in chunks:
            counts = chunk.columns[name]["counts"]["value"][1:-1]
            found["raw"] += int(stats.chi2.sf(chi_square(reference, counts), 9) <= 0.05)
    for statuses in world.decisions(records, together=False).values():
        found.update(f"{each}_alone" for each in statuses if each in ("warn", "alert"))
    return dict(found)


def found_within(
    nights=3, columns=50, rows=1000, shift=0.3, wobble=0.1, times=100, seed=0, together=True
):
    """Return how often a shift of one column is told, and alerted, within so many nights.

    With `together` false each chunk is judged alone, and persistence decides.
    """
    warned = alerted = 0
    for at in range(times):
        if at % 10 == 0:
            world = World(columns, rows, wobble=wobble, seed=seed + at)
            before = [world.night(f"quiet {day}") for day in range(3)]
        after = [world.night(f"moved {day}", ["c0"], shift) for day in range(nights)]
        records = world.records([*before, *after])
        decisions = world.decisions(records, together)["c0"][3:]
        warned += any(each != "ok" for each in decisions)
        alerted += "alert" in decisions
    return warned / times, alerted / times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="worlds for each figure")
    times = parser.parse_args().times
    begun = time.process_time()
    print("50 columns x 60 quiet nights, alarms in each world")
    for rows, wobble, memory in QUIET:
        for seed in range(times):
            found = quiet_nights(rows=rows, wobble=wobble, seed=seed, memory=memory)
            world = f"{rows:,} rows a night, its mean moves by {wobble} sd and keeps {memory}"
            print(f"  {world}: {found}")
    print("a column of which the mean moved, told and alerted within 3 nights")
    for columns, shift, wobble in MOVED:
        figures = []
        for together in (False, True):
            told = {"columns": columns, "shift": shift, "wobble": wobble, "together": together}
            figures += found_within(times=20 * times, **told)
        print(
            f"  {shift} sd, 1 of {columns} columns, days move by {wobble} sd: each chunk alone "
            "told {:.2f}, alerted {:.2f}; all that decides told {:.2f}, alerted {:.2f}".format(
                *figures
            )
        )
    print(f"{time.process_time() - begun:.0f} s of CPU")


if __name__ == "__main__":
    main()
