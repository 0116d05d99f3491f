import numpy as np
import pytest

from mlpipe.metrics.outcomes import Outcomes
from mlpipe.monitor.decay import (
    ALPHA,
    LEAST_HEIGHT,
    average_run_length,
    decay,
    limit,
    over,
)
from mlpipe.monitor.losses import STRETCH, ChunkLoss, chunk_loss, loss_reference, losses, spread

SIZE, NIGHTS = 0.298, 60
"""Deviation of a row's loss; nights that are looked back on."""


def night(rng, rows=1000, wander=0.0):
    """Losses as a good classifier has them: skewed. A night is by chance easier or harder."""
    return rng.random(rows) ** 2 + rng.normal(0, wander * SIZE)


def reference(rng, nights=20, rows=300, wander=0.0):
    loss = np.concatenate([night(rng, rows, wander) for _ in range(nights)])
    periods = np.repeat(np.arange(nights), rows)
    return {"of": "loss", **loss_reference(loss, np.arange(len(loss)), periods)}


def nights(rng, count=NIGHTS, rise=0.0, after=0, **how):
    """Chunks whose loss is higher from a night on, by so many deviations of a row."""
    return [
        chunk_loss(f"{at:02d}", night(rng, **how) + (at >= after) * rise * SIZE)
        for at in range(count)
    ]


def judged(chunks, seed=1):
    return decay(chunks, reference(np.random.default_rng(seed)))


def test_the_average_run_length_is_that_of_the_tables():
    # Montgomery, Statistical Quality Control, k = 1/2: two-sided ARL of h = 4 and 5.
    assert average_run_length(4) / 2 == pytest.approx(168, rel=0.01)
    assert average_run_length(5) / 2 == pytest.approx(465, rel=0.01)
    assert average_run_length(limit(60)) / 2 == pytest.approx(60 / 0.01)


@pytest.mark.parametrize(("rows", "wander"), [(200, 0.0), (1000, 0.0), (1000, 0.1)])
def test_sixty_quiet_nights_hardly_ever_alarm(rows, wander):
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng((seed, rows))
        was = reference(rng, wander=wander)
        found = decay(nights(rng, rows=rows, wander=wander), was)
        alarms += any(each["sum"] > 1 for each in found["line"])
    assert alarms <= 2  # of 60; 1 % is 0.6


def test_a_small_rise_is_found_within_a_few_nights():
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        sums = decay(nights(rng, 10, rise=0.2), reference(rng))["line"]
        found.append(next(at for at, each in enumerate(sums, 1) if each["sum"] > 1))
    assert np.mean(found) <= 2.5
    assert max(found) <= 5


def test_nights_add_up_though_each_says_little_by_itself():
    rng = np.random.default_rng(3)
    was, rows = reference(rng), nights(rng, 12, rise=0.2, rows=200)
    alone = [decay([each], was)["status"] for each in rows]
    assert set(alone) == {"ok"}
    last = over(decay(rows[-1:], was), rows)
    assert (last["status"], last["direction"], last["batches"]) == ("alert", "up", 12)
    assert [each["chunk"] for each in last["chunks"]] == ["11"]


def test_a_rise_is_told_since_when_and_by_how_much():
    found = judged(nights(np.random.default_rng(2), 20, rise=0.3, after=8))
    assert (found["status"], found["since"]) == ("alert", "08")
    assert found["rows_since"] == 12_000
    assert found["size"] == pytest.approx(0.3, abs=0.05)
    assert found["current"] - found["reference"] == pytest.approx(0.3 * SIZE, abs=0.015)


def test_since_is_hardly_ever_a_chunk_early():
    told = [
        int(judged(nights(np.random.default_rng(seed), 16, rise=0.3, after=8), seed)["since"])
        for seed in range(60)
    ]
    assert np.mean(np.array(told) == 8) >= 0.9


def test_a_rise_that_is_over_is_told_and_ends():
    rng = np.random.default_rng(1)
    rows = [*nights(rng, 5, rise=0.5), *nights(rng, 8)]
    found = judged([ChunkLoss(str(at), each.mean, each.rows) for at, each in enumerate(rows)])
    assert (found["status"], found["direction"]) == ("ok", "up")
    assert "the loss rose, and came back" in found["notes"]


