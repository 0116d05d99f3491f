"""CBPE against hand tables, against labels that are drawn as it assumes, and where it fails."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from mlpipe.metrics.scores import METRICS
from mlpipe.monitor.estimate.calibration import calibration, classwise
from mlpipe.monitor.estimate.expected import (
    Expected,
    Scored,
    estimable,
    expected,
    expected_cells,
)
from tests.monitor.estimate.planted import world

AS_IT_IS = {"low": [0.0, 1.0], "high": [0.0, 1.0], "rate": [0.0, 1.0], "rows": [1e6, 1e6]}
"""A map that leaves scores alone."""

SOME = ("accuracy", "precision", "recall", "f1", "specificity", "roc_auc", "average_precision",
        "brier", "log_loss", "matthews")  # fmt: skip


def found(outcomes, maps, names=SOME, seed=1):
    formulas = {name: METRICS[name].formula for name in names}
    return expected(formulas, Scored(outcomes.pred, outcomes.score), maps, seed=seed)


def test_the_hand_table():
    scored = Scored(np.array([1, 1, 0, 0]), np.array([0.9, 0.6, 0.4, 0.1]))
    chance = classwise([AS_IT_IS], scored.score)
    np.testing.assert_allclose(expected_cells(scored.pred, chance), [[1.5, 0.5], [0.5, 1.5]])
    names = ("accuracy", "precision", "recall", "specificity", "f1", "brier", "roc_auc")
    formulas = {name: METRICS[name].formula for name in names}
    values = {
        name: one.value for name, one in expected(formulas, scored, [AS_IT_IS], seed=0).items()
    }
    # TP 1.5, FP .5, FN .5, TN 1.5; Brier Σ p(1 - p) / 4 = (.09 + .24 + .24 + .09) / 4
    for name in ("accuracy", "precision", "recall", "specificity", "f1"):
        assert values[name] == pytest.approx(0.75)
    assert values["brier"] == pytest.approx(0.165)
    # Pairs of positive and negative mass, in the order of scores; ties count half.
    p = np.array([0.9, 0.6, 0.4, 0.1])
    area = sum(p[i] * (1 - p[j]) * (1 if i < j else 0.5 if i == j else 0)
               for i in range(4) for j in range(4)) / 4  # fmt: skip
    assert values["roc_auc"] == pytest.approx(area)


def test_the_formulas_agree_with_scikit_learn_on_every_row_as_every_class():
    outcomes = world(0, 500)
    y, twice = np.tile([0, 1], 500), np.repeat(outcomes.score, 2)
    weight = np.column_stack([1 - outcomes.score, outcomes.score]).ravel()
    got = found(outcomes, [AS_IT_IS], ("roc_auc", "log_loss", "f1"))
    assert got["roc_auc"].value == pytest.approx(roc_auc_score(y, twice, sample_weight=weight))
    assert got["log_loss"].value == pytest.approx(log_loss(y, twice, sample_weight=weight))
    said = np.repeat(outcomes.pred, 2)
    assert got["f1"].value == pytest.approx(f1_score(y, said, sample_weight=weight))


def test_few_positives_make_a_figure_skewed_and_doubt_of_the_calibration_less(monkeypatch):
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.DRAWS", 2000)
    rare = Scored(np.zeros(200, int), np.full(200, 0.01))
    accuracy = {"accuracy": METRICS["accuracy"].formula}
    # 1 less a binomial share of 200: -(1 - 2p) / sqrt(200 p (1 - p)).
    known = expected(accuracy, rare, [AS_IT_IS], seed=1)["accuracy"]
    assert known.skew == pytest.approx(-0.98 / 1.98**0.5, abs=0.12)
    few = calibration(np.full(200, 0.01), np.arange(200) < 2)
    assert 3 * abs(expected(accuracy, rare, [few], seed=1)["accuracy"].skew) < 2 * abs(known.skew)
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.MOST_DRAWN", 200)
    many = Scored(np.zeros(20_000, int), np.full(20_000, 0.01))
    scaled = expected(accuracy, many, [AS_IT_IS], seed=1)["accuracy"].skew
    assert scaled == pytest.approx(-0.98 / 198**0.5, abs=0.02)


def test_a_figure_that_no_label_changes_has_no_skew_of_its_own():
    # The share that is predicted, as of a gap between groups: the same in each draw of labels,
    # and a mean of 200 such numbers may be off by its last bit.
    def share(_, pred, __, weight):
        return (weight * pred).sum(axis=-1) / weight.sum(axis=-1)

    for chosen in range(1, 40):
        rows = Scored(np.repeat([1, 0], [chosen, 220 - chosen]), np.full(220, 0.3))
        one = expected({"share": share}, rows, [AS_IT_IS], seed=1)["share"]
        assert one.skew == 0
        assert one.doubt == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("n", [300, 1600])
def test_labels_drawn_from_the_chances_give_the_estimate_and_its_doubt(n, monkeypatch):
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.MOST_DRAWN", 400)  # of more, scaled
    outcomes = world(3, n)
    got = found(outcomes, [AS_IT_IS])
    rng = np.random.default_rng(5)
    drawn = {name: [] for name in SOME}
    for _ in range(150):
        y = (rng.random(n) < outcomes.score).astype(int)
        for name in SOME:
            one = METRICS[name].measure(y, pred=outcomes.pred, score=outcomes.score)
            drawn[name].append(one.value)
    for name in SOME:
        mean, spread = np.mean(drawn[name]), np.std(drawn[name])
        assert abs(got[name].value - mean) < max(5 * spread / 150**0.5, 0.15 * spread), name
        assert got[name].doubt == pytest.approx(spread, rel=0.3), name


def test_several_classes():
    rng = np.random.default_rng(4)
    score = rng.dirichlet([1, 1, 1], 2000)
    pred = score.argmax(axis=1)
    maps = [AS_IT_IS] * 3
    formulas = {name: METRICS[name].formula for name in ("accuracy", "log_loss")}
    got = expected(formulas, Scored(pred, score), maps, seed=1)
    assert got["accuracy"].value == pytest.approx(score.max(axis=1).mean())
    assert got["log_loss"].value == pytest.approx(-(score * np.log(score)).sum(axis=1).mean())


def test_what_is_no_function_of_cells_is_said():
    assert "expected cells" in estimable(METRICS["ece"])
    assert "dle" in estimable(METRICS["mae"])
    assert estimable(METRICS["roc_auc"]) == ""


def test_the_same_seed_gives_the_same_and_no_rows_give_none():
    outcomes = world(0, 5000)
    maps = [calibration(outcomes.score, outcomes.y)]
    assert found(outcomes, maps, ("f1",)) == found(outcomes, maps, ("f1",))
    nothing = Scored(np.empty(0, int), np.empty(0))
    assert expected({"f1": METRICS["f1"].formula}, nothing, maps, seed=0)["f1"] == Expected(None)


def test_an_interval_stays_within_the_range():
    assert Expected(0.99, 0.03, 0.04).interval(0.0, 1.0) == (pytest.approx(0.892, abs=1e-5), 1.0)


def off(metric, times=4, **changed):
    """By how many standard errors of the figure itself estimates lie off, on average."""
    gaps = []
    for seed in range(times):
        before, after = world(seed), world(100 + seed, **changed)
        maps = [calibration(before.score, before.y)]
        real = METRICS[metric].measure(after.y, pred=after.pred, score=after.score).value
        estimate = found(after, maps, (metric,))[metric]
        gaps.append((estimate.value - real) / estimate.doubt)
    return np.mean(gaps)


def test_it_is_right_without_drift_and_inside_the_support_and_wrong_under_concept_drift(
    monkeypatch,
):
    monkeypatch.setattr("mlpipe.monitor.estimate.expected.DRAWS", 40)
    assert abs(off("accuracy")) < 1.5
    assert abs(off("accuracy", shift=1.0)) < 2.0
    assert off("accuracy", turned=1.5) > 10
