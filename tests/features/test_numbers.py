"""The words for numbers, against what scikit-learn, scipy or a calculator says."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.preprocessing import SplineTransformer, normalize

from mlpipe.errors import SpecError
from tests.features.blocks import fit


def _frame(rows=60):
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {"a": rng.gamma(2, 3, rows), "b": rng.normal(5, 2, rows), "c": rng.integers(1, 9, rows)}
    )


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalize_makes_rows_of_one_length_from_all_columns(norm):
    frame = _frame()
    made = fit(frame, [{"normalize": norm}])
    np.testing.assert_allclose(made.train, normalize(frame, norm))
    assert made.lineage == {"a": ["a", "b", "c"], "b": ["b", "a", "c"], "c": ["c", "a", "b"]}


def test_polynomials_are_named_by_their_factors():
    frame = _frame()
    made = fit(frame, [{"polynomial": 3}], columns=["a", "b"])
    assert made.lineage == {
        "a": ["a"],
        "b": ["b"],
        "a^2": ["a"],
        "a*b": ["a", "b"],
        "b^2": ["b"],
        "a^3": ["a"],
        "a^2*b": ["a", "b"],
        "a*b^2": ["a", "b"],
        "b^3": ["b"],
    }
    values = dict(zip(made.names, made.train.T, strict=True))
    np.testing.assert_allclose(values["a^2*b"], frame["a"] ** 2 * frame["b"])
    only = fit(frame, [{"polynomial": {"degree": 3, "interaction_only": True}}])
    assert only.names == ["a", "b", "c", "a*b", "a*c", "b*c", "a*b*c"]


def test_interactions_are_products_of_two():
    frame = _frame()
    made = fit(frame, ["interactions"])
    assert made.lineage == {"a*b": ["a", "b"], "a*c": ["a", "c"], "b*c": ["b", "c"]}
    np.testing.assert_allclose(made.train[:, 2], frame["b"] * frame["c"])
    assert fit(frame, [{"interactions": True}]).names == ["a", "b", "c", "a*b", "a*c", "b*c"]


def test_lineage_goes_through_every_step_of_a_block():
    frame = _frame()
    frame.loc[::5, "a"] = None
    steps = [
        {"impute": {"indicator": True}},
        {"interactions": True},
        "scale",
        {"select": "variance"},
    ]
    found = fit(frame, steps).lineage
    assert found["a__missing"] == ["a"]
    assert found["a*b"] == ["a", "b"]
    assert found["b*a__missing"] == ["b", "a"]
    # A column and its own gap marker are one column.
    assert found["a*a__missing"] == ["a"]


def test_a_product_and_a_column_of_that_name_are_told_apart():
    frame = _frame().rename(columns={"c": "a*b"})
    made = fit(frame, [{"interactions": True}])
    assert len(set(made.names)) == 6
    assert made.lineage["a*b"] == ["a*b"]
    assert made.lineage["a*b__2"] == ["a", "b"]


def test_an_interval_begins_at_its_lower_edge():
    frame = pd.DataFrame({"a": [-1.0, 17.99, 18.0, 64.0, 65.0, 1e9]})
    made = fit(frame, [{"bin": {"edges": [18, 65]}}])
    assert made.names == ["a__below_18", "a__18_to_65", "a__from_65"]
    np.testing.assert_array_equal(made.train.argmax(axis=1), [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(made.train.sum(axis=1), 1)
    ordinal = fit(frame, [{"bin": {"edges": [18, 65], "encode": "ordinal"}}])
    np.testing.assert_array_equal(ordinal.train[:, 0], [0, 0, 1, 1, 2, 2])
    assert ordinal.names == ["a"]
    assert fit(frame, [{"bin": {"edges": [0.1, 123456789.5]}}]).names == [
        "a__below_0.1",
        "a__0.1_to_123456789.5",
        "a__from_123456789.5",
    ]


def test_splines_are_those_of_scikit_learn_beyond_train_too():
    frame = _frame()
    for outside in ("constant", "linear", "continue", "periodic"):
        made = fit(frame, [{"spline": {"knots": 4, "outside": outside}}], columns=["a"])
        theirs = SplineTransformer(4, knots="quantile", extrapolation=outside, include_bias=False)
        theirs.fit(frame[["a"]])
        new = pd.DataFrame({"a": [-5.0, 3.0, 99.0], "b": 0.0, "c": 0})
        np.testing.assert_allclose(made.transform(new), theirs.transform(new[["a"]]))
        assert made.names[0] == "a__sp_0"


def test_powers_are_those_of_scipy_and_gaps_stay():
    frame = _frame()
    made = fit(frame, [{"power": {"standardize": False}}], columns=["a"])
    expected, _ = scipy.stats.yeojohnson(frame["a"])
    np.testing.assert_allclose(made.train[:, 0], expected, rtol=1e-4)
    positive = fit(frame, [{"power": {"method": "box_cox", "standardize": False}}], columns=["a"])
    expected, _ = scipy.stats.boxcox(frame["a"])
    np.testing.assert_allclose(positive.train[:, 0], expected, rtol=1e-4)
    frame.loc[3, "a"] = None
    assert np.isnan(fit(frame, ["power"], columns=["a"]).train[3, 0])


def test_quantiles_are_ranks_and_gaps_stay():
    made = fit(pd.DataFrame({"a": [1.0, 1000.0, 2.0, 3.0]}), ["quantile"])
    np.testing.assert_allclose(made.train[:, 0], [0, 1, 1 / 3, 2 / 3], atol=1e-6)
    new = pd.DataFrame({"a": [None, -9.0, 1e9]})
    np.testing.assert_array_equal(made.transform(new)[:, 0], [np.nan, 0, 1])
    assert np.isnan(fit(pd.DataFrame({"a": [1.0, None, 3.0]}), ["quantile"]).train[1, 0])
    normal = fit(_frame(), [{"quantile": "normal"}], columns=["a"]).train[1:, 0]
    assert abs(np.median(normal)) < 0.2


def test_gaps_that_an_earlier_step_makes_are_refused_too():
    frame = pd.DataFrame({"a": [1.0, -5.0, 3.0], "b": [1.0, 2.0, 3.0]})
    warned, refused = pytest.warns(UserWarning, match="are not positive: missing"), pytest.raises
    with warned, refused(SpecError, match=r"`polynomial` takes no nulls, .* have some: a\n"):
        fit(frame, [{"log": 0.0}, "polynomial"])
    marked = frame.assign(b=[None, 2.0, 3.0])
    steps = [{"impute": {"indicator": True}}, {"log": 0.0}, "normalize"]
    warned = pytest.warns(UserWarning, match="are not positive: missing")
    with warned, refused(SpecError, match=r"what the steps before it make of a, b has some"):
        fit(marked, steps)
