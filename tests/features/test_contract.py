"""What every word of featurize must keep: one suite over the whole vocabulary."""

import re
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy import sparse
from sklearn.base import clone

from mlpipe.bundle.trusted import TRUSTED
from mlpipe.features.pipeline import build, lineage, needed
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.transform import Transform
from mlpipe.features.transforms.text_length import PARTS as TEXT_PARTS
from mlpipe.features.words import LOOK_BACKS, TRANSFORMS, step
from tests.text.minilm import MODEL, WHY

NUMBERS = ["charges", "tenure"]
CASES = {
    "impute-median": ({"impute": "median"}, NUMBERS),
    "impute-indicator": ({"impute": {"strategy": "mean", "indicator": True}}, NUMBERS),
    "impute-constant": ({"impute": {"strategy": "constant", "value": 0}}, NUMBERS),
    "scale": ("scale", NUMBERS),
    "scale-robust": ({"scale": "robust"}, NUMBERS),
    "scale-minmax": ({"scale": "minmax"}, NUMBERS),
    "scale-maxabs": ({"scale": "maxabs"}, NUMBERS),
    "clip": ("clip", NUMBERS),
    "clip-given": ({"clip": {"min": 0.0, "max": 1.0}}, NUMBERS),
    "log": ({"log": 1000.0}, NUMBERS),
    "normalize": (["impute", "normalize"], NUMBERS),
    "normalize-max": (["impute", {"normalize": "max"}], [*NUMBERS, "flag"]),
    "power": ("power", NUMBERS),
    "power-box-cox": (
        [{"clip": {"min": 1.0}}, {"power": {"method": "box_cox", "standardize": False}}], NUMBERS
    ),
    "quantile": ("quantile", NUMBERS),
    "quantile-normal": ({"quantile": {"distribution": "normal", "quantiles": 20}}, NUMBERS),
    "polynomial": (["impute", {"polynomial": 3}], NUMBERS),
    "polynomial-products": (
        ["impute", {"polynomial": {"interaction_only": True}}, "scale"], [*NUMBERS, "flag"]
    ),
    "spline": (["impute", "spline"], NUMBERS),
    "spline-periodic": (
        {"spline": {"knots": 4, "degree": 2, "place": "uniform", "outside": "periodic"}}, ["tenure"]
    ),
    "interactions": (["impute", "interactions"], [*NUMBERS, "flag"]),
    "interactions-keep": (
        [{"impute": {"indicator": True}}, {"interactions": {"keep": True}}], NUMBERS
    ),
    "bin": ({"bin": 3}, ["tenure"]),
    "bin-edges": ({"bin": {"edges": [12, 24.5]}}, ["tenure"]),
    "bin-edges-ordinal": (["impute", {"bin": {"edges": [12, 24], "encode": "ordinal"}}], NUMBERS),
    "bin-ordinal": ({"bin": {"bins": 3, "encode": "ordinal", "strategy": "kmeans"}}, ["tenure"]),
    "one_hot": ("one_hot", ["plan", "city"]),
    "one_hot-rare": ({"one_hot": {"min_frequency": 40, "unknown": "infrequent"}}, ["city"]),
    "one_hot-few": ({"one_hot": {"max_levels": 3, "drop": "if_binary"}}, ["city"]),
    "one_hot-flag": ("one_hot", ["flag"]),
    "ordinal": ("ordinal", ["plan", "city"]),
    "ordinal-order": ({"ordinal": {"order": ["basic", "plus", "pro"]}}, ["plan"]),
    "count": ("count", ["plan", "city", "flag"]),
    "count-share": ([{"impute": "most_frequent"}, {"count": True}], ["plan", "tenure"]),
    "hash": ({"hash": 4}, ["plan", "city"]),
    "embed": ({"embed": 3}, ["plan", "city", "memo"]),
    "embed-company": ({"embed": {"size": 2, "from": "cooccurrence"}}, ["plan", "city"]),
    "embed-company-filled": (
        [{"impute": "most_frequent"}, {"embed": {"from": "cooccurrence"}}, "scale"],
        ["plan", "city"],
    ),
    "embed-target": ({"embed": {"from": "target", "smooth": 5.0}}, ["plan", "city"]),
    "target_encode": ("target_encode", ["city", "plan"]),
    "target_encode-smooth": ({"target_encode": {"smooth": 10.0, "folds": 3}}, ["city"]),
    "date": ({"date": ["year", "month", "week", "weekend", "days", "hour"]}, ["signup"]),
    "date-cyclic": ({"date": {"parts": ["month", "year"], "cyclic": True}}, ["signup"]),
    "tfidf": ({"tfidf": 20}, ["note"]),
    "tfidf-char": ({"tfidf": {"analyzer": "char_wb", "ngrams": [2, 3]}}, ["note", "memo"]),
    "select": (["one_hot", "select"], ["plan", "city"]),
    "select-most": ([{"one_hot": 5}, {"select": {"keep": 0.5}}], ["plan", "city"]),
    "select-correlation": (
        [{"impute": {"indicator": True}}, {"select": {"by": "correlation", "above": 0.5}}], NUMBERS
    ),
    "select-information": (
        ["one_hot", {"select": {"by": "mutual_information", "keep": 9, "rows": 100}}],
        ["city", "plan"],
    ),
    "select-trees": ([{"impute": "median"}, {"select": {"by": "model", "keep": 2}}], NUMBERS),
    "select-linear": (
        ["one_hot", {"select": {"by": "model", "model": "linear", "keep": 0.9}}], ["city", "plan"]
    ),
    "transform": (
        {
            "transform": {
                "type": "sklearn.preprocessing.KBinsDiscretizer",
                "n_bins": 4,
                "quantile_method": "linear",
            }
        },
        ["tenure"],
    ),
    "transform-joins": (["impute", {"transform": "sklearn.decomposition.PCA"}], NUMBERS),
    "transform-levels": (
        {"transform": {"type": "sklearn.preprocessing.OneHotEncoder", "handle_unknown": "ignore"}},
        ["city", "plan"],
    ),
    "transform-texts": (
        {"transform": "sklearn.feature_extraction.text.CountVectorizer"}, ["note"]
    ),
    "transform-random": (
        [
            "impute",
            {"transform": {"type": "sklearn.kernel_approximation.RBFSampler", "n_components": 2}},
        ],
        NUMBERS,
    ),
    "counts": ({"counts": {"max_features": 5, "binary": True}}, ["note", "memo"]),
    "counts-pairs": ({"counts": {"ngrams": [1, 2], "min_count": 3}}, ["note"]),
    "hash_text": ({"hash_text": 16}, ["note", "memo"]),
    "hash_text-char": ({"hash_text": {"size": 32, "analyzer": "char", "norm": None}}, ["note"]),
    "text_length": ("text_length", ["note", "memo"]),
    "text_length-all": ({"text_length": [*TEXT_PARTS]}, ["note"]),
    "lsa": ({"lsa": 3}, ["note", "memo"]),
    "sentence_embed": ({"sentence_embed": str(MODEL)}, ["note"]),
    "holidays": ({"holidays": "DE"}, ["signup", "renewed"]),
    "holidays-state": (
        {"holidays": {"country": "US", "subdivision": "TX", "parts": ["days_to"]}},
        ["signup"],
    ),
    "age": ({"age": "renewed"}, ["signup"], ["renewed"]),
    "age-fixed": ({"age": {"date": "2024-01-01", "unit": "years"}}, ["signup", "renewed"]),
    "svd": (["tfidf", {"svd": 3}], ["note", "memo"]),
    "svd-narrow": ({"svd": 2}, ["tenure"]),
    "keep": ("keep", [*NUMBERS, "flag"]),
}  # fmt: skip
TOLERANCE = {"sentence_embed": 1e-6}
"""How far one row may be from bulk, where it is not exact."""
KINDS = {
    "tenure": "number", "charges": "number", "flag": "boolean", "plan": "category",
    "city": "category", "signup": "date", "renewed": "date", "note": "text", "memo": "text",
}  # fmt: skip
WORDS = ["late", "early", "call", "again", "refund", "thanks"]


