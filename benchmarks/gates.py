"""How often a gate lets through what it should not: a simulation with a known truth.

``python benchmarks/gates.py [REPETITIONS]`` prints one line a gate. The truth lies just on the
wrong side of the bound, so that every pass is a false one; or the model is better than the
champion, so that every failure is one. The suite runs a short version; see
tests/evaluate/test_false_passes.py.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from mlpipe.evaluate.business.entries import worths
from mlpipe.evaluate.business.worth import Setting
from mlpipe.evaluate.gate import Gate
from mlpipe.evaluate.gates import judge_gate
from mlpipe.evaluate.groups import Grouping
from mlpipe.evaluate.judged import Classes, Judged
from mlpipe.evaluate.measure import Measures
from mlpipe.metrics.baseline import Baseline
from mlpipe.metrics.business import Business
from mlpipe.metrics.estimate import Outcomes
from mlpipe.metrics.scores import METRICS

TOO_FAR = 0.002
"""By how much the bound is beyond the truth, in units of the metric (a value: in hundredths)."""
GAP = 0.1
"""The true difference of the rates of two groups."""
_CLASSES = Classes(("no", "yes"))
_PROFIT = Business.read({"value": {"tp": "fee", "fp": -12}})


@dataclass(frozen=True)
class World:
    """Rows of which the truth is known.

    Attributes
    ----------
    skill : float
        How much of the signal the model sees; the champion sees `rival`.
    rival : float
    """

    skill: float = 1.0
    rival: float = 1.0

    def rows(self, generator: np.random.Generator, count: int) -> Judged:
        """Draw rows: one positive in five, two groups, and what acting on each is worth."""
        signal = generator.normal(size=count)
        y = (generator.random(count) < _chance(signal)).astype(int)
        group = generator.integers(0, 2, count)
        mine, theirs = (
            _chance(skill * signal + np.sqrt(max(0, 1 - skill**2)) * generator.normal(size=count))
            for skill in (self.skill, self.rival)
        )
        cut = np.where(group == 1, *_CUTS)
        fee = generator.lognormal(3.5, 0.5, count)
        naive = Baseline("prior", np.zeros(count, int), np.full(count, 0.2), {})
        told = Outcomes(y=y, pred=(mine > cut).astype(int), score=mine)
        champion = Outcomes(y=y, pred=(theirs > cut).astype(int), score=theirs)
        frame = pd.DataFrame({"group": group, "fee": fee})
        setting = Setting(frame, told, naive, champion, _CLASSES.names, y)
        worth = worths({"profit": _PROFIT}, setting, {})
        return Judged("test", frame, "rows", told, naive, champion, worth)


def _chance(signal: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(1.9 - 1.3 * signal))


_CUTS = [float(_chance(np.array(NormalDist().inv_cdf(1 - each)))) for each in (0.3 + GAP, 0.3)]
"""Scores are of one distribution, however much the model sees."""


def truth(world: World, metric: str, versus: bool, rows: int = 1_000_000) -> float:
    """Return the figure that a gate judges, over so many rows that chance is gone."""
    judged = _many(world, rows)
    mine = _figure(judged, judged.outcomes, metric)
    if not versus or judged.champion is None:
        return mine
    return mine - _figure(judged, judged.champion, metric)


@cache
def _many(world: World, rows: int) -> Judged:
    return world.rows(np.random.default_rng(99), rows)


def _figure(judged: Judged, told: Outcomes, metric: str) -> float:
    if metric == "profit":
        fee = judged.frame["fee"].to_numpy()
        worth = np.where(told.pred == 1, np.where(told.y == 1, fee, -12.0), 0.0)
        return float(1000 * worth.mean())
    if metric == "demographic_parity_difference":
        return GAP
    found = METRICS[metric].measure(told.y, pred=told.pred, score=told.score).value
    assert found is not None
    return found


def false_pass_gate(world: World, metric: str, *, versus: bool = False) -> dict[str, Any]:
    """Return a gate whose bound the truth just does not keep."""
    known = truth(world, metric, versus)
    step = 0.01 * abs(known) if metric == "profit" else TOO_FAR
    if versus:
        return {"metric": metric, "versus": "champion", "margin": max(0.0, -known - step)}
    if metric == "demographic_parity_difference":
        return {"metric": metric, "max": known - step, "across": "group"}
    return {"metric": metric, "min": known + step}


def shares(
    world: World,
    gate: dict[str, Any],
    *,
    rows: int,
    repetitions: int,
    times: int = 500,
    decide: Callable[[dict[str, Any]], str] = lambda finding: str(finding["status"]),
) -> dict[str, float]:
    """Return the share of repetitions in which the gate passes, fails and cannot tell."""
    asked = Gate.read(gate)
    counts = dict.fromkeys(("pass", "fail", "inconclusive"), 0)
    for repetition in range(repetitions):
        judged = world.rows(np.random.default_rng((5, repetition)), rows)
        (finding,) = judge_gate(
            asked,
            {"test": judged},
            judged.frame,
            Measures(repetition, times),
            task="binary",
            classes=_CLASSES,
            across=(Grouping(("group",)),),
        )
        counts[decide(finding)] += 1
    return {status: count / repetitions for status, count in counts.items()}


ALONE = ("roc_auc", "f1", "accuracy", "profit", "demographic_parity_difference")
AGAINST = ("roc_auc", "f1", "accuracy", "profit")
ROWS = (500, 2000)
MARGIN = {"roc_auc": 0.01, "f1": 0.01, "accuracy": 0.01, "profit": 50.0}
WORSE, BETTER = World(0.85, 1.0), World(1.0, 0.85)


def main(repetitions: int = 2000) -> None:
    """Print the table."""
    for rows in ROWS:
        print(f"n={rows}: the truth is just on the wrong side; every pass is false")
        for metric in ALONE:
            gate = false_pass_gate(World(), metric)
            _line(gate, shares(World(), gate, rows=rows, repetitions=repetitions))
        for metric in AGAINST:
            gate = false_pass_gate(WORSE, metric, versus=True)
            _line(gate, shares(WORSE, gate, rows=rows, repetitions=repetitions))
        print(f"n={rows}: the model is better than the champion; every failure is false")
        for metric in AGAINST:
            for bound in ({"margin": MARGIN[metric]}, {"gain": 0.0}):
                gate = {"metric": metric, "versus": "champion", **bound}
                _line(gate, shares(BETTER, gate, rows=rows, repetitions=repetitions))


def _line(gate: dict[str, Any], found: dict[str, float]) -> None:
    bound = ", ".join(
        f"{key} {value:.4g}" for key, value in gate.items() if isinstance(value, float)
    )
    name = f"{gate['metric']}{' against the champion' if 'versus' in gate else ''}"
    figures = "  ".join(f"{status} {share:.4f}" for status, share in found.items())
    print(f"  {name:52} {bound:16} {figures}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
