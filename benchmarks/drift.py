"""How often the drift test alarms without drift, and how surely it finds drift that matters.

Run it with ``python benchmarks/drift.py``; it prints one table a question. Everything is drawn
from seeds, so that the figures can be had again.
"""

import argparse
import time

import numpy as np
from scipy import stats

from mlpipe.monitor.dispersion import overdispersion
from mlpipe.monitor.distances import psi
from mlpipe.monitor.drift import ALPHA, chi_square, exceeds, significant

REFERENCE = 5000
SIZES = (50, 100, 200, 500, 1000, 5000)
LARGE = 50_000
"""Of another reference: the power is bound by both samples."""
LEVELS = {"warn": 0.1, "alert": 0.2}


class Reference:
    """A reference sample, its frozen deciles and its counts."""

    def __init__(self, rng, rows=REFERENCE):
        self.values = rng.normal(size=rows)
        self.edges = np.quantile(self.values, np.arange(0.1, 1, 0.1))
        self.counts = self.count(self.values)

    def count(self, values):
        return np.bincount(np.searchsorted(self.edges, values), minlength=10)


def alarms(n, times, shift=0.0, seed=0, reference_rows=REFERENCE):
    """Share of batches that alarm, by method; a new reference every 10 batches."""
    rng = np.random.default_rng([seed, n])
    names = (*LEVELS, "PSI >= .1", "KS p <= .05", "Wasserstein/sd >= .1")
    found = dict.fromkeys(names, 0)
    for at in range(times):
        if at % 10 == 0:
            reference = Reference(rng, reference_rows)
        batch = rng.normal(shift, size=n)
        counts = reference.count(batch)
        for name, least in LEVELS.items():
            found[name] += exceeds(reference.counts, counts, least) <= ALPHA
        found["PSI >= .1"] += psi(reference.counts, counts) >= 0.1
        found["KS p <= .05"] += stats.ks_2samp(reference.values, batch).pvalue <= 0.05
        distance = stats.wasserstein_distance(reference.values, batch)
        found["Wasserstein/sd >= .1"] += distance / reference.values.std() >= 0.1
    return {name: count / times for name, count in found.items()}


def restless(n, times, seed=0, wobble=0.1, calibrated=True):
    """Share of quiet days that alarm where the mean of a day moves by `wobble` sd."""
    rng = np.random.default_rng([seed, n])
    found = dict.fromkeys((*LEVELS, "KS p <= .05"), 0)
    for at in range(times):
        if at % 10 == 0:
            days = [rng.normal(rng.normal(0, wobble), size=n) for _ in range(24)]
            reference = Reference(rng)
            reference.values = np.concatenate(days)
            reference.edges = np.quantile(reference.values, np.arange(0.1, 1, 0.1))
            reference.counts = reference.count(reference.values)
            chunks = [reference.count(day).tolist() for day in days]
            spread = overdispersion(chunks, reference.counts.tolist()) if calibrated else 1.0
        batch = rng.normal(rng.normal(0, wobble), size=n)
        counts = reference.count(batch)
        for name, least in LEVELS.items():
            found[name] += exceeds(reference.counts, counts, least, spread) <= ALPHA
        found["KS p <= .05"] += stats.ks_2samp(reference.values, batch).pvalue <= 0.05
    return {name: count / times for name, count in found.items()}


def quiet_days(days=60, columns=50, rows=2000, seed=0):
    """Count false alarms on 50 columns over 60 quiet days: this test against raw chi-square."""
    rng = np.random.default_rng(seed)
    references = [Reference(rng) for _ in range(columns)]
    raw = ours = 0
    for _ in range(days):
        batches = [each.count(rng.normal(rng.normal(0, 0.02), size=rows)) for each in references]
        pairs = list(zip(references, batches, strict=True))
        raw += sum(stats.chi2.sf(chi_square(r.counts, b), 9) <= 0.05 for r, b in pairs)
        q = significant([exceeds(r.counts, b, LEVELS["warn"]) for r, b in pairs])
        ours += sum(each <= ALPHA for each in q)
    return raw, ours


def table(title, rows):
    names = list(rows[0][1])
    print(f"\n{title}\n{'rows':>6} " + " ".join(f"{name:>21}" for name in names))
    for n, found in rows:
        print(f"{n:>6} " + " ".join(f"{found[name]:>21.4f}" for name in names))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2000, help="batches for each figure")
    times = parser.parse_args().times
    begun = time.perf_counter()
    table("false alarms, no drift", [(n, alarms(n, times)) for n in SIZES])
    for shift in (0.1, 0.2, 0.3, 0.5):
        rows = [(n, alarms(n, times // 4, shift, seed=1)) for n in SIZES[2:]]
        table(f"found, mean moved by {shift} sd", rows)
    rows = [(n, alarms(n, times // 10, 0.2, seed=2, reference_rows=LARGE)) for n in SIZES[4:]]
    table(f"found, mean moved by 0.2 sd, reference of {LARGE:,} rows", rows)
    sizes = (500, 1000, 5000)
    table(
        "false alarms, the mean of a day moves by 0.1 sd, calibrated on 24 days",
        [(n, restless(n, times // 4)) for n in sizes],
    )
    table(
        "the same, uncalibrated",
        [(n, restless(n, times // 4, calibrated=False)) for n in sizes],
    )
    raw, ours = quiet_days()
    print(f"\n50 columns x 60 quiet days: raw chi-square {raw} false alarms, this test {ours}")
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
