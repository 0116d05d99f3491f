"""The words for categories: what they learn, what they do not know, and what must not leak."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction import FeatureHasher
from sklearn.metrics import roc_auc_score

from tests.features.blocks import fit


def _levels(*values):
    return pd.DataFrame({"a": pd.Series(values, dtype=object)})


def test_counts_of_train_and_nothing_for_what_it_did_not_have():
    train, new = _levels("x", "y", "x", None, "x"), _levels("x", "z", None, "y")
    made = fit(train, ["count"])
    np.testing.assert_array_equal(made.train[:, 0], [3, 1, 3, 1, 3])
    np.testing.assert_array_equal(made.transform(new)[:, 0], [3, 0, 1, 1])
    share = fit(train, [{"count": True}])
    np.testing.assert_allclose(share.transform(new)[:, 0], [0.6, 0, 0.2, 0.2])
    whole = fit(_levels("x", "y"), ["count"])
    assert whole.transform(_levels(None))[0, 0] == 0


def test_codes_are_counted_however_a_batch_types_them():
    made = fit(pd.DataFrame({"a": [5, 5, 7]}), ["count"])
    np.testing.assert_array_equal(made.transform(pd.DataFrame({"a": [5.0, None]}))[:, 0], [2, 0])


HASHED = """
import pandas as pd
from tests.features.blocks import fit
made = fit(pd.DataFrame({"a": ["x", "y", "z"]}), [{"hash": 8}])
print(made.transform(pd.DataFrame({"a": ["new", "x", None]})).tolist())
"""


@pytest.mark.slow
def test_a_level_hashes_into_one_column_the_same_in_every_process():
    made = fit(_levels("x", "y", "z"), [{"hash": 8}])
    new = _levels("new", "x", None)
    theirs = FeatureHasher(8, input_type="string").transform([["new"], ["x"], []]).toarray()
    np.testing.assert_array_equal(made.transform(new), theirs)
    np.testing.assert_array_equal(np.abs(theirs).sum(axis=1), [1, 1, 0])
    assert made.names == [f"a__hash{number}" for number in range(8)]
    root = Path(__file__).parents[2]
    for seed in ("1", "20777"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        told = subprocess.run(
            [sys.executable, "-c", HASHED], cwd=root, env=env, capture_output=True, check=True
        )
        assert told.stdout.decode().strip() == str(theirs.tolist())


@pytest.mark.parametrize("word", ["target_encode", {"embed": {"from": "target"}}])
@pytest.mark.parametrize("rows_a_level", [1, 3])
def test_a_level_that_means_nothing_tells_train_nothing(word, rows_a_level):
    """Random levels of few rows: whoever saw a row's own target would know it."""
    rng = np.random.default_rng(5)
    ids = np.repeat([f"id{number}" for number in range(1800 // rows_a_level)], rows_a_level)
    frame, y = pd.DataFrame({"a": ids}), rng.integers(0, 2, 1800)
    made = fit(frame, [word], y)
    for column in made.train.T:
        assert abs(roc_auc_score(y, column) - 0.5) < 0.06
    # The control: without the folds, what is learned of a level gives its target away.
    leaked = made.transform(frame)[:, 0]
    assert roc_auc_score(y, leaked) > 0.7


def test_levels_that_mean_something_keep_it():
    rng = np.random.default_rng(5)
    level = rng.integers(0, 20, 2000)
    y = (rng.random(2000) < level / 20).astype(int)
    frame = pd.DataFrame({"a": [f"level{one}" for one in level]})
    made = fit(frame, [{"embed": {"from": "target"}}], y)
    assert made.names == ["a__share", "a__logit", "a__frequency"]
    truth = roc_auc_score(y, level)
    assert roc_auc_score(y, made.train[:, 0]) > truth - 0.02


def test_statistics_of_a_number_are_those_of_its_rows():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.choice(["x", "y"], 300)})
    y = rng.normal(size=300) + (frame["a"] == "x") * 3
    made = fit(frame, [{"embed": {"from": "target", "smooth": 0.0}}], y, task="regression")
    assert made.names == [
        f"a__{name}" for name in ("mean", "deviation", "low", "median", "high", "frequency")
    ]
    groups = y.groupby(frame["a"])
    table = made.transform(_levels("x", "y", "new"))
    for row, level in enumerate("xy"):
        own = groups.get_group(level)
        expected = [own.mean(), own.std(ddof=0), *own.quantile([0.1, 0.5, 0.9]), len(own) / 300]
        np.testing.assert_allclose(table[row], expected)
    expected = [y.mean(), y.std(ddof=0), *y.quantile([0.1, 0.5, 0.9]), 0]
    np.testing.assert_allclose(table[2], expected)


def test_smoothing_draws_few_rows_to_the_whole():
    frame = _levels(*["x"] * 90, *["y"] * 10)
    y = np.array([0] * 90 + [1] * 10)
    made = fit(frame, [{"embed": {"from": "target", "smooth": 10.0}}], y)
    assert made.transform(_levels("y"))[0, 0] == pytest.approx((10 * 1 + 10 * 0.1) / 20)


def test_the_classes_of_many_have_a_share_each():
    rng = np.random.default_rng(2)
    frame, y = pd.DataFrame({"a": rng.choice(list("xyz"), 200)}), rng.integers(0, 3, 200)
    made = fit(frame, [{"embed": {"from": "target"}}], y, task="multiclass")
    assert made.names[:3] == ["a__share_0", "a__share_1", "a__share_2"]
    np.testing.assert_allclose(made.train[:, :3].sum(axis=1), 1)


TITLES = ["senior engineer", "junior engineer", "head nurse", "night nurse", "truck driver"]


def _near(table, one, other):
    return table[one] @ table[other] / np.linalg.norm(table[one]) / np.linalg.norm(table[other])


def test_levels_spelled_alike_are_near_and_a_new_one_has_a_place():
    made = fit(_levels(*TITLES * 10), [{"embed": 4}])
    assert made.names == ["a__embed0", "a__embed1", "a__embed2", "a__embed3"]
    table = made.transform(_levels("senior engineer", "senior enginer", "head nurse", None))
    assert _near(table, 0, 1) > 0.9
    assert _near(table, 0, 1) > _near(table, 0, 2) + 0.3
    assert not table[3].any()


def test_how_often_a_level_is_met_does_not_move_it():
    often = [*TITLES, *TITLES[:1] * 50]
    one, other = fit(_levels(*TITLES), [{"embed": 3}]), fit(_levels(*often), [{"embed": 3}])
    np.testing.assert_allclose(
        one.transform(_levels(*TITLES)), other.transform(_levels(*TITLES)), atol=1e-12
    )


def test_few_or_no_levels_can_be_embedded():
    assert fit(_levels("x", "x"), [{"embed": 5}]).train.shape == (2, 1)
    assert fit(_levels(None, None), [{"embed": 5}]).train.tolist() == [[0.0], [0.0]]
    assert fit(_levels("", " "), [{"embed": 5}]).train.tolist() == [[0.0], [0.0]]


def _shops():
    """Eight shops: even ones stand in towns, odd ones in villages; names tell nothing."""
    rng = np.random.default_rng(4)
    shop = rng.integers(0, 8, 2000)
    place = np.where(shop % 2 == 0, rng.choice(["mall", "station"], 2000), "farm")
    size = np.where(shop % 2 == 0, "big", rng.choice(["small", "tiny"], 2000))
    names = np.array(["kx", "wq", "zz", "pl", "mn", "bv", "ty", "ro"])
    return pd.DataFrame({"shop": names[shop], "place": place, "size": size}), names


def test_levels_in_the_same_company_are_near():
    frame, names = _shops()
    made = fit(frame, [{"embed": {"from": "cooccurrence", "size": 2}}])
    assert made.lineage["shop__embed1"] == ["shop"]
    assert len(made.names) == 6
    new = pd.DataFrame({"shop": names, "place": "farm", "size": "big"})
    table = made.transform(new)[:, :2]
    alike = [_near(table, one, one + 2) for one in range(6)]
    apart = [_near(table, one, one + 1) for one in range(7)]
    assert min(alike) > max(apart) + 0.5
    assert not made.transform(new.assign(shop="new"))[:, :2].any()


def test_associations_are_the_positive_mutual_information_of_levels():
    from mlpipe.features.estimators.cooccurrence import _associations, _marks

    one, other = np.array([0, 0, 1, 1, 1, -1]), np.array([0, 0, 0, 1, 1, 1])
    found = _associations([_marks(one, 3), _marks(other, 3)]).toarray()
    together = np.zeros((6, 6))
    for a, b in zip(one % 3, other % 3 + 3, strict=True):
        together[a, b] += 1
        together[b, a] += 1
    contexts = together.sum(axis=0) ** 0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = together / together.sum(axis=1)[:, None] / (contexts / contexts.sum())
        expected = np.nan_to_num(np.maximum(np.log(shares), 0))
    np.testing.assert_allclose(found, expected)
    assert found.any()
