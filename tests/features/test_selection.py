"""What `select` keeps, against the measures of scikit-learn and pandas."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix, issparse
from sklearn.feature_selection import VarianceThreshold, mutual_info_classif

from mlpipe.errors import DataError
from mlpipe.features.estimators.selection import Selected
from tests.features.blocks import fit


def _frame(rows=600):
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.normal(size=(rows, 5)), columns=list("abcde"))
    return frame, (np.abs(frame["c"]) > 0.7).astype(int).to_numpy()


def _kept(frame, select, y=None, **more):
    return fit(frame, [{"select": select}], y, **more).names


def test_variance_is_that_of_scikit_learn_dense_and_sparse():
    frame, _ = _frame()
    frame = frame * [0.1, 3, 0.5, 2, 0] + 4
    theirs = VarianceThreshold(0.2).fit(frame)
    assert _kept(frame, {"above": 0.2}) == list(theirs.get_feature_names_out())
    assert _kept(frame, "variance") == ["a", "b", "c", "d"]
    assert _kept(frame, {"keep": 2}) == ["b", "d"]
    sparse = Selected("variance", above=0.2).fit(csr_matrix(frame))
    np.testing.assert_array_equal(sparse.get_support(), theirs.get_support())


def test_gaps_have_no_part_in_the_variance():
    frame = pd.DataFrame({"a": [1.0, None, 1.0, 1.0], "b": [None, 1.0, 2.0, None], "c": [None] * 4})
    frame["c"] = frame["c"].astype(float)
    assert _kept(frame, "variance") == ["b"]


def test_of_two_that_go_along_the_earlier_stays_dense_and_sparse():
    frame, _ = _frame()
    frame["f"], frame["g"], frame["h"] = frame["b"] * -2 + 1, frame["a"] + frame["b"], 5.0
    assert _kept(frame, "correlation") == ["a", "b", "c", "d", "e", "g", "h"]
    assert _kept(frame, {"by": "correlation", "above": 0.6}) == ["a", "b", "c", "d", "e", "h"]
    for above in (0.6, 0.95):
        dense = Selected("correlation", above=above).fit(frame.to_numpy())
        sparse = Selected("correlation", above=above).fit(csr_matrix(frame))
        np.testing.assert_array_equal(dense.get_support(), sparse.get_support())


def test_what_is_left_goes_along_with_nothing_that_is_left():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(300, 3))
    frame = pd.DataFrame(shared @ rng.normal(size=(3, 12))).set_axis(list("abcdefghijkl"), axis=1)
    made = fit(frame, [{"select": {"by": "correlation", "above": 0.8}}])
    left = frame[made.names].corr().abs().to_numpy() - np.eye(len(made.names))
    assert left.max() <= 0.8
    gone = [name for name in frame if name not in made.names]
    assert gone
    assert all(frame[made.names].corrwith(frame[name]).abs().max() > 0.8 for name in gone)


def test_mutual_information_finds_what_is_not_a_line():
    frame, y = _frame()
    assert _kept(frame, {"by": "mutual_information", "keep": 1}, y) == ["c"]
    assert abs(np.corrcoef(frame["c"], y)[0, 1]) < 0.1
    theirs = mutual_info_classif(frame, y, random_state=7)
    best = [list(frame)[at] for at in sorted(np.argsort(-theirs)[:2])]
    assert _kept(frame, {"by": "mutual_information", "keep": 0.4}, y) == best


def test_levels_are_selected_out_of_a_sparse_matrix_with_their_names():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"town": rng.choice([f"t{number}" for number in range(40)], 3000), "plan": "basic"}
    )
    y = np.where(frame["town"].isin(["t3", "t17"]), rng.random(3000) < 0.9, rng.random(3000) < 0.4)
    for select in (
        {"by": "mutual_information", "keep": 2},
        {"by": "model", "keep": 2},
        {"by": "model", "model": "linear", "keep": 2},
    ):
        made = fit(frame, ["one_hot", {"select": select}], y.astype(int), family="linear")
        assert made.lineage == {"town__t17": ["town"], "town__t3": ["town"]}
        assert issparse(made.train)
        np.testing.assert_array_equal(made.train.toarray()[:, 1], frame["town"] == "t3")


@pytest.mark.parametrize("model", ["trees", "linear"])
@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_a_model_keeps_what_it_uses(model, task):
    frame, _ = _frame()
    signal = frame["b"] * 1.2 + frame["e"]
    y = signal if task == "regression" else np.digitize(signal, [-1, 1])
    assert _kept(frame, {"by": "model", "model": model}, y, task=task) == ["b", "e"]


def test_a_sample_of_rows_is_drawn_by_the_seed():
    frame, _ = _frame()
    y = np.random.default_rng(0).integers(0, 2, len(frame))
    select = {"by": "mutual_information", "keep": 2, "rows": 100}
    kept = {tuple(_kept(frame, select, y, seed=seed)) for seed in range(12)}
    assert len(kept) > 1
    assert _kept(frame, select, y, seed=3) == _kept(frame, select, y, seed=3)


def test_equal_worth_keeps_the_earlier():
    frame = pd.DataFrame({"b": [0.0, 1.0], "a": [1.0, 0.0], "c": [0.0, 1.0]})
    assert _kept(frame, {"keep": 2}) == ["b", "a"]
    assert _kept(frame, {"keep": 9}) == ["b", "a", "c"]


def test_no_feature_left_is_said():
    frame, _ = _frame()
    with pytest.raises(DataError, match="`select` by variance leaves no feature: none has more"):
        _kept(frame * 0, "variance")
