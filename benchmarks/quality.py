"""How often quality, a value or a gap is a false alarm, and how soon a real loss is found.

Run it with ``python benchmarks/quality.py``; it prints one table a question. Everything is drawn
from seeds, so that the figures can be had again. The reference has 5,000 rows.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.special import expit

from mlpipe.metrics.business import Business
from mlpipe.metrics.estimate import estimate
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.scores import METRICS
from mlpipe.monitor.chunks import decide
from mlpipe.monitor.decay import decay
from mlpipe.monitor.estimate.asked import Asked, quantities
from mlpipe.monitor.losses import chunk_loss, loss_reference, scarcity
from mlpipe.monitor.worse import worse

REFERENCE, NIGHTS = 5000, 60
NAMES = ("accuracy", "roc_auc", "average_precision", "f1", "balanced_accuracy", "brier")
PROFIT = Business.read({"value": {"tp": 12, "fp": -5}})
ASKED = Asked((), {"profit": PROFIT}, ("equal_opportunity_difference",), ("group",))


def world(rng, rows, wrong=0.0, rare=2.0):
    """A score that is right for all but a share of the rows, of which it says the opposite."""
    x = rng.normal(size=rows)
    score = expit(1.5 * x - rare)
    y = (rng.random(rows) < score).astype(int)
    score = np.where(rng.random(rows) < wrong, 1 - score, score)
    return Outcomes(y, (score >= 0.4).astype(int), score)


def figures(told, rng):
    """Return each measure with its interval and whether more of it is better.

    Each draws resamples of its own: the few of one seed would be off to the same side in all.
    """
    chosen, seed = [METRICS[name] for name in NAMES], int(rng.integers(2**31))
    found = estimate(chosen, told, seed=seed, times=400)
    said = {each.name: (found[each.name].told(), each.greater_is_better) for each in chosen}
    frame = pd.DataFrame({"group": rng.choice(["a", "b"], len(told))})
    for each in quantities(ASKED, "binary", {}, told.pred, frame, [0, 1], {}):
        one = each.realise(told, np.arange(len(told)), seed)
        said[each.name] = (one.told(), each.greater_is_better)
    return said


def judged(name, now, was, better, rows):
    """Return the status of a chunk by the rule of quality; gaps and formulas go by themselves."""
    drawn = now["method"].startswith("bootstrap") and "across" not in name
    few = scarcity({"rows": REFERENCE}, rows) if drawn else 0.0
    return worse(now, was, 0.0, greater_is_better=better, scarcity=few)["status"]


def rule(times, sizes):
    """Chunks that warn or alert, that alert, and three chunks that decide to alert."""
    for what, changed in (
        ("quiet, 19 % positives", {}),
        ("quiet, 6 % positives", {"rare": 3.5}),
        ("2 % of scores turned", {"wrong": 0.02}),
        ("5 %", {"wrong": 0.05}),
        ("10 %", {"wrong": 0.1}),
    ):
        print(f"\n{what}: share of chunks off, alerts, alerts of three chunks together")
        for rows in sizes:
            levels = {}
            for seed in range(times):
                rng = np.random.default_rng((seed, rows))
                was = figures(world(rng, REFERENCE, rare=changed.get("rare", 2.0)), rng)
                three = [figures(world(rng, rows, **changed), rng) for _ in range(3)]
                for name, (before, better) in was.items():
                    row = [judged(name, each[name][0], before, better, rows) for each in three]
                    levels.setdefault(name, []).append(row)
            for name, found in levels.items():
                flat = [each for row in found for each in row]
                off = np.mean([each in ("warn", "alert") for each in flat])
                alerts = np.mean([each == "alert" for each in flat])
                together = np.mean([decide(row)[0] == "alert" for row in found])
                print(f"  {rows:5,} rows  {name:46}{off:7.3f}{alerts:7.3f}{together:7.3f}")


def losses(rng, nights, rows, wander):
    """Skewed losses, whose mean moves from night to night; in deviations of a row."""
    drawn = rng.random((nights, rows)) ** 2 / 0.298
    return drawn + rng.normal(0, wander, (nights, 1))


def lasting(times):
    """CUSUM over nights: alarms in 60 quiet ones, and how many nights a rise takes."""
    print(f"\ndecay: share of {times} models with an alarm in {NIGHTS} quiet nights; nights that")
    print(
        "a rise of the loss takes until the limit is crossed, in deviations of a row: median (95 %)"
    )
    for wander in (0.0, 0.1, 0.2):
        for rows in (200, 1000, 5000):
            told = {rise: [] for rise in (0.0, 0.1, 0.2, 0.3)}
            for seed in range(times):
                rng = np.random.default_rng((seed, rows))
                before = losses(rng, 20, REFERENCE // 20, wander).ravel()
                periods = np.repeat(np.arange(20), REFERENCE // 20)
                was = {"of": "loss", **loss_reference(before, np.arange(len(before)), periods)}
                quiet = losses(rng, NIGHTS, rows, wander)
                for rise, found in told.items():
                    chunks = [chunk_loss(str(at), each + rise) for at, each in enumerate(quiet)]
                    sums = [each["sum"] for each in decay(chunks, was)["line"]]
                    found.append(next((at for at, one in enumerate(sums, 1) if one > 1), np.inf))
            alarms = np.isfinite(told[0.0]).mean()
            ends = {
                rise: np.quantile(told[rise], [0.5, 0.95], method="higher")
                for rise in (0.1, 0.2, 0.3)
            }
            words = "   ".join(f"{rise}: {a:.0f} ({b:.0f})" for rise, (a, b) in ends.items())
            print(f"  nights vary by {wander:.1f}  {rows:5,} rows  {alarms:.3f}   {words}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="worlds for each line")
    parser.add_argument("--rows", type=int, nargs="+", default=[200, 1000, 5000], help="of chunks")
    parser.add_argument("--rule", action="store_true", help="the rule alone, not decay")
    asked = parser.parse_args()
    rule(asked.times, asked.rows)
    if not asked.rule:
        lasting(asked.times)
