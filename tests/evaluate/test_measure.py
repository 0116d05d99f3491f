from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlpipe.evaluate.business.worth import Setting, worth_of
from mlpipe.evaluate.judged import Judged
from mlpipe.evaluate.measure import Measures, too_few
from mlpipe.metrics.baseline import prior
from mlpipe.metrics.business import Business
from mlpipe.metrics.estimate import Outcomes

Make = Callable[..., Any]


def judged(rows: int = 300, seed: int = 0) -> Judged:
    generator = np.random.default_rng(seed)
    score = generator.random(rows)
    y = (generator.random(rows) < score).astype(int)
    told = Outcomes(y, (score > 0.5).astype(int), score)
    naive, profit = prior(y, 2, rows, binary=True), Business.read({"value": {"tp": 2, "fp": -1}})
    setting = Setting(pd.DataFrame(), told, naive, None, ("no", "yes"), y)
    worth = {"profit": worth_of("profit", profit, setting)}
    return Judged("test", pd.DataFrame(), "rows", told, naive, None, worth)


def test_rows_and_positives_must_be_enough() -> None:
    assert too_few(100, 10) == too_few(100, None) == ""
    assert too_few(99, 50) == "99 rows, fewer than 100"
    assert too_few(100, 9) == "9 positives, fewer than 10"


def test_a_place_draws_its_own_stream_of_the_seed() -> None:
    told = judged()
    one, other = (Measures(1, 100).metrics(["f1"], told, place)["f1"] for place in "ab")
    assert one.value == other.value
    assert one.low != other.low


def test_what_was_measured_is_remembered_with_its_resamples() -> None:
    measures, told = Measures(1, 100), judged()
    once = measures.metrics(["f1"], told, "a")["f1"]
    assert measures.metrics(["brier", "f1"], told, "a")["f1"] is once
    fewer = measures.fewer(50).metrics(["f1"], told, "a")["f1"]
    assert fewer.low != once.low
    assert measures.fewer(500).times == 100


def test_worth_is_against_the_better_naive_policy() -> None:
    told = judged()
    found = Measures(1, 300).worth("profit", told, "test")
    acted = np.where(told.outcomes.y, 2.0, -1.0)
    mine = 1000 * (acted * told.outcomes.pred).mean()
    assert found["value"].value == mine
    assert np.isclose(found["over_baseline"].value, mine - max(1000 * acted.mean(), 0))
    assert "over_champion" not in found


def test_without_a_champion_there_is_nothing_to_compare() -> None:
    found = Measures(1, 50).versus("f1", judged(), "champion", "test")
    assert (found.value, found.why) == (None, "no champion yet")


def test_an_undefined_baseline_is_named() -> None:
    told = judged()
    silent = Outcomes(told.outcomes.y, np.zeros(300, int), told.outcomes.score)
    measured = Measures(1, 50).versus(
        "precision",
        Judged("test", told.frame, "rows", silent, told.naive, None, {}),
        "baseline",
        "test",
    )
    assert measured.value is None
    assert "no row was predicted positive" in measured.why
