import numpy as np
import pytest

from mlpipe.monitor.dispersion import between_models, of_neighbours, overdispersion


def test_overdispersion_needs_eight_chunks():
    chunks = [[50, 50]] * 7
    assert overdispersion(chunks, [350, 350]) is None
    assert overdispersion([*chunks, [50, 50]], [400, 400]) == 1.0


def test_overdispersion_measures_how_much_quiet_chunks_vary():
    rng = np.random.default_rng(0)
    quiet = rng.multinomial(5000, [0.25] * 4, size=60)
    restless = np.array([rng.multinomial(5000, rng.dirichlet([400] * 4)) for _ in range(60)])
    assert overdispersion(quiet.tolist(), quiet.sum(0).tolist()) < 1.4
    # A Dirichlet of 1,600 in all makes counts of 5,000 vary (5000 + 1600) / (1600 + 1) as much.
    assert overdispersion(restless.tolist(), restless.sum(0).tolist()) == pytest.approx(
        6600 / 1601, rel=0.25
    )


def test_scores_of_other_models_are_held_against_how_much_those_differ():
    alike, apart = [[100, 100, 100]] * 4, [[130, 100, 70], [70, 100, 130]] * 2
    total, current = [400, 400, 400], [300, 300, 300]
    assert between_models(alike, total, current) == 1.0
    dispersion = between_models(apart, total, current)
    assert dispersion > 5
    assert between_models(apart, total, [9 * each for each in current]) > dispersion
    assert between_models(apart[:2], total, current) == 1.0  # two models say too little


def test_neighbours_count_where_they_vary_by_more_than_single_chunks():
    rng = np.random.default_rng(0)
    quiet = rng.multinomial(3000, [0.25] * 4, size=20).tolist()
    total = np.sum(quiet, axis=0).tolist()
    calm = overdispersion(quiet, total)
    assert of_neighbours(5.0, quiet, total, 3) == 5.0
    assert of_neighbours(1.0, quiet, total, 3) == calm


def test_too_few_neighbours_are_taken_to_be_quite_alike():
    """Three days of the same shares, each drawn by itself, vary by as much as is assumed."""
    rng = np.random.default_rng(0)
    threes = [rng.multinomial(1000, rng.dirichlet([400] * 4), size=3) for _ in range(80)]
    days, together = np.concatenate(threes), np.sum(threes, axis=1)
    total = days.sum(axis=0).tolist()
    alone = overdispersion(days.tolist(), total)
    assumed = of_neighbours(alone, [], total, 3)
    assert assumed == pytest.approx(1 + 3 * (alone - 1))
    assert overdispersion(together.tolist(), total) == pytest.approx(assumed, rel=0.1)
    assert of_neighbours(None, [], total, 3) is None
