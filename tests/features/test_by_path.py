"""Transformers that the spec names by a dotted path."""

import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.preprocessing import KBinsDiscretizer

from mlpipe.bundle import canonical, trusted
from mlpipe.errors import ComputeError, StoreError
from mlpipe.features.words import step
from tests.features.blocks import fit


class Ours(TransformerMixin, BaseEstimator):
    """Does what ``how`` says; has no names to give."""

    def __init__(self, how="double", random_state=None):
        self.how = how
        self.random_state = random_state

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        values = np.asarray(X, dtype=float)
        return {
            "double": values * 2,
            "ranks": values.argsort(axis=0).argsort(axis=0),
            "flat": values[:, 0],
            "fewer": values[1:],
            "words": np.full(values.shape, "x"),
        }[self.how]


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    """A package of the user's own."""
    module = ModuleType("ourpackage")
    module.Ours = Ours
    monkeypatch.setitem(sys.modules, "ourpackage", module)
    monkeypatch.setattr(Ours, "__module__", "ourpackage")


def _frame(rows=60):
    rng = np.random.default_rng(3)
    return pd.DataFrame({"a": rng.normal(size=rows), "a_b": rng.normal(size=rows) * 3})


def _transform(name, **parameters):
    return {"transform": {"type": name, **parameters}}


def test_the_columns_go_through_the_class_together():
    frame = _frame()
    made = fit(frame, [_transform("sklearn.decomposition.PCA", n_components=2)])
    theirs = PCA(2, random_state=7).fit_transform(frame)
    np.testing.assert_allclose(made.train, theirs)
    assert made.lineage == {"pca0": ["a", "a_b"], "pca1": ["a", "a_b"]}
    assert fit(frame[["a"]], [_transform("sklearn.decomposition.PCA")]).names == ["a__pca0"]


def test_a_part_is_named_after_its_column_and_lineage_leaves_nothing_out():
    bins = _transform("sklearn.preprocessing.KBinsDiscretizer", n_bins=2, quantile_method="linear")
    made = fit(_frame(), [bins])
    assert made.lineage == {
        "a__0.0": ["a", "a_b"],
        "a__1.0": ["a", "a_b"],
        "a_b__0.0": ["a_b", "a"],
        "a_b__1.0": ["a_b", "a"],
    }
    theirs = KBinsDiscretizer(2, quantile_method="linear", random_state=7).fit_transform(_frame())
    np.testing.assert_array_equal(made.train, theirs.toarray())


def test_lists_of_the_spec_are_what_the_class_wants():
    frame = pd.DataFrame({"a": ["low", "high", "low"]})
    levels = _transform("sklearn.preprocessing.OrdinalEncoder", categories=[["low", "high"]])
    np.testing.assert_array_equal(fit(frame, [levels]).train[:, 0], [0, 1, 0])
    scale = _transform("sklearn.preprocessing.MinMaxScaler", feature_range=[-1, 1])
    assert fit(_frame(), [scale]).train.min() == pytest.approx(-1)


@pytest.mark.parametrize(
    ("written", "said", "hint"),
    [
        (
            _transform("sklearn.preprocessing.KBinsDiscretizer", n_bin=3),
            "sklearn.preprocessing.KBinsDiscretizer has no parameter 'n_bin'",
            "did you mean 'n_bins'?",
        ),
        (
            _transform("sklearn.preprocessing.KBinsDiscretiser"),
            "sklearn.preprocessing has no transformer 'KBinsDiscretiser'",
            "did you mean 'KBinsDiscretizer'?",
        ),
        (
            _transform("sklearn.preprocessing.MinMaxScaler", feature_range="wide"),
            "refuses its parameters: The 'feature_range' parameter",
            "",
        ),
        (_transform("sklearn.linear_model.Ridge"), "has no transformer 'Ridge'", ""),
        (_transform("os.system"), "os has no transformer 'system'", ""),
        (
            _transform("nopackage.Thing"),
            "cannot import nopackage",
            "install the package that has it, e.g. pip install nopackage",
        ),
    ],
)
def test_what_does_not_fit_the_class_is_said(written, said, hint):
    with pytest.raises(ValidationError) as caught:
        step(written)
    (error,) = caught.value.errors()
    assert said in error["msg"]
    assert hint in error["ctx"]["hint"]
    assert error["loc"][0] == "transform"


def test_it_is_seeded_unless_the_spec_does():
    seeded = step(_transform("ourpackage.Ours")).build(11)
    assert seeded.transformer.random_state == 11
    given = step(_transform("ourpackage.Ours", random_state=3)).build(11)
    assert given.transformer.random_state == 3


def test_a_class_without_names_gets_some():
    made = fit(_frame(), [_transform("ourpackage.Ours")])
    assert made.lineage == {"ours0": ["a", "a_b"], "ours1": ["a", "a_b"]}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("ranks", "gives a row other values when other rows are left out"),
        ("flat", "must make one row of features for each row"),
        ("fewer", "must make one row of features for each row"),
        ("words", "must make numbers"),
    ],
)
def test_what_is_no_feature_is_refused(how, said):
    with pytest.raises(ComputeError, match=f"`transform`: Ours {said}"):
        fit(_frame(), [_transform("ourpackage.Ours", how=how)])


# scikit-learn would have its folds given as an object, which YAML cannot write.
@pytest.mark.filterwarnings("ignore:.TargetEncoder.shuffle.:FutureWarning")
def test_a_target_encoder_is_told_the_task_and_seeded():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.choice(list("xyz"), 90)})
    y = rng.integers(0, 3, 90).astype(float)
    encoder = _transform("sklearn.preprocessing.TargetEncoder", cv=3)
    made = fit(frame, [encoder], y, task="regression").train
    assert made.shape == (90, 1)
    np.testing.assert_array_equal(fit(frame, [encoder], y, task="regression").train, made)
    assert fit(frame, [encoder], y, task="multiclass").train.shape == (90, 3)


def test_a_public_class_of_scikit_learn_needs_no_trust_and_another_does():
    theirs = fit(_frame(), [_transform("sklearn.decomposition.PCA")])
    again = trusted.loads(canonical.dumps(theirs.pipeline))
    np.testing.assert_array_equal(again.transform(_frame()), theirs.transform(_frame()))
    assert not step(_transform("sklearn.decomposition.PCA")).foreign

    mine = canonical.dumps(fit(_frame(), [_transform("ourpackage.Ours")]).pipeline)
    with pytest.raises(StoreError, match=r"not trusted: ourpackage\.Ours"):
        trusted.loads(mine)
    loaded = trusted.loads(mine, trust=["ourpackage"])
    np.testing.assert_array_equal(loaded.transform(_frame()), _frame() * 2)
    assert step(_transform("ourpackage.Ours")).foreign
