"""The one rule by which a figure is worse than at training."""

import numpy as np
import pytest

from mlpipe.metrics.estimate import estimate
from mlpipe.metrics.intervals import wilson
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.scores import METRICS
from mlpipe.monitor.chunks import decide
from mlpipe.monitor.worse import ALERT, WARN, worse

WAS = {"value": 0.8, "low": 0.77, "high": 0.83}


def figure(value, half=0.04):
    return {"value": value, "low": value - half, "high": value + half}


def status(now, margin=0.0, was=WAS, better=True, best=0.0):
    return worse(now, was, margin, greater_is_better=better, best=best)["status"]


@pytest.mark.parametrize(
    ("loss", "found"),
    [(-0.2, "ok"), (0.049, "ok"), (0.051, "warn"), (0.071, "warn"), (0.072, "alert")],
)
def test_the_intervals_of_both_decide(loss, found):
    # Half widths of 0.03 and 0.04 make one of 0.05; 0.05 · 2.807 / 1.96 = 0.0716.
    assert status(figure(0.8 - loss)) == found
    assert status(figure(0.8 - loss - 0.1), margin=0.1) == found
    assert status(figure(0.8 + loss), better=False) == found


def test_the_side_that_is_turned_to_the_other_counts():
    wide_below = {"value": 0.7, "low": 0.1, "high": 0.72}
    assert status(wide_below) == "alert"
    assert status({"value": 0.7, "low": 0.69, "high": 0.9}) == "ok"


def test_the_interval_of_the_loss_is_that_of_newcombe():
    # Newcombe (1998), method 10: 56 of 70 against 48 of 80 differ by 0.2 (0.0524 to 0.3339).
    first, second = (
        {"value": right / rows, **dict(zip(("low", "high"), wilson(right, rows), strict=True))}
        for right, rows in ((56, 70), (48, 80))
    )
    found = worse(second, first, 0.0, greater_is_better=True)
    ends = (found["loss"], found["loss_low"], found["loss_high"])
    assert ends == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-4)


def test_a_figure_with_a_best_value_between_is_judged_by_how_far_off_it_is():
    was = {"value": 0.1, "low": -0.2, "high": 0.4}
    assert status(figure(-0.2, 0.1), was=was, better=None) == "ok"
    assert status(figure(-2.0, 0.1), was=was, better=None) == "alert"
    assert status(figure(2.0, 0.1), was=was, better=None, best=2.0) == "ok"


def test_rows_that_hang_together_widen_both_intervals():
    found = worse(figure(0.7), WAS, 0.0, greater_is_better=True, spread=(2.0, 2.0))
    assert found["loss_low"] == pytest.approx(0.1 - 0.1)
    assert (found["status"], status(figure(0.7))) == ("ok", "alert")


def test_the_doubt_about_now_is_at_least_that_of_as_many_rows_of_training():
    # Nothing happened to be drawn: the interval has no width. 200 rows of 5,000 are 5 times unsure.
    sure = figure(0.7, half=0.0)
    found = worse(sure, WAS, 0.0, greater_is_better=True, scarcity=5.0)
    assert found["loss_low"] == pytest.approx(0.1 - np.hypot(5 * 0.03, 0.03))
    assert (found["status"], status(sure)) == ("ok", "alert")
    wide = worse(figure(0.7), WAS, 0.0, greater_is_better=True, scarcity=1.0)
    assert wide["loss_low"] == pytest.approx(0.1 - 0.05)  # its own 0.04 is more than 1.0 · 0.03


@pytest.mark.parametrize(
    ("now", "was", "why"),
    [
        ({"value": None}, WAS, "it is not defined here"),
        (figure(0.1), None, "the model carries no reference value"),
        ({"value": 0.1, "low": None, "high": None}, WAS, "it has no interval"),
    ],
)
def test_what_cannot_be_judged_says_why(now, was, why):
    found = worse(now, was, 0.0, greater_is_better=True)
    assert (found["status"], found["why"], found["loss"]) == ("insufficient", why, None)


def draw(rng, rows, flip=0.0):
    """Accuracy of 0.9; by so much less where labels are flipped."""
    y = rng.integers(0, 2, rows)
    return Outcomes(y, np.where(rng.random(rows) < 0.1 + flip, 1 - y, y))


def rates(rows, flip=0.0, times=400):
    """How often a chunk warns or alerts, alerts, and how often three chunks alert together."""
    metric, found = METRICS["accuracy"], []
    for seed in range(times):
        rng = np.random.default_rng((seed, rows))
        was, *chunks = (
            estimate([metric], draw(rng, n, moved), seed=1)["accuracy"].told()
            for n, moved in ((5000, 0.0), *[(rows, flip)] * 3)
        )
        found.append([status(each, was=was) for each in chunks])
    flat = [each for row in found for each in row]
    together = [decide(row)[0] for row in found]
    return (
        np.mean([each != "ok" for each in flat]),
        np.mean([each == "alert" for each in flat]),
        np.mean([each == "alert" for each in together]),
    )


@pytest.mark.parametrize("rows", [200, 1000, 5000])
def test_quiet_chunks_seldom_warn_and_hardly_ever_alert(rows):
    off, alerts, together = rates(rows)
    assert off <= 0.05
    assert alerts <= 0.01
    assert together <= 0.005


def test_a_real_loss_alerts():
    assert rates(1000, flip=0.05, times=60)[2] > 0.9


def test_the_limits_are_those_of_the_normal_distribution():
    from scipy.stats import norm

    assert pytest.approx((norm.ppf(0.975), norm.ppf(0.9975))) == (WARN, ALERT)
