import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import binomtest, multinomial

from mlpipe.metrics.estimate import Estimate
from mlpipe.metrics.feedback import Feedback, difference, response_rate, satisfaction

ASKED = {"path": "nps.csv", "join": "id", "column": "score"}
NPS, CSAT = Feedback.read(ASKED), Feedback.read({**ASKED, "method": "csat"})


def answers(promoters: int, passives: int, detractors: int) -> np.ndarray:
    return np.repeat([9.0, 7.0, 6.0], [promoters, passives, detractors])


def score(values: np.ndarray, asked: Feedback = NPS, **given: Any) -> Estimate:
    return satisfaction(asked, values, seed=1, **given)


def test_each_answer_counts_as_its_group() -> None:
    found = NPS.points(np.arange(11.0))
    assert found.tolist() == [-100] * 7 + [0] * 2 + [100] * 2
    assert score(np.arange(11.0)).value == pytest.approx(100 * (2 - 7) / 11)


def test_the_score_of_the_textbook() -> None:
    # 50 % promoters, 33 % passives, 17 % detractors: 33, with a standard error of √(5/9) / √n.
    found = score(answers(162, 108, 54))
    assert found.value == pytest.approx(100 / 3)
    assert found.low is not None
    assert found.high is not None
    half = (found.high - found.low) / 2
    assert half == pytest.approx(196 * math.sqrt(5 / 9 / 324), rel=0.02)
    assert found.method == "adjusted_wald"


def test_three_answers_are_added_before_the_interval() -> None:
    found, n = score(answers(8, 0, 2)), 13
    up, down = 8.75 / n, 2.75 / n
    error = math.sqrt((up + down - (up - down) ** 2) / n)
    assert found.low == pytest.approx(100 * (up - down - 1.959964 * error), abs=1e-4)
    assert found.high == pytest.approx(100 * (up - down + 1.959964 * error), abs=1e-4)


def test_the_tail_is_what_the_interval_inverts() -> None:
    found = score(answers(40, 30, 30))
    assert found.tail is not None
    assert found.tail(found.low) == pytest.approx(0.975)
    assert found.tail(found.high) == pytest.approx(0.025)


def test_promoters_alone_leave_a_doubt() -> None:
    found = score(answers(5, 0, 0))
    assert (found.value, found.high) == (100, 100)
    assert found.low is not None
    assert found.low < 60


@pytest.mark.parametrize("shares", [(0.35, 0.4, 0.25), (0.7, 0.2, 0.1), (0.2, 0.3, 0.5)])
@pytest.mark.parametrize("n", [10, 25, 60])
def test_the_interval_covers_the_truth(shares: tuple[float, float, float], n: int) -> None:
    """Exactly: over every outcome that n customers can have."""
    truth, covered = 100 * (shares[0] - shares[2]), 0.0
    outcomes = [(up, n - up - down, down) for up in range(n + 1) for down in range(n + 1 - up)]
    chances = multinomial(n, shares).pmf(outcomes)
    for outcome, chance in zip(outcomes, chances, strict=True):
        found = score(answers(*outcome)) if chance > 1e-6 else Estimate(0, 0, 0)
        assert found.low is not None
        assert found.high is not None
        covered += chance * (found.low <= truth <= found.high)
    assert 0.94 <= covered <= 0.97


def test_satisfied_are_the_best_two_by_wilson() -> None:
    found = score(np.array([5.0, 4, 4, 3, 1, 2, 5, 5, 4, 3]), CSAT)
    low, high = binomtest(6, 10).proportion_ci(method="wilson")
    assert (found.value, found.low, found.high) == pytest.approx((0.6, low, high))
    seven = Feedback.read({**ASKED, "method": "csat", "scale": 7})
    assert score(np.array([7.0, 6, 5, 4]), seven).value == 0.5


def test_customers_who_belong_together_widen_the_interval() -> None:
    values = np.repeat(answers(20, 10, 20), 4)
    alone, together = score(values), score(values, groups=np.repeat(np.arange(50), 4), times=500)
    assert together.method == "bootstrap"
    assert together.value == alone.value
    assert together.high - together.low > 1.5 * (alone.high - alone.low)  # type: ignore[operator]
    one_each = score(values, groups=np.arange(len(values)))
    assert (one_each.low, one_each.high) == (alone.low, alone.high)


def test_nobody_has_no_score() -> None:
    assert score(np.array([])).why == "nobody answered"
    assert response_rate(0, 0).value is None
    assert response_rate(3, 12).value == 0.25
    assert difference(score(np.array([])), score(answers(1, 1, 1))).why == "nobody answered"


def test_a_difference_is_as_askew_as_its_parts() -> None:
    found = difference(Estimate(50.0, 30.0, 60.0), Estimate(20.0, 15.0, 40.0))
    assert found.value == 30
    assert found.low == pytest.approx(30 - math.hypot(20, 20))
    assert found.high == pytest.approx(30 + math.hypot(10, 5))


def test_what_is_beside_its_own_words_says_how_to_read_it() -> None:
    read = Feedback.read({**ASKED, "join": ["id", "month"], "types": {"id": "string"}})
    assert read.source_values() == {"path": "nps.csv", "types": {"id": "string"}}
    assert Feedback.read(read.model_dump()) == read
    assert (read.keys, read.columns) == (("id", "month"), ("id", "month"))
    assert (NPS.range, CSAT.range) == ((0, 10), (1, 5))
    assert Feedback.read({**ASKED, "by": "plan"}).columns == ("id", "plan")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"join": "id", "column": "score"}, "needs a path, or a database"),
        ({**ASKED, "join": []}, "joined on a column"),
        ({**ASKED, "scale": 10}, "nps is asked from 0 to 10"),
        ({**ASKED, "method": "smile"}, "'nps' or 'csat'"),
    ],
)
def test_what_says_too_little_or_too_much_is_refused(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Feedback.read(section)
