import numpy as np
import pytest

from mlpipe.metrics.outcomes import Outcomes
from mlpipe.monitor.decay import average_run_length, decay, limit
from mlpipe.monitor.losses import BATCH, batch_means, loss_reference, losses


def quiet(seed, n=3000):
    """Losses as a good classifier has them: skewed."""
    return np.random.default_rng(seed).random(n) ** 2


def judged(loss, reference=None, labels=None):
    was = reference or {"of": "loss", **loss_reference(quiet(0, 5000))}
    return decay(loss, np.arange(len(loss)).astype(str) if labels is None else labels, was)


def test_the_average_run_length_is_that_of_the_tables():
    # Montgomery, Statistical Quality Control, k = 1/2: two-sided ARL of h = 4 and 5.
    assert average_run_length(4) / 2 == pytest.approx(168, rel=0.01)
    assert average_run_length(5) / 2 == pytest.approx(465, rel=0.01)
    assert average_run_length(limit(60)) / 2 == pytest.approx(60 / 0.01)


def test_quiet_losses_seldom_alarm():
    found = [
        judged(quiet(2 * seed), {"of": "loss", **loss_reference(quiet(2 * seed + 1, 5000))})
        for seed in range(300)
    ]
    assert sum(each["direction"] != "none" for each in found) <= 9


def test_a_rise_is_found_with_its_start_and_size():
    loss = quiet(1)
    loss[1500:] += 0.1
    found = judged(loss)
    assert (found["status"], found["direction"]) == ("alert", "up")
    assert abs(int(found["since"]) - 1500) <= 3 * BATCH
    assert found["current"] - found["reference"] == pytest.approx(0.1, abs=0.02)
    assert found["size"] == pytest.approx(0.1 / 0.298, abs=0.08)
    assert found["line"][-1]["sum"] > 1


def test_a_rise_that_is_over_only_warns():
    loss = quiet(1, 9000)
    loss[1500:2500] += 0.2
    found = judged(loss)
    assert (found["status"], found["notes"]) == ("warn", ["the loss rose, and came back"])
    assert found["rows_since"] < 1600


def test_a_fall_is_told_and_is_no_alert():
    found = judged(quiet(1) * 0.6)
    assert (found["status"], found["direction"]) == ("ok", "down")
    assert "easier" in found["notes"][0]


def test_losses_that_wander_together_widen_the_unit():
    def days(seed, n=5000):
        rng = np.random.default_rng(seed)
        return quiet(seed, n) + np.repeat(rng.normal(0, 0.08, n // 100), 100)

    alarms = {True: 0, False: 0}
    for seed in range(40):
        for known in alarms:
            times = np.arange(5000) if known else None
            was = {"of": "loss", **loss_reference(days(2 * seed), times)}
            alarms[known] += judged(days(2 * seed + 1), was)["direction"] != "none"
    assert alarms[True] <= 8 < alarms[False]


def test_few_rows_and_constant_losses_are_insufficient():
    assert judged(quiet(1, 3 * BATCH))["status"] == "insufficient"
    constant = {"of": "loss", **loss_reference(np.ones(500))}
    assert judged(np.ones(500), constant)["status"] == "insufficient"


def test_the_line_is_by_chunk():
    found = judged(quiet(1, 400), labels=np.repeat(["a", "b"], 200))
    assert [each["chunk"] for each in found["line"]] == ["a", "b"]


def test_losses():
    two = Outcomes(np.array([1, 0]), np.array([1, 1]), np.array([0.9, 0.6]))
    np.testing.assert_allclose(losses("binary", two), [0.01, 0.36])
    score = np.array([[0.5, 0.5, 0.0]])
    three = Outcomes(np.array([0]), np.array([0]), score)
    np.testing.assert_allclose(losses("multiclass", three), [0.5])
    np.testing.assert_allclose(losses("binary", Outcomes(two.y, two.pred)), [0, 1])
    numbers = Outcomes(np.array([1.0, 5.0]), np.array([2.0, 1.0]))
    np.testing.assert_allclose(losses("regression", numbers), [1, 4])
    assert batch_means(np.arange(2 * BATCH + 3.0)).tolist() == [24.5, 74.5]