@lru_cache
def _rows(seed: int, count: int = 200) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    note = [" ".join(rng.choice(WORDS, 5)) for _ in range(count)]
    frame = pd.DataFrame(
        {
            "tenure": rng.integers(0, 60, count),
            "charges": rng.normal(50, 20, count),
            "flag": pd.Series(rng.choice([True, False], count)).astype(object),
            "plan": rng.choice(["basic", "plus", "pro"], count),
            "city": rng.choice(list("abcdefgh"), count),
            "signup": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, count), "D"),
            "renewed": pd.Timestamp("2022-12-24")
            + pd.to_timedelta(rng.integers(0, 30, count), "D"),
            "note": note,
            "memo": note[::-1],
        }
    )
    for number, name in enumerate(["charges", "flag", "plan", "city", "signup", "renewed", "note"]):
        frame.loc[number :: 11 + number, name] = None
    return frame, pd.Series(rng.choice(["no", "yes"], count))


def _words(written: object) -> list[Transform]:
    return [step(one) for one in (written if isinstance(written, list) else [written])]


def _plan(written: object, columns: list[str], family: str = "linear") -> Plan:
    steps = [{word.word: word.model_dump(mode="json")} for word in _words(written)]
    return Plan(
        format=FORMAT,
        task="binary",
        timezone=None,
        inputs=[{"name": name, "kind": kind, "type": ""} for name, kind in KINDS.items()],
        look_back=[],
        python=[],
        models={
            "m": {"family": family, "blocks": [{"columns": columns, "steps": steps, "reason": ""}]}
        },
    )


