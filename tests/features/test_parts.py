"""Many rows are encoded some at a time: the values are those of all rows at once."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

from mlpipe.features.estimators import parts
from mlpipe.features.estimators.calendar import Calendar
from mlpipe.features.estimators.column_by_column import fitted
from mlpipe.features.estimators.encoder import FeatureEncoder
from mlpipe.features.estimators.levels import OneHotLevels
from mlpipe.features.estimators.numbers import Bounds
from mlpipe.features.estimators.stacking import side_by_side
from mlpipe.features.estimators.text import TextWeights
from mlpipe.features.estimators.typed import CODED, Typed

ROWS = 5000


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """Let the parts be small, so that there are several."""
    monkeypatch.setattr(parts, "PART", 700)
    monkeypatch.setattr("mlpipe.features.estimators.encoder.PART", 700)


def _frame(seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=ROWS),
            "b": rng.normal(size=ROWS) * 100,
            "c": pd.Series(rng.choice([f"level {n}" for n in range(30)], ROWS)).astype(object),
            "d": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), "D"),
            "note": [" ".join(rng.choice(["x1", "y2", "z3"], n)) for n in rng.integers(1, 5, ROWS)],
        }
    )
    # The first parts have no gaps, so that what they show is not all there is.
    frame.loc[ROWS - 50 :: 7, ["a", "c"]] = np.nan
    frame.loc[ROWS - 20, "c"] = "only here"
    return frame


def _blocks(onehot):
    return [
        ("0-0", Pipeline([("i", SimpleImputer(add_indicator=True)), ("s", StandardScaler())]),
         ["a", "b"]),
        ("1-0", onehot, ["c"]),
        ("2-0", Calendar(parts=["month", "year"]), ["d"]),
    ]  # fmt: skip


def _dense(matrix):
    return matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)


@pytest.mark.parametrize(
    "options",
    [{}, {"drop": "first"}, {"min_frequency": 160, "handle_unknown": "infrequent_if_exist"}],
)
@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_parts_are_what_scikit_learn_gives(options, threshold):
    frame = _frame()
    ours = FeatureEncoder(_blocks(OneHotLevels(**options)), sparse_threshold=threshold)
    theirs = ColumnTransformer(_blocks(OneHotEncoder(**options)), sparse_threshold=threshold)
    assert parts.by_parts(ours.transformers, frame)
    made, expected = ours.fit_transform(frame), theirs.fit_transform(frame)
    assert sparse.issparse(made) is bool(threshold)
    np.testing.assert_array_equal(_dense(made), _dense(expected))
    np.testing.assert_array_equal(_dense(ours.transform(frame)), _dense(expected))
    assert len(ours.get_feature_names_out()) == made.shape[1]
    assert [type(block) for _, block, _ in ours.transformers_[:3]] == [
        type(block) for _, block, _ in ours.transformers
    ]
    again = clone(ours).fit_transform(frame)
    np.testing.assert_array_equal(_dense(again), _dense(made))


def test_what_learns_and_encodes_at_once_is_left_alone():
    frame, target = _frame(), np.arange(ROWS) % 2
    folded = [("0-0", TargetEncoder(cv=KFold(3)), ["c"])]
    assert not parts.by_parts(folded, frame)
    frame = frame.dropna()
    ours = FeatureEncoder(folded).fit_transform(frame, target[frame.index])
    expected = TargetEncoder(cv=KFold(3)).fit_transform(frame[["c"]], target[frame.index])
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 0, 1, 2], [0, 3, 2, 1]])
def test_blocks_side_by_side(order):
    frame = _frame()
    made = [
        frame[["a", "b"]],
        OneHotLevels().fit_transform(frame[["c"]]),
        np.arange(ROWS * 3, dtype=float).reshape(ROWS, 3),
        TextWeights(min_df=1).fit_transform(frame[["note"]]),
    ]
    blocks = [made[number] for number in order]
    expected = np.hstack([_dense(block) for block in blocks])
    stacked = side_by_side(blocks, ROWS)
    stacked.check_format(full_check=True)
    np.testing.assert_array_equal(stacked.toarray(), expected)


@pytest.mark.parametrize("values", [
    ["a", None, "b"], ["a", np.nan, None], ["a", np.nan, "b"], [1.0, np.nan, 2.0],
    ["a", "a", "a"], ["a", 1, None],
])  # fmt: skip
def test_levels_are_encoded_as_scikit_learn_does(values):
    column = pd.Series(values * 600, dtype=object if "a" in values else None)
    frame = pd.DataFrame({"c": column})
    if values[1] == 1:
        with pytest.raises(TypeError):
            OneHotEncoder().fit(frame)
        with pytest.raises(TypeError):
            OneHotLevels().fit(frame)
        return
    expected = OneHotEncoder().fit_transform(frame)
    np.testing.assert_array_equal(OneHotLevels().fit_transform(frame).toarray(), expected.toarray())


def _coded(values):
    """Return a column as it comes to a later step that reads levels alone."""
    return Typed({"c": CODED}).fit_transform(pd.DataFrame({"c": pd.Series(values, dtype=object)}))


@pytest.mark.parametrize("gap", [["b"], [None], [np.nan]])
@pytest.mark.parametrize(
    "options", [{}, {"drop": "first"}, {"min_frequency": 700}, {"max_categories": 2}]
)
def test_coded_levels_are_encoded_as_scikit_learn_does(gap, options):
    values = ["b", "a", "c", "a", "b", *gap] * 300
    plain = Typed({"c": "category"}).fit_transform(pd.DataFrame({"c": values}))
    assert plain["c"].dtype == object
    frame = _coded(values)
    assert isinstance(frame["c"].dtype, pd.CategoricalDtype)
    ours, theirs = OneHotLevels(**options), OneHotEncoder(**options)
    expected = theirs.fit_transform(plain)
    np.testing.assert_array_equal(ours.fit_transform(frame).toarray(), expected.toarray())
    assert str(ours.categories_) == str(theirs.categories_)
    assert list(ours.get_feature_names_out()) == list(theirs.get_feature_names_out())
    # Some rows keep the levels of all: those that they have not are no levels to learn.
    some = frame[1::3]
    again = OneHotEncoder(**options).fit_transform(plain[1::3])
    np.testing.assert_array_equal(
        OneHotLevels(**options).fit_transform(some).toarray(), again.toarray()
    )


def test_few_rows_and_levels_of_one_spelling_are_no_codes():
    assert _coded(["a", "b"])["c"].dtype == object
    alike = _coded([5, "5"] * 600)["c"]
    assert alike.dtype == object
    assert set(alike) == {"5"}


def test_a_coded_level_that_is_not_known_is_all_zero():
    known = OneHotLevels(handle_unknown="ignore").fit(_coded(["a", "b"] * 600))
    made = known.transform(_coded(["b", "new", None] * 600)).toarray()
    np.testing.assert_array_equal(made[:3], [[0, 1], [0, 0], [0, 0]])


def _steps(block):
    return [step for _, step in block.steps] if isinstance(block, Pipeline) else [block]


_BY_COLUMN = [
    SimpleImputer(strategy="median", keep_empty_features=True),
    Pipeline([("i", SimpleImputer(keep_empty_features=True)), ("s", StandardScaler())]),
    StandardScaler(),
]


@pytest.mark.parametrize(
    ("block", "gaps"),
    # scikit-learn's own scaler warns of a column without a value.
    [(block, gaps) for block in _BY_COLUMN for gaps in (0, 7, ROWS)][:-1],
)
def test_column_by_column_is_learned_what_is_learned_of_all(block, gaps):
    frame = _frame()[["b"]].assign(n=np.arange(ROWS) * 1e6, k=3.0, a=np.sin(np.arange(ROWS)))
    frame.iloc[:gaps, 1] = np.nan
    ours, theirs = fitted(block, frame), clone(block).fit(frame)
    for one, other in zip(_steps(ours), _steps(theirs), strict=True):
        assert vars(one).keys() == vars(other).keys()
        for name, expected in vars(other).items():
            found = getattr(one, name)
            assert type(found) is type(expected)
            np.testing.assert_array_equal(found, expected, strict=isinstance(found, np.ndarray))
    np.testing.assert_array_equal(ours.transform(frame), theirs.transform(frame))
    assert not hasattr(block, "n_features_in_")


@pytest.mark.parametrize("block", [StandardScaler(with_std=False), SimpleImputer(), Bounds(0.1)])
def test_what_may_look_beside_a_column_is_fitted_by_itself(block, monkeypatch):
    monkeypatch.setattr("mlpipe.features.estimators.column_by_column._join", None)
    frame = _frame()[["a", "b"]]
    np.testing.assert_array_equal(
        fitted(block, frame).transform(frame), clone(block).fit_transform(frame)
    )


def test_an_unknown_level_is_refused_where_it_is_said():
    frame = pd.DataFrame({"c": ["a", "b"] * 1000})
    fitted = OneHotLevels(handle_unknown="error").fit(frame)
    with pytest.raises(ValueError, match="unknown categories"):
        fitted.transform(frame.replace("b", "new"))
