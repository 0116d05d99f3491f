from dataclasses import replace

import numpy as np
import pytest

from mlpipe.metrics.estimate import Estimate, Outcomes, compare, estimate, from_draws, from_noise
from mlpipe.metrics.intervals import delong, delong_paired, wilson
from mlpipe.metrics.scores import METRICS


def outcomes(rows: int = 500, seed: int = 0) -> Outcomes:
    generator = np.random.default_rng(seed)
    score = generator.random(rows)
    y = (generator.random(rows) < score).astype(int)
    return Outcomes(y=y, pred=(score > 0.5).astype(int), score=score)


def chosen(*names: str) -> list:
    return [METRICS[name] for name in names]


def test_the_method_suits_the_metric() -> None:
    told = outcomes()
    found = estimate(chosen("roc_auc", "recall", "f1", "ece"), told, seed=1, times=200)
    assert [each.method for each in found.values()] == [
        "delong",
        "wilson",
        "bootstrap",
        "bootstrap",
    ]
    hits = int(((told.y == 1) & (told.pred == 1)).sum())
    recall = found["recall"]
    assert (recall.low, recall.high) == wilson(hits, int(told.y.sum()))
    assert (found["roc_auc"].low, found["roc_auc"].high) == delong(told.y, told.score)[1:]
    assert found["f1"].low < found["f1"].value < found["f1"].high


def test_dependent_or_weighted_rows_get_the_bootstrap() -> None:
    told = outcomes()
    groups = np.arange(500) // 2
    for each in (
        Outcomes(told.y, told.pred, told.score, groups=groups),
        Outcomes(told.y, told.pred, told.score, weight=np.full(500, 2.0)),
    ):
        found = estimate(chosen("roc_auc", "accuracy"), each, seed=1, times=100)
        assert {one.method for one in found.values()} == {"bootstrap"}


def test_a_metric_is_drawn_alike_alone_and_in_company() -> None:
    told = outcomes()
    together = estimate(chosen("f1", "brier", "average_precision"), told, seed=9, times=150)
    alone = estimate(chosen("brier"), told, seed=9, times=150)
    assert (alone["brier"].low, alone["brier"].high) == (
        together["brier"].low,
        together["brier"].high,
    )


def test_tails_meet_the_ends_of_the_interval() -> None:
    for each in estimate(
        chosen("roc_auc", "accuracy", "f1", "brier"), outcomes(), seed=1, times=1000
    ).values():
        assert each.tail(each.low) == pytest.approx(0.975, abs=0.01)
        assert each.tail(each.high) == pytest.approx(0.025, abs=0.01)


def test_undefined_and_scoreless_metrics_say_why() -> None:
    told = Outcomes(np.zeros(20, int), np.zeros(20, int))
    found = estimate(chosen("roc_auc", "recall"), told, seed=1, times=50)
    assert found["roc_auc"] == Estimate(None, why="there are no scores")
    assert found["recall"].value is None
    assert "no positive" in found["recall"].why


def test_a_rare_class_leaves_the_interval_open() -> None:
    score = np.linspace(0, 1, 300)
    y = (np.arange(300) == 299).astype(int)
    found = estimate(chosen("average_precision"), Outcomes(y, y, score), seed=1, times=300)
    one = found["average_precision"]
    assert one.value == 1.0
    assert one.low is None
    assert "resamples" in one.why


def test_a_comparison_is_paired_and_signed_towards_better() -> None:
    told = outcomes(800)
    worse = Outcomes(told.y, 1 - told.pred, np.clip(told.score * 0.5, 0, 1))
    for name in ("brier", "f1", "average_precision"):
        found = compare(METRICS[name], told, worse, seed=1, times=300)
        if name == "average_precision":  # the same order of the scores
            assert found.value == 0.0
            assert found.low == found.high == 0.0
        else:
            assert found.low > 0
    found = compare(METRICS["roc_auc"], told, worse, seed=1)
    assert (found.value, found.low, found.high) == delong_paired(told.y, told.score, worse.score)[
        :3
    ]


def test_a_comparison_with_nothing_names_the_other() -> None:
    told = outcomes()
    silent = Outcomes(told.y, np.zeros(500, int), np.full(500, 0.1))
    found = compare(METRICS["precision"], told, silent, seed=1, times=50)
    assert found.value is None
    assert found.why.startswith("of the other: no row was predicted")


def test_taking_rows_numbers_the_groups_anew() -> None:
    told = outcomes(6)
    told = Outcomes(told.y, told.pred, told.score, np.arange(6.0), np.array([5, 5, 2, 2, 0, 0]))
    some = told.take(np.array([0, 1, 4]))
    assert some.groups.tolist() == [1, 1, 0]
    assert some.weight.tolist() == [0, 1, 4]
    assert len(some) == 3


def test_draws_become_percentiles() -> None:
    drawn = np.arange(1001.0)
    found = from_draws(Estimate(500.0), drawn)
    assert (found.low, found.high) == pytest.approx((25.0, 975.0))
    assert from_draws(Estimate(None, why="x"), drawn) == Estimate(None, why="x")


def test_noise_reaches_to_both_sides_and_never_below_nothing() -> None:
    noise = np.linspace(0, 1, 1001)
    found = from_noise(Estimate(0.2), noise)
    assert (found.low, found.high) == pytest.approx((0.0, 1.15))
    assert found.tail(1.15) == pytest.approx(0.025, abs=0.002)
    ratio = from_noise(Estimate(0.5), noise * 0.1, ratio=True)
    assert ratio.low == pytest.approx(0.5 * np.exp(-0.095))
    assert ratio.high == pytest.approx(0.5 * np.exp(0.095))
    assert ratio.tail(ratio.low) == pytest.approx(0.975, abs=0.002)
    assert ratio.tail(ratio.high) == pytest.approx(0.025, abs=0.002)
    assert from_noise(Estimate(0.0), noise, ratio=True).low is None


def test_rows_without_an_error_prove_as_much_as_trials_without_a_failure() -> None:
    y = np.r_[np.zeros(60, int), np.ones(40, int)]
    told = Outcomes(y=y, pred=y, score=np.linspace(0, 1, 100))
    names = ("f1", "average_precision", "matthews", "roc_auc")
    found = estimate([METRICS[name] for name in names], told, seed=1, times=200)
    low, _ = wilson(40, 40)  # of the rarer class
    assert found["f1"].low == found["average_precision"].low == pytest.approx(low)
    assert found["roc_auc"].low == pytest.approx(low)
    assert found["matthews"].low == pytest.approx(2 * low - 1)
    assert all(each.high == 1 for each in found.values())
    assert found["f1"].tail(low) == pytest.approx(0.975)
    grouped = replace(told, groups=np.repeat(np.arange(20), 5))
    assert estimate([METRICS["f1"]], grouped, seed=1, times=200)["f1"].low == wilson(20, 20)[0]


def test_one_error_is_left_to_the_bootstrap() -> None:
    y = np.r_[np.zeros(60, int), np.ones(40, int)]
    told = Outcomes(y=y, pred=np.r_[y[:-1], 0], score=None)
    found = estimate([METRICS["f1"]], told, seed=1, times=200)["f1"]
    assert found.method == "bootstrap"
    assert found.low < found.value
