import json

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from mlpipe.monitor.estimate.dle import direct
from mlpipe.monitor.estimate.errors import LEAVES, error_tree, errors_at


def world(seed, n=5000, shift=0.0, spread=1.0):
    """The error grows with the feature."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    errors = spread * rng.normal(size=n) * (0.5 + np.abs(x))
    return np.column_stack([2 * x, x]), errors


def test_the_leaves_are_those_of_scikit_learn_nulls_too():
    values, errors = world(0)
    values[::7, 1] = np.nan
    tree = error_tree(["prediction", "x"], values, errors)
    fitted = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=30, random_state=0)
    fitted.fit(values.astype(np.float32), np.abs(errors))
    leaves = errors_at(json.loads(json.dumps(tree)), values)
    np.testing.assert_array_equal(leaves, fitted.apply(values.astype(np.float32)))
    np.testing.assert_allclose(np.asarray(tree["absolute"])[leaves], fitted.predict(values))


def test_wild_values_fall_somewhere():
    tree = error_tree(["prediction", "x"], *world(0))
    assert len(errors_at(tree, np.array([[np.inf, -1e300], [np.nan, np.nan]]))) == 2


@pytest.mark.parametrize("name", ["mae", "rmse"])
def test_it_follows_a_shift_of_the_features_and_not_one_of_the_concept(name):
    tree = error_tree(["prediction", "x"], *world(1))

    def off(seed, **changed):
        values, errors = world(seed, **changed)
        found = direct(name, tree, errors_at(tree, values))
        real = np.abs(errors).mean() if name == "mae" else (errors**2).mean() ** 0.5
        return (found.value - real) / found.doubt

    assert abs(off(2)) < 3
    assert abs(off(3, shift=1.0)) < 5
    assert off(4, spread=2.0) < -20


def test_a_quiet_estimate_is_within_its_doubt_as_often_as_it_says():
    gaps = []
    for seed in range(30):
        tree = error_tree(["prediction", "x"], *world(seed, 2000))
        values, errors = world(100 + seed, 2000)
        found = direct("mae", tree, errors_at(tree, values))
        gaps.append((found.value - np.abs(errors).mean()) / found.doubt)
    assert np.mean(np.abs(gaps) < 1.96) > 0.8
    assert abs(np.mean(gaps)) < 0.6
