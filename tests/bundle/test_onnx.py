"""Every fitted word as an ONNX graph: equal to the model, or said to be not convertible."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer

from mlpipe.bundle.model import Model, raw_scores
from mlpipe.bundle.onnx.convert import Converted, convert
from mlpipe.bundle.onnx.features import add_features, before_encoder
from mlpipe.bundle.onnx.graph import Graph, NotConvertibleError
from mlpipe.bundle.onnx.parity import beside
from mlpipe.bundle.onnx.session import raw_scores as of_graph
from mlpipe.bundle.onnx.texts import text_weights
from mlpipe.features.pipeline import build
from tests.bundle.samples import all_models, fitted
from tests.train.samples import NUMBERS, plan, rows

if TYPE_CHECKING:
    import pandas as pd

ALL = all_models()
CONVERT = [
    "logistic_regression binary",
    "logistic_regression multiclass",
    "linear_regression regression",
    "ridge regression",
    "random_forest binary",
    "random_forest multiclass",
    "random_forest regression",
    "hist_gradient_boosting binary",
    "hist_gradient_boosting multiclass",
    "hist_gradient_boosting regression",
    "impute",
    "scale standard",
    "scale minmax",
    "scale robust",
    "scale maxabs",
    "clip",
    "log",
    "bin",
    "one_hot",
    "ordinal",
    "ordinal ordered",
    "target_encode",
    "date",
    "tfidf",
    "svd",
    "keep",
]


def asked(task: str = "binary") -> pd.DataFrame:
    """Rows with new levels, missing values and texts in capitals and other scripts."""
    frame = rows(120, task, seed=11)
    frame["plan"] = frame["plan"].astype(object)
    frame["note"] = frame["note"].astype(object)
    frame.loc[:9, "plan"] = "a new one"
    frame.loc[10:14, "plan"] = None
    frame.loc[:4, "note"] = ["ÉTÉ Good", "good-good bad", "", None, "x good_bad 12 GOOD"]
    return frame


def apart(model: Model, made: Converted, frame: pd.DataFrame) -> float:
    ours = raw_scores(model.pipeline, model.task, model.classes, frame)
    theirs = of_graph(made.data, made.inputs, model, frame)
    assert theirs.shape == ours.shape
    assert theirs.dtype == np.float64
    return float(np.max(np.abs(ours - theirs)))


@pytest.mark.parametrize("name", CONVERT)
def test_the_graph_says_what_the_model_says(name: str) -> None:
    model = ALL[name]
    frame = asked(model.task)
    if name == "ordinal ordered":  # a missing level stays missing: the model refuses it
        frame["plan"] = frame["plan"].fillna("basic")
    made = convert(model, rows(task=model.task))
    assert apart(model, made, frame) < 1e-12
    assert np.ptp(of_graph(made.data, made.inputs, model, frame)) > 0


@pytest.mark.parametrize("name", sorted(set(ALL) - set(CONVERT)))
def test_whatever_else_is_equal_or_says_why_not(name: str) -> None:
    """Parity decides: some converters of skl2onnx are wrong, that of binary LDA for one."""
    model = ALL[name]
    frame = asked(model.task).dropna()
    facts = {"model": {"type": name}, "classes": list(range(model.classes)), "inputs": []}
    known = rows(task=model.task)
    data, found = beside(model, facts, known, frame, threshold=0.5, tolerance=1e-5, part="valid")
    assert (data is None) == bool(found["why"])
    assert found["kept"] == (data is not None)
    if data is not None:
        assert apart(model, convert(model, known), frame) <= found["allowed"]


@pytest.mark.slow
def test_the_file_is_the_same_in_every_process() -> None:
    root = Path(__file__).parents[2]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bundle.dump_graphs"],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("1", "20777")
    ]
    one, two = (json.loads(run.communicate(timeout=300)[0]) for run in runs)
    assert set(one) == set(ALL)
    assert [name for name in one if one[name] != two[name]] == []


def test_inputs_are_the_raw_columns() -> None:
    made = convert(ALL["hist_gradient_boosting binary"], rows())
    session = onnxruntime.InferenceSession(made.data)
    kinds = {each.name: each.type for each in session.get_inputs()}
    assert kinds == {
        "age": "tensor(double)",
        "fee": "tensor(double)",
        "paid": "tensor(double)",
        "plan": "tensor(string)",
    }
    assert [each.name for each in session.get_outputs()] == ["scores"]
    onnx.checker.check_model(onnx.load_from_string(made.data))


def test_dates_come_as_their_parts_and_texts_in_small_letters() -> None:
    names = [each.name for each in convert(ALL["date"], rows()).inputs]
    assert names == ["since_month_sin", "since_month_cos", "since_days"]
    (text,) = convert(ALL["tfidf"], rows()).inputs
    assert (text.name, text.column, text.by) == ("note__lowercase", "note", "lowercase")


def test_numbers_that_are_codes() -> None:
    block = {"columns": ["age"], "steps": [{"one_hot": {}}]}
    model = fitted("logistic_regression", "binary", block)
    frame = asked()
    frame.loc[:3, "age"] = [1, 200, 33, 34]
    assert apart(model, convert(model, rows()), frame) < 1e-12


def test_several_columns_of_codes_at_once() -> None:
    frame = rows().assign(note=lambda each: each["plan"].str[::-1])
    block = {"columns": ["plan", "note"], "steps": [{"ordinal": {"missing": "code"}}]}
    model = _model(plan({"m": "linear"}, [block]), frame)
    held_out = asked().assign(note=lambda each: each["plan"].str[::-1])
    held_out.loc[3:5, "note"] = ["orp", None, "new"]
    assert apart(model, convert(model, frame), held_out) < 1e-12


def test_levels_filled_before_they_are_encoded() -> None:
    block = {"columns": ["plan"], "steps": [{"impute": "most_frequent"}, {"one_hot": {}}]}
    frame = asked()
    model = _model(plan({"m": "linear"}, [block]), frame)
    assert apart(model, convert(model, frame), asked().iloc[::-1]) < 1e-12


@pytest.mark.parametrize(
    "given",
    [
        {"ngrams": [1, 2]},
        {"sublinear": True},
        {"lowercase": False},
        {"analyzer": "char", "ngrams": [2, 3]},
        {"stop_words": "english", "max_features": 3},
    ],
)
def test_words_of_text(given: dict[str, object]) -> None:
    block = {"columns": ["note"], "steps": [{"tfidf": given}]}
    model = fitted("logistic_regression", "binary", block)
    assert apart(model, convert(model, rows()), asked()) < 1e-7


def test_weights_are_the_same_to_the_last_bit() -> None:
    """A tree splits between weights that are one bit apart."""
    words = np.array(["card", "late", "bill", "port", "sim", "chat", "plan", "line", "app", "fee"])
    random = np.random.default_rng(5)
    frame = rows(600)
    frame["note"] = [" ".join(random.choice(words, random.integers(1, 15))) for _ in range(600)]
    block = {"columns": ["note"], "steps": [{"tfidf": {"sublinear": False, "ngrams": [1, 2]}}]}
    features = _model(plan({"m": "linear"}, [block]), frame).pipeline.named_steps["features"]
    graph, made = Graph(), {}
    matrix, width = add_features(graph, features, before_encoder(features, frame), made)
    data = graph.model(matrix, ["n", width], {})
    session = onnxruntime.InferenceSession(data)
    texts = frame["note"].to_numpy(dtype=object)[:, None]
    theirs = session.run(None, {"note__lowercase": texts})[0]
    assert np.array_equal(theirs, features.transform(frame).toarray())


@pytest.mark.parametrize("binary", [False, True])
def test_counts_of_words(binary: bool) -> None:
    texts = np.array(["a bb bb cc", "bb dd", ""], dtype=object)
    counter = CountVectorizer(binary=binary).fit(texts)
    graph = Graph()
    made, width = text_weights(graph, counter, graph.input("note", "string"))
    session = onnxruntime.InferenceSession(graph.model(made, ["n", width], {}))
    found = session.run(None, {"note": texts[:, None]})[0]
    assert np.array_equal(found, counter.transform(texts).toarray())


def test_trees_that_skl2onnx_would_do_in_float32() -> None:
    """A value that float32 puts on the other side of a split goes where float64 puts it."""
    frame = rows(400)
    frame["fee"] = 50 + np.arange(400) * 1e-9
    frame["target"] = np.where(frame["fee"] > 50 + 2e-7, "yes", "no")
    block = {"columns": ["fee"], "steps": [{"keep": {}}]}
    model = _model(plan({"m": "trees"}, [block]), frame, HistGradientBoostingClassifier(max_iter=5))
    assert apart(model, convert(model, frame), frame) < 1e-12
    assert len(np.unique(np.float32(frame["fee"]))) == 1


def test_missing_values_go_the_way_they_went() -> None:
    frame = rows(400)
    frame.loc[::3, "fee"] = np.nan
    frame["target"] = np.where(frame["fee"].isna() | (frame["age"] > 60), "yes", "no")
    block = {"columns": ["fee", "age"], "steps": [{"keep": {}}]}
    for trees in (ExtraTreesClassifier(5, max_depth=4), HistGradientBoostingClassifier()):
        model = _model(plan({"m": "trees"}, [block]), frame, trees)
        assert apart(model, convert(model, frame), frame) < 1e-12


def test_a_tree_of_one_leaf() -> None:
    block = {"columns": ["age"], "steps": [{"keep": {}}]}
    stump = ExtraTreesClassifier(2, min_samples_leaf=1000)
    model = _model(plan({"m": "trees"}, [block]), rows(), stump)
    assert apart(model, convert(model, rows()), rows()) < 1e-12


def test_other_models_go_through_skl2onnx() -> None:
    """Gradient boosting of scikit-learn is float32 there: equal, but less closely."""
    model = _model(plan({"m": "trees"}, [NUMBERS]), rows(), GradientBoostingClassifier())
    assert apart(model, convert(model, rows()), rows()) < 1e-5


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"one_hot": {"unknown": "error"}}, "refuses new levels"),
        ({"ordinal": {"unknown": "error"}}, "refuses new levels"),
    ],
)
def test_a_graph_cannot_refuse(step: dict[str, object], says: str) -> None:
    model = fitted("logistic_regression", "binary", {"columns": ["plan"], "steps": [step]})
    with pytest.raises(NotConvertibleError, match=says):
        convert(model, rows())


def test_what_reads_the_text_of_a_level_is_no_table() -> None:
    """Hashing says something of every new level, each time another thing."""

    def hashed(frame: pd.DataFrame) -> np.ndarray:
        return np.array([[len(str(value))] for value in frame.iloc[:, 0]], float)

    model = fitted(
        "logistic_regression", "binary", {"columns": ["plan"], "steps": [{"one_hot": {}}]}
    )
    encoder = model.pipeline.named_steps["features"].named_steps["encoded"]
    name, _, columns = encoder.transformers_[0]
    encoder.transformers_[0] = (name, FunctionTransformer(hashed), columns)
    with pytest.raises(NotConvertibleError, match="depends on its text"):
        convert(model, rows())


def test_the_empty_text_stands_for_missing() -> None:
    frame = rows()
    frame.loc[:20, "plan"] = ""
    block = {"columns": ["plan"], "steps": [{"one_hot": {}}]}
    with pytest.raises(NotConvertibleError, match="empty text"):
        convert(_model(plan({"m": "linear"}, [block]), frame), frame)


def test_a_model_without_probabilities() -> None:
    from sklearn.svm import LinearSVC

    model = _model(plan({"m": "linear"}, [NUMBERS]), rows(), LinearSVC())
    with pytest.raises(NotConvertibleError, match="LinearSVC gives no probabilities"):
        convert(model, rows())


def test_an_input_is_one_thing() -> None:
    graph = Graph()
    assert graph.input("a", "number") == graph.input("a", "number")
    with pytest.raises(NotConvertibleError, match="two inputs"):
        graph.input("a", "string")


def _model(planned: dict[str, object], frame: pd.DataFrame, estimator: object = None) -> Model:
    features = build(planned, "m", 3)
    y = (frame["target"] == "yes").to_numpy().astype(int)
    estimator = LogisticRegression() if estimator is None else estimator
    if hasattr(estimator, "random_state"):
        estimator.set_params(random_state=3)
    matrix = features.fit_transform(frame, y)
    if not hasattr(estimator, "min_samples_leaf"):
        matrix = np.nan_to_num(
            np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix)
        )
    estimator.fit(matrix, y)
    return Model("binary", 2, Pipeline([("features", features), ("model", estimator)]))


@dataclass
class Together:
    """Members put together, as a bundle holds voting and stacking."""

    members: dict[str, Any]
    weights: list[float] = field(default_factory=list)
    final: Any = None


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("stacked", [False, True])
def test_members_each_with_features_of_their_own(task: str, stacked: bool) -> None:
    """Dates of two members, and one that is itself put together."""
    regression = task == "regression"
    parts = {"date": {"parts": ["month", "days"]}}
    dated = {"columns": ["since"], "steps": [parts, {"scale": {}}]}
    linear = fitted("ridge" if regression else "logistic_regression", task, dated, NUMBERS)
    forest = fitted("random_forest", task, dated)
    inner = Together({"forest": forest.pipeline}, [2.0])
    members = {"linear": linear.pipeline, "inner": inner}
    frame, held_out = rows(task=task), rows(90, task, seed=8)

    def said(given: pd.DataFrame) -> list[np.ndarray]:
        return [raw_scores(m.pipeline, task, m.classes, given) for m in (linear, forest)]

    last = None
    if stacked:
        y = frame["target"].to_numpy()
        y = y if regression else np.unique(y, return_inverse=True)[1]
        last = (Ridge() if regression else LogisticRegression()).fit(
            np.column_stack(said(frame)), y
        )
    model = Model(task, linear.classes, Together(members, [1.0, 3.0], last))
    made = convert(model, frame)
    theirs = of_graph(made.data, made.inputs, model, held_out)
    first, second = said(held_out)
    ours = 0.25 * first + 0.75 * second
    if last is not None:
        seen = np.column_stack([first, second])
        ours = last.predict(seen) if regression else last.predict_proba(seen)
        ours = ours[:, 1] if task == "binary" else ours
    assert np.max(np.abs(ours - theirs)) < 1e-12
    names = [each.name for each in made.inputs]
    assert "since_month" in names
    assert "since_month__inner.forest__0" in names


@pytest.mark.parametrize(
    ("there", "back"), [("log", "exp"), ("log1p", "expm1"), ("sqrt", "square")]
)
def test_targets_on_another_scale(there: str, back: str) -> None:
    features = build(plan({"m": "linear"}, [NUMBERS], "regression"), "m", 3)
    frame = rows(task="regression")
    scale = FunctionTransformer(getattr(np, there), getattr(np, back), check_inverse=False)
    scaled = TransformedTargetRegressor(Ridge(), transformer=scale, check_inverse=False)
    scaled.fit(features.fit_transform(frame), frame["target"].to_numpy() + 10)
    model = Model("regression", 0, Pipeline([("features", features), ("model", scaled)]))
    assert apart(model, convert(model, frame), frame) < 1e-11


def test_a_scale_without_an_operator() -> None:
    features = build(plan({"m": "linear"}, [NUMBERS], "regression"), "m", 3)
    frame = rows(task="regression")
    ranks = QuantileTransformer(n_quantiles=10)
    scaled = TransformedTargetRegressor(Ridge(), transformer=ranks)
    scaled.fit(features.fit_transform(frame), frame["target"].to_numpy())
    model = Model("regression", 0, Pipeline([("features", features), ("model", scaled)]))
    with pytest.raises(NotConvertibleError, match="scale of the target"):
        convert(model, frame)
