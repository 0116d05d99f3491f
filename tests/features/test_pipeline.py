"""Pipelines built from a plan: types, names, families, and a user's functions."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy import sparse

from mlpipe.errors import ComputeError, DataError, SpecError
from mlpipe.features.estimators import stacking
from mlpipe.features.estimators.typed import Typed
from mlpipe.features.pipeline import build, feature_map, lineage, needed
from mlpipe.features.plan import FORMAT, Plan

SOURCE = """
import pandas as pd

def ratios(frame):
    return pd.DataFrame({"per_call": frame["charges"] / frame["calls"]}, index=frame.index)

def shorter(frame):
    return frame.iloc[1:]

def broken(frame):
    return frame["nowhere"]
"""


def _plan(blocks, kinds, family="linear", python=(), **more):
    return Plan(
        format=FORMAT,
        task=more.get("task"),
        timezone=more.get("timezone"),
        inputs=[{"name": name, "kind": kind, "type": ""} for name, kind in kinds.items()],
        look_back=[],
        python=list(python),
        models={
            "m": {
                "family": family,
                "blocks": [
                    {"columns": columns, "steps": steps, "reason": ""} for columns, steps in blocks
                ],
            }
        },
    )


def _python(function, **more):
    outputs = [{"name": "per_call", "kind": "number", "type": "python"}]
    return {"path": "f.py", "function": function, "source": SOURCE, "outputs": outputs, **more}


def _typed(values, kind, **more):
    return Typed({"x": kind}, **more).fit_transform(pd.DataFrame({"x": values}))["x"]


def test_numbers_of_any_type_become_floats():
    for values in ([1, 2], [1.0, 2.0], [Decimal(1), Decimal(2)], [True, False]):
        assert _typed(values, "number").dtype == np.float64
    gaps = _typed(pd.Series([True, None, False], dtype=object), "boolean")
    np.testing.assert_array_equal(gaps, [1.0, np.nan, 0.0])
    np.testing.assert_array_equal(
        _typed(pd.Series([1, None], dtype="Int64"), "number"), [1, np.nan]
    )


def test_codes_are_the_same_text_with_and_without_a_gap_in_the_batch():
    assert list(_typed([5, 7], "category")) == ["5", "7"]
    assert list(_typed([5, 7, None], "category"))[:2] == ["5", "7"]
    assert list(_typed([5.5], "category")) == ["5.5"]
    assert list(_typed([True], "category")) == ["true"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_level_is_nan_however_it_was_written(missing):
    levels = _typed(pd.Series(["a", missing], dtype=object), "category")
    assert levels.dtype == object
    assert isinstance(levels[1], float)
    assert np.isnan(levels[1])
    alone = _typed(pd.Series([missing], dtype=object), "category")
    assert np.isnan(alone[0])


@pytest.mark.parametrize("dtype", ["str", "string", object, "category"])
def test_a_text_is_the_same_however_it_is_kept(dtype):
    values = pd.Series(["a b", None, "a b", ""], dtype=dtype)
    texts = _typed(values, "text")
    assert texts.dtype == object
    assert [type(text) for text in texts] == [str, float, str, str]
    assert list(texts.fillna("gap")) == ["a b", "gap", "a b", ""]
    pd.testing.assert_series_equal(texts, _typed(values, "category"))


def test_moments_are_shown_in_the_declared_zone():
    moment = pd.Series(pd.to_datetime(["2024-06-30T23:30:00Z"]))
    assert _typed(moment, "date")[0] == pd.Timestamp("2024-06-30 23:30")
    assert _typed(moment, "date", timezone="Europe/Berlin")[0] == pd.Timestamp("2024-07-01 01:30")
    days = _typed(pd.Series([pd.Timestamp("2024-01-01").date(), None], dtype=object), "date")
    assert days.dtype == "datetime64[us]"


def test_a_value_of_another_kind_is_said_with_its_column():
    with pytest.raises(DataError, match="x: a value is not a number"):
        _typed(["many"], "number")
    with pytest.raises(DataError, match="x: a value is not a date"):
        _typed(["someday"], "date")


def test_every_missing_column_is_said_at_once():
    plan = _plan([(["a", "b"], [{"keep": {}}])], {"a": "number", "b": "number"})
    with pytest.raises(DataError) as caught:
        build(plan, "m", 0).fit(pd.DataFrame({"c": [1.0]}))
    assert [problem.key for problem in caught.value.problems] == ["a", "b"]


def test_names_that_meet_are_told_apart():
    kinds = {"a": "category", "a_b": "category", "n": "number"}
    blocks = [
        (["a"], [{"one_hot": {}}]),
        (["a_b"], [{"one_hot": {}}]),
        (["n"], [{"keep": {}}]),
        (["n"], [{"scale": {}}]),
    ]
    frame = pd.DataFrame({"a": ["b_c", "d"], "a_b": ["c", "d"], "n": [1.0, 2.0]})
    fitted = build(_plan(blocks, kinds), "m", 0).fit(frame)
    assert lineage(fitted) == {
        "a__b_c": ["a"],
        "a__d": ["a"],
        "a_b__c": ["a_b"],
        "a_b__d": ["a_b"],
        "n": ["n"],
        "n__2": ["n"],
    }


def test_a_gap_marker_is_named_after_its_column():
    steps = [{"impute": {"strategy": "median", "indicator": True}}, {"scale": {}}]
    plan = _plan([(["a", "b"], steps)], {"a": "number", "b": "number"})
    fitted = build(plan, "m", 0).fit(pd.DataFrame({"a": [1.0, 2.0], "b": [None, 3.0]}))
    assert list(fitted.get_feature_names_out()) == ["a", "b", "b__missing"]


def test_an_empty_column_keeps_its_width():
    plan = _plan([(["a", "b"], [{"impute": {}}, {"scale": {}}])], {"a": "number", "b": "number"})
    made = build(plan, "m", 0).fit_transform(pd.DataFrame({"a": [1.0, 2.0], "b": [None, None]}))
    assert made.shape == (2, 2)


def test_linear_models_get_sparse_and_trees_dense():
    levels = [f"level{number}" for number in range(40)]
    frame = pd.DataFrame({"a": levels})
    blocks = [(["a"], [{"one_hot": {}}])]
    kinds = {"a": "category"}
    assert sparse.issparse(build(_plan(blocks, kinds), "m", 0).fit_transform(frame))
    for family in ("trees", "other"):
        made = build(_plan(blocks, kinds, family), "m", 0).fit_transform(frame)
        assert isinstance(made, np.ndarray)


def test_an_unseen_level_follows_the_policy():
    frame, new = pd.DataFrame({"a": ["x", "y"] * 3}), pd.DataFrame({"a": ["z"]})
    kinds = {"a": "category"}

    def transformed(step):
        return build(_plan([(["a"], [step])], kinds, "trees"), "m", 0).fit(frame).transform(new)

    np.testing.assert_array_equal(transformed({"one_hot": {}}), [[0, 0]])
    np.testing.assert_array_equal(transformed({"ordinal": {}}), [[-1]])
    with pytest.raises(ValueError, match="unknown categories"):
        transformed({"one_hot": {"unknown": "error"}})


def test_an_order_is_kept_and_missing_is_not_unknown():
    order = {"ordinal": {"order": ["low", "mid", "high"]}}
    plan = _plan([(["a"], [order])], {"a": "category"}, "trees")
    frame = pd.DataFrame({"a": ["high", "low", None, "mid"]})
    fitted = build(plan, "m", 0).fit(frame)
    np.testing.assert_array_equal(fitted.transform(frame)[:, 0], [2, 0, np.nan, 1])
    np.testing.assert_array_equal(fitted.transform(pd.DataFrame({"a": ["other"]})), [[-1]])


def test_target_encoding_is_cross_fitted_and_knows_the_task():
    frame = pd.DataFrame({"a": [f"only{number}" for number in range(60)]})
    target = pd.Series(np.arange(60) % 7)
    plan = _plan([(["a"], [{"target_encode": {}}])], {"a": "category"}, task="regression")
    made = build(plan, "m", 0).fit_transform(frame, target)
    # One row a level: whoever saw its own target would know it.
    assert abs(np.corrcoef(made[:, 0], target)[0, 1]) < 0.5
    assert made.shape == (60, 1)
    plan["task"] = "multiclass"
    assert build(plan, "m", 0).fit_transform(frame, target).shape == (60, 7)


def test_a_model_that_was_not_planned_is_refused():
    with pytest.raises(SpecError, match="no features were planned for the model 'other'"):
        build(_plan([], {}), "other", 0)


def test_a_function_adds_columns_and_travels_as_source():
    kinds = {"charges": "number", "calls": "number"}
    plan = _plan([(["per_call"], [{"keep": {}}])], kinds, "trees", [_python("ratios")])
    frame = pd.DataFrame({"charges": [6.0, 9.0], "calls": [3, 2]}, index=[5, 3])
    assert needed(plan, "m") == ["charges", "calls"]
    fitted = build(plan, "m", 0).fit(frame)
    np.testing.assert_array_equal(fitted.transform(frame), [[2.0], [4.5]])
    assert list(fitted.get_feature_names_out()) == ["per_call"]
    data = skops.io.dumps(fitted)
    assert "mlpipe.features.estimators.python.PythonColumns" in skops.io.get_untrusted_types(
        data=data
    )


def test_a_function_is_for_its_models_only():
    plan = _plan(
        [(["calls"], [{"keep": {}}])], {"calls": "number"}, python=[_python("ratios", models=["x"])]
    )
    assert [name for name, _ in build(plan, "m", 0).steps] == ["typed", "encoded"]


@pytest.mark.parametrize(
    ("function", "error", "said"),
    [
        ("shorter", ComputeError, "f.py:shorter: the function must return a DataFrame"),
        ("broken", ComputeError, "f.py:broken: the function failed: KeyError"),
        ("absent", SpecError, "f.py: defines no function 'absent'"),
    ],
)
def test_a_function_that_breaks_its_promise_is_said(function, error, said):
    kinds = {"charges": "number", "calls": "number"}
    plan = _plan([(["per_call"], [{"keep": {}}])], kinds, "trees", [_python(function)])
    with pytest.raises(error, match=said):
        build(plan, "m", 0).fit(pd.DataFrame({"charges": [6.0, 9.0], "calls": [3, 2]}))


def test_a_logarithm_of_what_has_none_is_missing():
    plan = _plan([(["a"], [{"log": {"offset": 0.0}}])], {"a": "number"}, "trees")
    frame = pd.DataFrame({"a": [1.0, 0.0, -5.0, None]})
    with pytest.warns(UserWarning, match="log of a: 2 values"):
        made = build(plan, "m", 0).fit_transform(frame)
    np.testing.assert_array_equal(made[:, 0], [0.0, np.nan, np.nan, np.nan])


def test_clip_learns_its_bounds_on_train():
    plan = _plan([(["a"], [{"clip": {"quantiles": [0.1, 0.9]}}])], {"a": "number"}, "trees")
    fitted = build(plan, "m", 0).fit(pd.DataFrame({"a": np.arange(101.0)}))
    made = fitted.transform(pd.DataFrame({"a": [-1e9, 50.0, 1e9, None]}))
    np.testing.assert_allclose(made[:, 0], [10.0, 50.0, 90.0, np.nan])


def test_calendar_parts_say_what_a_calendar_says():
    parts = ["year", "quarter", "month", "week", "day", "dayofweek", "dayofyear", "hour"]
    steps = [{"date": {"parts": [*parts, "minute", "weekend", "days"]}}]
    plan = _plan([(["a"], steps)], {"a": "date"}, "trees")
    frame = pd.DataFrame({"a": pd.to_datetime(["2024-12-28 13:45", None])})
    made = build(plan, "m", 0).fit_transform(frame)
    days = 20085 + (13 * 60 + 45) / 1440
    np.testing.assert_allclose(made[0], [2024, 4, 12, 52, 28, 5, 363, 13, 45, 1, days])
    assert np.isnan(made[1]).all()


def test_cyclic_parts_close_the_circle():
    steps = [{"date": {"parts": ["month"], "cyclic": True}}]
    plan = _plan([(["a"], steps)], {"a": "date"}, "trees")
    frame = pd.DataFrame({"a": pd.to_datetime(["2024-12-01", "2024-01-01", "2024-02-01"])})
    made = build(plan, "m", 0).fit_transform(frame)
    steps_apart = np.linalg.norm(np.diff(made, axis=0), axis=1)
    assert steps_apart[0] == pytest.approx(steps_apart[1])


def test_sparse_and_dense_blocks_stand_side_by_side(monkeypatch):
    monkeypatch.setattr(stacking, "CHUNK", 7)  # several pieces, as a large table has
    kinds = {"a": "category", "n": "number", "t": "text", "m": "number"}
    blocks = [
        (["n"], [{"keep": {}}]),
        (["a"], [{"one_hot": {}}]),
        (["t"], [{"tfidf": {}}]),
        (["m"], [{"keep": {}}]),
    ]
    levels = [f"level{number % 30}" for number in range(60)]
    texts = ["late call", "refund", None, "call call again"] * 15
    frame = pd.DataFrame({"a": levels, "n": np.arange(60.0), "t": texts, "m": -np.arange(60.0)})
    narrow = build(_plan(blocks, kinds), "m", 0)
    made = narrow.fit_transform(frame)
    assert sparse.issparse(made)
    made.check_format()
    wide = build(_plan(blocks, kinds, "trees"), "m", 0).fit_transform(frame)
    np.testing.assert_array_equal(made.toarray(), wide)
    new = pd.DataFrame({"a": ["other"], "n": [1.0], "t": [None], "m": [2.0]})
    assert narrow.transform(new).nnz == 2


def test_each_feature_says_its_raw_columns_and_words():
    lag = {
        "name": "n_lag_1", "column": "n", "does": "lag", "rows": 1, "span": None,
        "known_after": None, "kind": "number",
    }  # fmt: skip
    mean = {**lag, "name": "r_mean_all", "column": "r", "does": "mean", "rows": None}
    ratio = {"name": "r", "expression": "n / m", "reads": {"n": "DOUBLE", "m": "DOUBLE"},
             "type": "DOUBLE"}  # fmt: skip
    kinds = {"c": "category", "n_lag_1": "number", "r_mean_all": "number"}
    blocks = [
        (["c"], [{"impute": {"strategy": "most_frequent"}}, {"one_hot": {}}]),
        (["n_lag_1", "r_mean_all"], [{"scale": {}}]),
    ]
    plan = _plan(blocks, kinds)
    plan["look_back"], plan["sql"] = [lag, mean], [ratio]
    frame = pd.DataFrame({"c": ["x", "y"], "n_lag_1": [1.0, 2.0], "r_mean_all": [1.0, 3.0]})
    fitted = build(plan, "m", 0).fit(frame)
    assert feature_map(fitted, plan, "m") == [
        {"feature": "c__x", "columns": ["c"], "words": ["impute", "one_hot"]},
        {"feature": "c__y", "columns": ["c"], "words": ["impute", "one_hot"]},
        {"feature": "n_lag_1", "columns": ["n"], "words": ["lag", "scale"]},
        {
            "feature": "r_mean_all",
            "columns": ["n", "m"],
            "words": ["sql", "expanding mean", "scale"],
        },
    ]
    assert lineage(fitted)["n_lag_1"] == ["n_lag_1"]


def test_a_function_may_read_every_column():
    plan = _plan([(["per_call"], [{"keep": {}}])], {"charges": "number", "calls": "number"},
                 python=[_python("ratios")])  # fmt: skip
    fitted = build(plan, "m", 0).fit(pd.DataFrame({"charges": [1.0, 2.0], "calls": [1.0, 1.0]}))
    assert lineage(fitted, plan) == {"per_call": ["charges", "calls"]}
    assert feature_map(fitted, plan, "m")[0]["words"] == ["python", "keep"]
