import numpy as np
import pytest
from scipy.stats import t

from mlpipe.metrics.cells import Cells, alike, grid, line, middle
from mlpipe.metrics.redraw import MANY, redraw
from mlpipe.metrics.resampling import percentiles, resample


def mean_of(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return (weight * values).sum(axis=1) / weight.sum(axis=1)


def test_few_units_get_the_interval_of_student() -> None:
    groups = np.repeat(np.arange(34), 5)
    values = np.random.default_rng(0).normal(size=34)[groups]
    low, high = percentiles(redraw(mean_of, (values,), seed=1, groups=groups, times=4000))
    means = values[::5]
    half = t.ppf(0.975, 33) * means.std(ddof=1) / np.sqrt(34)
    assert high - low == pytest.approx(2 * half, rel=0.05)
    plain = percentiles(resample(mean_of, (values,), seed=1, groups=groups, times=4000))
    assert plain[1] - plain[0] < 0.97 * (high - low)


@pytest.mark.parametrize("dependent", [False, True])
def test_the_error_of_a_mean_is_known_however_many_rows(dependent: bool) -> None:
    rows = 40_000
    groups = np.arange(rows) // 4 if dependent else None
    values = np.random.default_rng(0).normal(size=rows // 4).repeat(4)
    expected = values.std() / np.sqrt(rows / 4 if dependent else rows)
    cells = Cells.of(np.digitize(values, np.linspace(-3, 3, 500)))
    for made in (cells, None):  # over cells, and over subsets of the rows
        drawn = redraw(mean_of, (values,), seed=1, groups=groups, cells=made, times=1000)
        assert drawn.std() == pytest.approx(expected, rel=0.08)
        assert drawn.mean() == pytest.approx(values.mean(), abs=0.2 * expected)


def test_weights_count_in_cells() -> None:
    generator = np.random.default_rng(0)
    codes, weight = generator.integers(0, 3, 2 * MANY), generator.pareto(4, 2 * MANY)
    drawn = redraw(
        lambda code, w: mean_of(code == 2, w), (codes,), seed=1, weight=weight, times=1000
    )
    share = float(weight[codes == 2].sum() / weight.sum())
    apart = weight * ((codes == 2) - share)
    assert drawn.mean() == pytest.approx(share, abs=0.002)
    assert drawn.std() == pytest.approx(np.sqrt((apart**2).sum()) / weight.sum(), rel=0.08)


def test_every_row_is_in_one_cell_and_ends_stand_alone() -> None:
    score = np.random.default_rng(0).random(50_000)
    y = (score > 0.9).astype(int)
    cells = line(score, [y])
    assert cells.sizes.sum() == 50_000
    assert len(cells) < 2000
    stands = cells.values(score)
    assert (np.diff(stands) <= 0).all()
    ends = np.sort(score)[[0, 1, -2, -1]]
    assert np.isin(ends, stands).all()
    assert np.abs(stands[cells.place] - score).max() < 2e-3
    assert (cells.values(y)[cells.place] == y).all()


def test_ties_are_never_parted_and_stay_ties() -> None:
    generator = np.random.default_rng(0)
    score = np.where(generator.random(60_000) < 0.3, 0.25, generator.random(60_000))
    y = generator.integers(0, 2, 60_000)
    stands = line(score, [y]).values(score)
    assert (stands == 0.25).sum() == 2  # one cell for each class


def test_equal_rows_are_one_cell_exactly_or_none_is_made() -> None:
    codes = np.array([2, 0, 2, 2])
    cells = alike([codes, None, np.array([0.5, 0.5, 0.5, 0.1])])
    assert cells is not None
    assert sorted(cells.sizes.tolist()) == [1, 1, 2]
    assert alike([np.random.default_rng(0).random(50_000)]) is None
    assert alike([codes, np.ones((4, 2))]) is None


def test_two_numbers_are_close_in_their_cell() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.exponential(size=(2, 100_000))
    cells = grid(first, second, [np.zeros(100_000, int)])
    assert len(cells) < 12_000
    for number in (first, second):
        apart = cells.values(number)[cells.place] - number
        assert (apart**2).sum() < 0.01 * ((number - number.mean()) ** 2).sum()


def test_a_median_has_single_rows_around_it() -> None:
    number = np.random.default_rng(0).exponential(size=20_001)
    cells = middle(number, [np.zeros(20_001, int)], None)
    order = np.argsort(number)
    assert (cells.sizes[cells.place[order[9_960:10_040]]] <= 2).all()
    assert len(cells) < 1500