def test_a_fall_is_told_and_is_no_alert():
    found = judged(nights(np.random.default_rng(1), 10, rise=-0.3))
    assert (found["status"], found["direction"]) == ("ok", "down")
    assert "easier" in found["notes"][0]


def test_an_alert_of_one_chunk_only_warns():
    rng = np.random.default_rng(5)
    found = judged(nights(rng, 8, rise=3.0, after=7))
    assert (found["status"], found["notes"]) == ("warn", ["an alert of one chunk only"])


def test_how_much_nights_wander_is_learned_from_periods_or_stretches():
    def between(wander, periods=True, rows=STRETCH):
        rng = np.random.default_rng(7)
        loss = np.concatenate([night(rng, rows, wander) for _ in range(200)])
        codes = np.repeat(np.arange(200), rows) if periods else None
        return loss_reference(loss, np.arange(len(loss)), codes)["between"] / SIZE

    for periods in (True, False):
        assert between(0.2, periods) == pytest.approx(0.2, rel=0.2)
        assert between(0.0, periods) < 0.03
    rng = np.random.default_rng(7)
    assert loss_reference(night(rng))["between"] == 0.0  # without times, rows are independent


def test_chunks_that_vary_as_their_rows_do_are_mostly_taken_to():
    told = [reference(np.random.default_rng(seed))["between"] for seed in range(60)]
    assert 0.6 < np.mean(np.array(told) == 0) < 0.9  # 1 - 0.25
    wandering = [reference(np.random.default_rng(seed), wander=0.2)["between"] for seed in range(9)]
    assert min(wandering) > 0.1 * SIZE


def test_too_few_labels_and_constant_losses_are_insufficient():
    assert judged([])["status"] == "insufficient"
    constant = {"of": "loss", **loss_reference(np.ones(500))}
    assert decay(nights(np.random.default_rng(1), 3), constant)["status"] == "insufficient"


def test_losses():
    two = Outcomes(np.array([1, 0]), np.array([1, 1]), np.array([0.9, 0.6]))
    np.testing.assert_allclose(losses("binary", two), [0.01, 0.36])
    score = np.array([[0.5, 0.5, 0.0]])
    three = Outcomes(np.array([0]), np.array([0]), score)
    np.testing.assert_allclose(losses("multiclass", three), [0.5])
    np.testing.assert_allclose(losses("binary", Outcomes(two.y, two.pred)), [0, 1])
    numbers = Outcomes(np.array([1.0, 5.0]), np.array([2.0, 1.0]))
    np.testing.assert_allclose(losses("regression", numbers), [1, 4])
    chunk = chunk_loss("a", np.array([0.0, 1.0, 2.0, 1.0]))
    assert (chunk.mean, chunk.rows, chunk.error) == (1.0, 4, pytest.approx(0.5**0.5 / 2))


def test_intervals_widen_by_the_design_effect_of_the_loss():
    was = {"deviation": 2.0, "between": 0.1, "error": 0.06, "rows": 2500}
    # Of 400 rows: 4 / 400 of themselves, and 0.01 between nights: twice the variance.
    assert spread(was, 400) == pytest.approx((2**0.5, 1.5))
    assert spread({**was, "between": 0.0, "error": 0.04}, 400) == (1.0, 1.0)
    assert spread(None, 400) == spread({}, 400) == (1.0, 1.0)
    constant = loss_reference(np.ones(500))
    assert spread(constant, 400) == (1.0, 1.0)


@pytest.mark.parametrize("slack", [4.0, 31.0, 500.0])
def test_chunks_of_very_many_rows_have_a_limit_too(slack):
    """The smallest change that matters is then many deviations of a chunk: one step tells."""
    assert limit(60, slack) == LEAST_HEIGHT
    assert average_run_length(LEAST_HEIGHT, slack) >= 2 * 60 / ALPHA


def test_the_limit_keeps_the_rate_of_false_alarms_where_slack_is_small():
    assert average_run_length(limit(60, 0.5), 0.5) == pytest.approx(2 * 60 / ALPHA)
