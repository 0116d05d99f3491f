"""Many columns over many nights, through all that decides: chunks, the correction, persistence.

Run it with ``python benchmarks/nights.py``. The counts are drawn, not read from a table; all that
follows is the code that `mlpipe monitor` runs. Everything is drawn from seeds.
"""

import argparse
import time
from collections import Counter

import numpy as np
from scipy import stats

from mlpipe.monitor.chunks import Chunk, decide
from mlpipe.monitor.drift import chi_square
from mlpipe.monitor.moved import moved
from mlpipe.monitor.spec import Monitor

SPEC = Monitor.read({"every": "day"})
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
    """

    def __init__(self, columns, rows, days=40, wobble=0.1, seed=0):
        self.rng = np.random.default_rng([seed, columns, rows])
        self.names = [f"c{at}" for at in range(columns)]
        self.rows, self.wobble = rows, wobble
        self.profile = {"bins": {}, "columns": {}, "rows": rows * days, "every": "day"}
        self.profile["chunks"] = {
            f"day {at}": {"rows": rows, "columns": {}} for at in range(min(days, KEPT))
        }
        self.edges = {}
        for name in self.names:
            self._freeze(name, [self._values() for _ in range(days)])

    def night(self, label, shifted=(), shift=0.0):
        """Return the chunk of a day on which some columns have moved."""
        columns = {
            name: self._counted(name, self._values(shift if name in shifted else 0.0))
            for name in self.names
        }
        return Chunk(label, (label,), self.rows, columns)

    def statuses(self, chunks):
        """Return what each chunk says of each column."""
        return {each.column: each.statuses for each in moved(SPEC, self.profile, chunks)}

    def _freeze(self, name, days):
        whole = np.concatenate(days)
        self.edges[name] = np.quantile(whole, np.arange(0.1, 1, 0.1))
        edges = {"edges": self.edges[name].tolist(), "low": whole.min(), "high": whole.max()}
        aspects = {"value": {**edges, "scale": 3}}
        self.profile["bins"][name] = {"kind": "number", "aspects": aspects}
        self.profile["columns"][name] = self._counted(name, whole)
        for day, chunk in zip(days, self.profile["chunks"].values(), strict=False):
            chunk["columns"][name] = self._counted(name, day)

    def _values(self, shift=0.0):
        return self.rng.normal(shift + self.rng.normal(0, self.wobble), size=self.rows)

    def _counted(self, name, values):
        inner = np.bincount(np.searchsorted(self.edges[name], values), minlength=10)
        sums = [len(values), int(values.sum() * 2**27), 0, 0]
        return {
            "nulls": 0,
            "counts": {"value": [0, *inner.tolist(), 0]},
            "moments": {"value": sums},
        }


def decided(statuses):
    """Return what was decided each night, of the chunks up to it."""
    return [decide(statuses[: at + 1])[0] for at in range(len(statuses))]


def quiet_nights(columns=50, nights=60, rows=5000, wobble=0.1, seed=0):
    """Count what quiet nights say: of this test by night and decided, and of raw chi-square."""
    world = World(columns, rows, wobble=wobble, seed=seed)
    chunks = [world.night(f"night {at:02}") for at in range(nights)]
    said = world.statuses(chunks)
    found = Counter(raw=0, warn=0, alert=0, alert_of_one_night=0)
    for name, statuses in said.items():
        found["alert_of_one_night"] += statuses.count("alert")
        found.update(each for each in decided(statuses) if each in ("warn", "alert"))
        reference = world.profile["columns"][name]["counts"]["value"][1:-1]
        for chunk in chunks:
            counts = chunk.columns[name]["counts"]["value"][1:-1]
            found["raw"] += int(stats.chi2.sf(chi_square(reference, counts), 9) <= 0.05)
    return dict(found)


def found_within(nights=3, columns=50, rows=1000, shift=0.3, wobble=0.1, times=100, seed=0):
    """Return how often a shift of one column is told, and alerted, within so many nights."""
    warned = alerted = 0
    for at in range(times):
        if at % 10 == 0:
            world = World(columns, rows, wobble=wobble, seed=seed + at)
            before = [world.night(f"quiet {day}") for day in range(3)]
        after = [world.night(f"moved {day}", ["c0"], shift) for day in range(nights)]
        decisions = decided(world.statuses([*before, *after])["c0"])[3:]
        warned += any(each != "ok" for each in decisions)
        alerted += "alert" in decisions
    return warned / times, alerted / times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="worlds for each figure")
    times = parser.parse_args().times
    begun = time.process_time()
    print("50 columns x 60 quiet nights, alarms in each world")
    for rows, wobble in ((5000, 0.1), (1000, 0.1), (5000, 0.0)):
        for seed in range(times):
            found = quiet_nights(rows=rows, wobble=wobble, seed=seed)
            print(f"  {rows:,} rows a night, its mean moves by {wobble} sd: {found}")
    print("a column of which the mean moved, told and alerted within 3 nights")
    for columns, shift, wobble in (
        (1, 0.3, 0.0), (50, 0.3, 0.0), (1, 0.3, 0.1), (50, 0.3, 0.1), (50, 0.5, 0.1)
    ):  # fmt: skip
        warned, alerted = found_within(
            columns=columns, shift=shift, wobble=wobble, times=20 * times
        )
        print(
            f"  {shift} sd, 1 of {columns} columns, days move by {wobble} sd: "
            f"told {warned:.2f}, alerted {alerted:.2f}"
        )
    print(f"{time.process_time() - begun:.0f} s of CPU")


if __name__ == "__main__":
    main()
