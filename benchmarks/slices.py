"""How often the scan blames a slice where none is bad, how often it finds one that is, how long.

``python benchmarks/slices.py [REPETITIONS]`` prints one line a case and fails where one is out of
bounds. The suite runs a short version; see tests/evaluate/test_scan.py.
"""

import resource
import sys
from collections.abc import Callable
from time import process_time

import numpy as np

from mlpipe.evaluate.slices.candidates import Coded
from mlpipe.evaluate.slices.scan import Found, scan
from mlpipe.evaluate.slices.scan_spec import Scan
from mlpipe.metrics.outcomes import Outcomes

Losses = Callable[[np.random.Generator, int], np.ndarray]


def log_loss(generator: np.random.Generator, rows: int) -> np.ndarray:
    """What calibrated probabilities lose, one positive in ten."""
    score = generator.beta(0.5, 4.5, rows)
    y = generator.random(rows) < score
    return -np.log(np.clip(np.where(y, score, 1 - score), 1e-12, 1))


def rarely_wrong(generator: np.random.Generator, rows: int) -> np.ndarray:
    """A label in thirty is wrong."""
    return (generator.random(rows) < 0.03).astype(float)


def mostly_wrong(generator: np.random.Generator, rows: int) -> np.ndarray:
    """Nine labels in ten are wrong."""
    return (generator.random(rows) < 0.9).astype(float)


def heavy_tails(generator: np.random.Generator, rows: int) -> np.ndarray:
    """Squared errors with a variance that barely exists."""
    return generator.pareto(2.1, rows)


def columns_of(generator: np.random.Generator, rows: int, count: int) -> list[Coded]:
    """Columns of two to eight values that tell nothing, some of them rare."""
    found = []
    for place in range(count):
        shares = generator.dirichlet(np.ones(int(generator.integers(2, 9))))
        codes = generator.choice(len(shares), rows, p=shares)
        found.append(Coded(f"c{place}", codes, [f"v{code}" for code in range(len(shares))]))
    return found


def scanned(columns: list[Coded], loss: np.ndarray) -> Found:
    """Scan rows of which every other is positive."""
    y = (np.arange(len(loss)) % 2 == 0).astype(int)
    return scan(columns, Outcomes(y, y), loss, binary=True, spec=Scan())


def blamed(losses: Losses, rows: int, repetitions: int) -> float:
    """Return how often a slice is called worse where none is."""
    wrong = 0
    for repetition in range(repetitions):
        generator = np.random.default_rng((rows, repetition))
        columns = columns_of(generator, rows, 10)
        wrong += bool(scanned(columns, losses(generator, rows)).worse.any())
    return wrong / repetitions


def found(times: float, rows: int, repetitions: int) -> float:
    """Return how often the first slice that is shown is the pair whose losses are raised."""
    hits = 0
    for repetition in range(repetitions):
        generator = np.random.default_rng((rows, repetition, 1))
        columns = columns_of(generator, rows, 10)
        bad = np.flatnonzero(generator.random(rows) < 0.1)
        columns[3].codes[bad], columns[7].codes[bad] = 0, 0
        pair = (columns[3].codes == 0) & (columns[7].codes == 0)
        loss = log_loss(generator, rows) * np.where(pair, times, 1)
        result = scanned(columns, loss)
        first = result.kept[0]
        value = result.candidates.value(first, result.columns)
        hits += bool(result.worse[first]) and value == {"c3": "v0", "c7": "v0"}
    return hits / repetitions


def seconds(rows: int, count: int) -> tuple[float, int]:
    """Return the processor time of one scan, and how many slices it looked at."""
    generator = np.random.default_rng(1)
    columns, loss = columns_of(generator, rows, count), log_loss(generator, rows)
    began = process_time()
    result = scanned(columns, loss)
    return process_time() - began, len(result.candidates)


def main() -> int:
    """Print every case; return 1 where one is out of bounds."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    failed = False
    bound = 0.05 + 2.6 * (0.05 * 0.95 / repetitions) ** 0.5
    for losses in (log_loss, rarely_wrong, mostly_wrong, heavy_tails):
        for rows in (1000, 5000):
            share = blamed(losses, rows, repetitions)
            failed |= share > bound
            print(f"no bad slice  {losses.__name__:<13} {rows:>7,} rows  named one in {share:.3f}")
    for times in (1.5, 2.0, 3.0):
        share = found(times, 5000, max(20, repetitions // 5))
        failed |= times >= 3 and share < 0.85
        print(f"a bad pair    losses × {times:<4}   5,000 rows  first of all in {share:.3f}")
    took, looked = seconds(1_000_000, 30)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"1,000,000 rows × 30 columns: {looked:,} slices in {took:.1f} s, {peak:.2f} GiB at most")
    return int(failed or took > 30)


if __name__ == "__main__":
    sys.exit(main())
