"""The bootstrap over few cells or rows gives the interval of the bootstrap over all rows.

Both ends are a quantile of some hundred draws: they may be apart by that, and no more.
"""

from collections.abc import Callable

import numpy as np
import pytest

from mlpipe.evaluate.business.policies import Fixed
from mlpipe.evaluate.business.worth import Worth
from mlpipe.evaluate.measure import Measures
from mlpipe.metrics import estimate as estimating
from mlpipe.metrics import redraw
from mlpipe.metrics.estimate import Estimate, Outcomes, compare, estimate
from mlpipe.metrics.fairness import disparities_of
from mlpipe.metrics.scores import METRICS

ROWS, TIMES = 15_000, 300


@pytest.fixture
def row_by_row(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Draw each row for itself from now on, however many there are."""

    def begin() -> None:
        monkeypatch.setattr(redraw, "MANY", 10**9)
        monkeypatch.setattr(estimating, "MANY", 10**9)
        monkeypatch.setattr(redraw, "alike", lambda _: None)

    return begin


def rare(generator: np.random.Generator, rows: int) -> Outcomes:
    """One positive in a thousand."""
    y = (generator.random(rows) < 0.001).astype(int)
    score = 1 / (1 + np.exp(7 - 2.5 * y - 1.2 * generator.normal(size=rows)))
    return Outcomes(y, (score > 0.01).astype(int), score)


def tied(generator: np.random.Generator, rows: int) -> Outcomes:
    """A third of the scores exactly 0, most others of two digits, some of all digits."""
    score = generator.beta(1, 3, rows)
    y = (generator.random(rows) < score).astype(int)
    score = np.where(generator.random(rows) < 0.9, np.round(score, 2), score)
    score[generator.random(rows) < 0.33] = 0.0
    return Outcomes(y, (score > 0.3).astype(int), score)


def sure(generator: np.random.Generator, rows: int) -> Outcomes:
    """Scores that crowd at 0 and 1, some of them wrong there: a log loss of few rows."""
    signal = 9 * generator.normal(size=rows)
    score = 1 / (1 + np.exp(-signal))
    y = (generator.random(rows) < 1 / (1 + np.exp(-0.6 * signal))).astype(int)
    return Outcomes(y, (score > 0.5).astype(int), score)


def heavy(generator: np.random.Generator, rows: int) -> Outcomes:
    """Values of both signs and close to 0, with errors that hardly have a variance."""
    y = generator.standard_t(3, rows) * np.exp(generator.normal(size=rows))
    return Outcomes(y, 0.8 * y + generator.standard_t(2.5, rows))


def amounts(generator: np.random.Generator, rows: int) -> Outcomes:
    """Pareto amounts, predicted within a factor: the errors grow with them."""
    y = 10 * (1 + generator.pareto(2.5, rows))
    return Outcomes(y, y * np.exp(0.4 * generator.normal(size=rows)))


def weighted(generator: np.random.Generator, rows: int) -> Outcomes:
    """Weights of a heavy tail."""
    told = tied(generator, rows)
    return Outcomes(told.y, told.pred, told.score, weight=generator.pareto(3, rows))


def grouped(generator: np.random.Generator, rows: int) -> Outcomes:
    """Groups of one row to some hundred, whose rows are alike."""
    groups = np.sort((generator.random(rows) ** 2 * rows / 8).astype(int))
    groups = np.unique(groups, return_inverse=True)[1]
    level = generator.normal(size=int(groups.max()) + 1)[groups]
    score = 1 / (1 + np.exp(1.5 - level - 0.2 * generator.normal(size=rows)))
    y = (generator.random(rows) < score).astype(int)
    return Outcomes(y, (score > 0.3).astype(int), score, groups=groups)


def classes(generator: np.random.Generator, rows: int) -> Outcomes:
    """Three classes, one of them rare."""
    y = generator.choice(3, rows, p=[0.7, 0.29, 0.01])
    score = generator.dirichlet(np.ones(3), rows) + 0.5 * np.eye(3)[y]
    score /= score.sum(axis=1, keepdims=True)
    return Outcomes(y, score.argmax(axis=1), score)


RANKS = ("average_precision", "lift_at_0.1", "brier", "log_loss")
MORE_RANKS = (
    "ndcg",
    "precision_at_5000",
    "recall_at_fpr_0.05",
    "calibration_slope",
    "calibration_intercept",
    "d2_brier",
    "d2_log_loss",
)
NUMBERS = (
    "mae",
    "rmse",
    "median_ae",
    "r2",
    "wape",
    "mape",
    "bias",
    "smape",
    "pinball_0.9",
    "explained_variance",
    "d2_absolute",
    "d2_pinball_0.9",
)
SHAPES = {
    rare: (*RANKS, "ece", "f1"),
    tied: (*RANKS, *MORE_RANKS, "ece", "matthews"),
    sure: (*RANKS, *MORE_RANKS),
    heavy: NUMBERS,
    amounts: (*NUMBERS, "rmsle", "poisson_deviance", "gamma_deviance"),
    weighted: ("roc_auc", *RANKS, *MORE_RANKS, "f1"),
    grouped: ("roc_auc", *RANKS, "accuracy"),
    classes: ("log_loss", "brier", "roc_auc_ovr", "roc_auc_ovo", "top_k_accuracy_1", "f1_macro"),
}


QUICK = (rare, heavy)


@pytest.mark.parametrize(
    "make",
    [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in SHAPES],
    ids=lambda make: make.__name__,
)
def test_metrics_get_the_interval_of_all_rows(
    make: Callable[..., Outcomes], row_by_row: Callable[[], None]
) -> None:
    told = make(np.random.default_rng(1), ROWS)
    metrics = [METRICS[name] for name in SHAPES[make]]
    few = estimate(metrics, told, seed=5, times=4 * TIMES)
    row_by_row()
    every = estimate(metrics, told, seed=6, times=TIMES)
    for name in SHAPES[make]:
        assert_alike(few[name], every[name], name)


def assert_alike(few: Estimate, every: Estimate, name: str) -> None:
    """Expect both ends within their Monte Carlo error: four times what it is for a normal."""
    error = (every.high - every.low) / 3.92
    apart = 4 * error * np.sqrt(0.025 * 0.975 / TIMES * 1.2) / 0.0584
    assert few.value == pytest.approx(every.value), name
    assert abs(few.low - every.low) < apart, (name, few, every)
    assert abs(few.high - every.high) < apart, (name, few, every)


@pytest.mark.slow
@pytest.mark.parametrize("groups", [None, 4000])
def test_a_difference_gets_the_interval_of_all_rows(
    groups: int | None, row_by_row: Callable[[], None]
) -> None:
    generator = np.random.default_rng(2)
    mine = sure(generator, ROWS)
    units = None if groups is None else generator.integers(0, groups, ROWS)
    mine = Outcomes(mine.y, mine.pred, mine.score, groups=units)
    # Almost the same model: what differs is far less than the errors themselves.
    score = np.clip(mine.score + 0.01 * generator.normal(size=ROWS), 0.001, 0.999)
    other = Outcomes(mine.y, (score > 0.5).astype(int), score, groups=units)
    y = generator.pareto(3, ROWS)
    pred = y + generator.standard_t(3, ROWS)
    numbers = Outcomes(y, pred), Outcomes(y, pred + 0.1 * generator.normal(size=ROWS) - 0.01)
    cases = [("brier", mine, other), ("average_precision", mine, other), ("f1", mine, other)]
    cases += [("rmse", *numbers)] if groups is None else []
    few = {name: compare(METRICS[name], *pair, seed=5, times=4 * TIMES) for name, *pair in cases}
    row_by_row()
    for name, *pair in cases:
        every = compare(METRICS[name], *pair, seed=6, times=TIMES)
        assert_alike(few[name], every, name)


@pytest.mark.parametrize("constant", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_what_decisions_are_worth_gets_the_interval_of_all_rows(
    constant: bool, row_by_row: Callable[[], None]
) -> None:
    generator = np.random.default_rng(3)
    told = tied(generator, ROWS)
    price = np.ones(ROWS) if constant else 5 * (1 + generator.pareto(2.5, ROWS))
    acted, left = np.where(told.y, price, -2.0), np.where(told.y, -0.5 * price, 0.0)
    naive = {"all": Fixed(acted), "none": Fixed(left)}
    worth = Worth(Fixed(np.where(told.pred, acted, left)), naive, None, np.ones(ROWS, bool))
    few = worth.estimates(told, seed=5, times=4 * TIMES)
    row_by_row()
    every = worth.estimates(told, seed=6, times=TIMES)
    for name in ("value", "over_baseline"):
        assert_alike(few[name], every[name], name)


def test_gaps_between_groups_get_the_interval_of_all_rows(
    row_by_row: Callable[[], None],
) -> None:
    generator = np.random.default_rng(4)
    told = tied(generator, ROWS)
    codes = generator.choice([-1, 0, 1, 2], ROWS, p=[0.1, 0.6, 0.28, 0.02])
    names = disparities_of("binary")
    few = Measures(5, 4 * TIMES).disparities(names, told, codes, "a")
    row_by_row()
    every = Measures(6, TIMES).disparities(names, told, codes, "a")
    for name in names:
        assert_alike(few[name], every[name], name)


def test_the_draws_of_shares_stay_shares() -> None:
    generator = np.random.default_rng(0)
    y = np.r_[np.ones(200, int), np.zeros(14_800, int)]
    score = np.r_[0.9 + 0.1 * generator.random(200), 0.89 * generator.random(14_800)]
    score[0] = 0.3
    told = Outcomes(y, (score > 0.5).astype(int), score)
    found = estimate([METRICS["average_precision"]], told, seed=1, times=500)["average_precision"]
    assert found.low < found.value < found.high <= 1.0


def test_the_same_seed_gives_the_same_bytes() -> None:
    told = weighted(np.random.default_rng(0), 12_000)
    once, again = (estimate([METRICS["brier"]], told, seed=3, times=100)["brier"] for _ in "ab")
    assert (once.low, once.high) == (again.low, again.high)
