"""How far estimates without labels lie off the truth.

Run it with ``python benchmarks/estimates.py``; it prints one table a question. Everything is drawn
from seeds, so that the figures can be had again. ``off`` is in standard errors of the estimate.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingRegressor

from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.scores import METRICS
from mlpipe.monitor.estimate.calibration import calibration
from mlpipe.monitor.estimate.dle import direct
from mlpipe.monitor.estimate.errors import error_tree, errors_at
from mlpipe.monitor.estimate.expected import Scored, expected
from mlpipe.monitor.estimate.together import apart

ROWS = 5000
NAMES = ("accuracy", "roc_auc", "f1", "average_precision")
WORLDS = {
    "no shift": {},
    "covariate shift of 1 sd": {"shift": 1.0},
    "covariate shift of 2 sd": {"shift": 2.0},
    "concept drift": {"turned": 1.5},
}


def world(seed, shift=0.0, turned=0.0):
    """A feature, its target, and a score that is not calibrated."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, ROWS)
    y = (rng.random(ROWS) < expit((1.5 - turned) * x - 1)).astype(int)
    score = expit(x - 0.5)
    return x, Outcomes(y, (score >= 0.5).astype(int), score)


def classes(times):
    """CBPE: mean and spread of how far it is off, its coverage, and the share outside."""
    print(f"CBPE, {ROWS:,} rows, {times} worlds each; off in SE: mean (share within 1.96)")
    print(f"{'':26}" + "".join(f"{name:>24}" for name in NAMES) + f"{'outside':>10}")
    for what, changed in WORLDS.items():
        gaps, beyond = {name: [] for name in NAMES}, []
        for seed in range(times):
            (known, before), (now, after) = world(seed), world(10_000 + seed, **changed)
            maps = [calibration(before.score, before.y)]
            formulas = {name: METRICS[name].formula for name in NAMES}
            found = expected(formulas, Scored(after.pred, after.score), maps, seed=seed)
            beyond.append(np.mean((now < known.min()) | (now > known.max())))
            for name in NAMES:
                one = METRICS[name].measure(after.y, pred=after.pred, score=after.score)
                gaps[name].append((found[name].value - one.value) / found[name].doubt)
        cells = (f"{np.mean(gaps[n]):10.1f} ({np.mean(np.abs(gaps[n]) < 1.96):.2f})" for n in NAMES)
        print(f"{what:26}" + "".join(f"{cell:>24}" for cell in cells) + f"{np.mean(beyond):10.2%}")


def numbers(times):
    """DLE: one tree in the profile, beside a boosted model that would have to be trusted."""
    print(f"\nDLE of mae, {ROWS:,} rows; estimate over truth: the tree of the profile, boosting")
    for what, (shift, spread) in {
        "no shift": (0, 1), "covariate shift of 1 sd": (1, 1), "2 sd": (2, 1), "concept": (0, 2),
    }.items():  # fmt: skip
        ratios = []
        for seed in range(times):
            values, errors = skewed(seed)
            tree = error_tree(["prediction", "x"], values, errors)
            boosted = HistGradientBoostingRegressor(random_state=0).fit(values, np.abs(errors))
            later, truth = skewed(10_000 + seed, shift, spread)
            mine = direct("mae", tree, errors_at(tree, later)).value
            real = np.abs(truth).mean()
            ratios.append((mine / real, boosted.predict(later).mean() / real))
        mine, theirs = np.mean(ratios, axis=0)
        print(f"{what:26}{mine:10.3f}{theirs:10.3f}")


def together(times):
    """Rows that are apart, of those like training and of those whose correlation is gone."""
    print("\nrows apart, of 1,000 beside 2,000 of train: as ever, and without the correlation")
    for columns, correlation in ((2, 0.95), (5, 0.95), (10, 0.95), (2, 0.8), (5, 0.8), (10, 0.8)):
        kinds = {f"x{at}": "number" for at in range(columns)}
        found = []
        for seed in range(times):
            rng = np.random.default_rng(seed)
            known, quiet, broken = (
                pair(rng, rows, columns, related)
                for rows, related in ((2000, correlation), (1000, correlation), (1000, 0.0))
            )
            found.append([apart(known, each, kinds).mean() for each in (quiet, broken)])
        quiet, broken = np.mean(found, axis=0)
        print(f"{columns:4} columns, two correlate by {correlation:.2f}{quiet:10.1%}{broken:10.1%}")


def pair(rng, rows, columns, correlation):
    """Columns of which the first two go together."""
    x = rng.normal(size=(rows, columns))
    x[:, 1] = correlation * x[:, 0] + (1 - correlation**2) ** 0.5 * x[:, 1]
    return pd.DataFrame(x, columns=[f"x{at}" for at in range(columns)])


def skewed(seed, shift=0.0, spread=1.0):
    """Errors that grow with the feature."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, ROWS)
    return np.column_stack([2 * x, x]), spread * rng.normal(size=ROWS) * (0.5 + np.abs(x))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="worlds for each line")
    times = parser.parse_args().times
    classes(times)
    numbers(max(2, times // 8))
    together(times)