def _dense(matrix: object) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)


def _param(name):
    needs_model = name == "sentence_embed" and MODEL is None
    return pytest.param(name, marks=pytest.mark.skipif(needs_model, reason=WHY))


@pytest.fixture(params=[_param(name) for name in CASES])
def case(request):
    return CASES[request.param][:2]


@pytest.fixture
def read(request, case):
    """The columns of the case, and those that its words read beside them."""
    beside = CASES[request.node.callspec.params["case"]][2:]
    return {*case[1], *(beside[0] if beside else ())}


@pytest.fixture
def plan(case):
    return _plan(*case)


def test_the_suite_covers_every_transform():
    covered = {word.word for written, *_ in CASES.values() for word in _words(written)}
    assert covered == {word.word for word in TRANSFORMS}


def test_words_are_told_apart_by_name():
    words = [word.word for word in (*TRANSFORMS, *LOOK_BACKS)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("word", [*TRANSFORMS, *LOOK_BACKS], ids=lambda word: word.word)
def test_every_parameter_is_documented(word):
    assert word.__doc__
    undocumented = [name for name, field in word.model_fields.items() if not field.description]
    assert undocumented == []


def test_round_trips_through_yaml(case):
    for word in _words(case[0]):
        assert type(word).read(word.model_dump(mode="json")) == word
        assert step({word.word: word.model_dump(mode="json")}) == word


def test_same_seed_gives_the_same_features(plan):
    frame, target = _rows(1)
    first = build(plan, "m", 7).fit_transform(frame, target)
    again = build(plan, "m", 7).fit_transform(frame, target)
    np.testing.assert_array_equal(_dense(first), _dense(again))


def test_leaves_its_input_alone(plan):
    frame, target = _rows(1)
    before, labels = frame.copy(deep=True), target.copy(deep=True)
    fitted = build(plan, "m", 7)
    fitted.fit_transform(frame, target)
    fitted.transform(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_series_equal(target, labels)


def test_names_are_unique_and_as_many_as_the_features(plan, case, read):
    frame, target = _rows(1)
    fitted = build(plan, "m", 7)
    made = fitted.fit_transform(frame, target)
    names = fitted.get_feature_names_out()
    assert len(names) == made.shape[1]
    assert len(set(names)) == len(names)
    assert list(lineage(fitted)) == list(names)
    assert {column for columns in lineage(fitted).values() for column in columns} == read
    # A name begins with the column that it is of; a product names them all: a*b, a^2; what is of
    # no column in particular is made from all.
    for name, columns in lineage(fitted).items():
        factors = [re.sub(r"\^\d$", "", each).split("__")[0] for each in name.split("*")]
        own = list(dict.fromkeys(factors))
        if name.startswith(("pca", "rbfsampler")):
            assert columns == case[1]
        else:
            assert (columns if "*" in name else columns[:1]) == own


def test_a_clone_is_unfitted_and_equal(plan):
    frame, target = _rows(1)
    pipeline = build(plan, "m", 7)
    made = pipeline.fit_transform(frame, target)
    np.testing.assert_array_equal(
        _dense(clone(pipeline).fit_transform(frame, target)), _dense(made)
    )


def test_round_trips_through_skops(plan):
    frame, target = _rows(1)
    fitted = build(plan, "m", 7)
    fitted.fit_transform(frame, target)
    loaded = skops.io.loads(skops.io.dumps(fitted), trusted=list(TRUSTED))
    others, _ = _rows(2)
    np.testing.assert_array_equal(
        _dense(loaded.transform(others)), _dense(fitted.transform(others))
    )
    assert list(loaded.get_feature_names_out()) == list(fitted.get_feature_names_out())


def test_what_is_learned_comes_from_train_only(plan):
    frame, target = _rows(1)
    others, _ = _rows(2)
    fitted = build(plan, "m", 7)
    fitted.fit_transform(frame, target)
    before = _dense(fitted.transform(frame))
    fitted.transform(others)
    np.testing.assert_array_equal(_dense(fitted.transform(frame)), before)


def test_one_row_equals_bulk(plan, request):
    frame, target = _rows(1)
    others, _ = _rows(2)
    fitted = build(plan, "m", 7)
    fitted.fit_transform(frame, target)
    bulk = _dense(fitted.transform(others))
    for row in range(40):
        # From a dict, as a request brings it: dtypes are whatever one value makes of them.
        one = pd.DataFrame([others.iloc[row].to_dict()])
        near = TOLERANCE.get(request.node.callspec.params["case"], 0)
        made = _dense(fitted.transform(one))[0]
        np.testing.assert_allclose(made, bulk[row], rtol=1e-12, atol=near)


def test_only_the_needed_columns_are_read(plan, read):
    frame, target = _rows(1)
    assert set(needed(plan, "m")) == read
    narrow = build(plan, "m", 7).fit_transform(frame[needed(plan, "m")], target)
    whole = build(plan, "m", 7).fit_transform(frame, target)
    np.testing.assert_array_equal(_dense(narrow), _dense(whole))


@pytest.mark.parametrize(
    "written",
    [
        {"impute": {"strategy": "constant"}},
        {"impute": "mode"},
        {"scale": "zscore"},
        {"bin": 1},
        {"bin": 256},
        {"bin": {"edges": [2, 1]}},
        {"bin": {"edges": [1, 1]}},
        {"bin": {"edges": [1, 2], "bins": 3}},
        {"bin": {"edges": [1, 2], "strategy": "uniform"}},
        {"normalize": "l3"},
        {"power": "box-cox"},
        {"quantile": "poisson"},
        {"quantile": {"quantiles": 1}},
        {"polynomial": 1},
        {"polynomial": 6},
        {"spline": 1},
        {"spline": {"outside": "error"}},
        {"interactions": 2},
        {"one_hot": 0},
        {"one_hot": {"max_levels": 1}},
        {"ordinal": ["a", "a"]},
        {"target_encode": {"folds": 1}},
        {"target_encode": -1.0},
        {"hash": 1},
        {"count": 3},
        {"embed": 0},
        {"embed": {"from": "nowhere"}},
        {"embed": {"source": "strings"}},
        {"embed": {"from": "target", "size": 3}},
        {"embed": {"from": "strings", "smooth": 3.0}},
        {"embed": {"from": "cooccurrence", "folds": 3}},
        {"select": "chance"},
        {"select": {"keep": 0}},
        {"select": {"keep": 1.5}},
        {"select": {"keep": 2, "above": 0.1}},
        {"select": {"by": "correlation", "keep": 2}},
        {"select": {"by": "mutual_information"}},
        {"select": {"by": "variance", "rows": 1000}},
        {"select": {"by": "mutual_information", "keep": 3, "model": "trees"}},
        "transform",
        {"transform": "sklearn.preprocessing"},
        {"transform": "sklearn.linear_model.Ridge"},
        {"transform": "os.system"},
        {"transform": {"type": "sklearn.preprocessing.MinMaxScaler", "range": [0, 1]}},
        {"transform": {"type": "sklearn.preprocessing.MinMaxScaler", "feature_range": "wide"}},
        {"date": []},
        {"date": ["moon"]},
        {"tfidf": {"ngrams": [2, 1]}},
        {"tfidf": 0},
        {"svd": 0},
        {"counts": 0},
        {"hash_text": 1},
        {"hash_text": {"ngrams": [2, 1]}},
        {"text_length": ["colour"]},
        {"lsa": 0},
        {"holidays": "XX"},
        {"holidays": {"country": "DE", "subdivision": "TX"}},
        {"holidays": {"country": "DE", "parts": []}},
        "holidays",
        "sentence_embed",
        {"sentence_embed": {"model": "x", "batch": 0}},
        {"age": {"at": "signup", "date": "2024-01-01"}},
        {"age": {"date": "soon"}},
        {"age": {"date": "2024-01-01T00:00:00+01:00"}},
        {"age": {"unit": "weeks"}},
        {"clip": {"min": 2.0, "max": 1.0}},
        {"clip": {"quantiles": [0.1, 0.9], "min": 2.0}},
        {"log": -1.0},
        {"lag": 0},
        {"lag": "soon"},
        {"rolling": {"windows": [3], "statistics": ["mode"]}},
        {"expanding": "median"},
        {"expanding": []},
        {"change": 0},
        {"difference": "soon"},
        "rolling",
        {"scale": "standard", "impute": "median"},
        "scle",
    ],
)
def test_bad_parameters_are_refused(written):
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        step(written)
