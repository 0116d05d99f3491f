"""``featurize: auto`` against blocks written by hand for each set of real data."""

import json
from pathlib import Path

import pytest

from mlpipe.spec.dump import flow
from tests.project import run_json
from tests.real.test_real import DATA, ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data is not there: no folder {DATA}"),
]

NUMBERS = ["impute", "scale"]
CENSUS = {"columns": ["age", "education_num", "hours_per_week", "fnlwgt"]}
GAINS = {"columns": ["capital_gain", "capital_loss"]}
LEVELS = {"columns": {"kind": "category"}}

BY_HAND = {
    ("adult", "linear"): [
        {**CENSUS, "steps": [{"bin": 12}]},
        {**GAINS, "steps": ["log", "scale"]},
        {**LEVELS, "steps": [{"one_hot": 20}]},
    ],
    ("adult", "boosted"): [
        {**CENSUS, "steps": ["keep"]},
        {**GAINS, "steps": ["keep"]},
        {**LEVELS, "steps": ["ordinal"]},
    ],
    ("sms_spam", "linear"): [
        {
            "columns": ["message"],
            "steps": [{"tfidf": {"analyzer": "char_wb", "ngrams": [2, 5], "max_features": 20000}}],
        }
    ],
    ("sms_spam", "boosted"): [{"columns": ["message"], "steps": [{"tfidf": 2000}, {"svd": 100}]}],
    ("california_housing", "boosted"): [
        {"columns": {"kind": "number"}, "steps": ["keep"]},
        {**LEVELS, "steps": ["ordinal"]},
    ],
    ("bike_sharing", "boosted"): [
        {"columns": {"kind": "number"}, "steps": ["keep"]},
    ],
}  # fmt: skip
LINEAR = {"type": "logistic_regression", "max_iter": 3000}
BOOSTED = {"type": "hist_gradient_boosting"}
MODELS = {
    "adult": {"linear": LINEAR, "boosted": BOOSTED},
    "sms_spam": {"linear": LINEAR, "boosted": BOOSTED},
    "california_housing": {"boosted": BOOSTED},
    "bike_sharing": {"boosted": BOOSTED},
}


def _scores(name, featurize, tmp_path):
    """Return AUC, or r2 of a regression, of each model: its mean over the folds."""
    runs, metric = str(tmp_path / "runs"), "roc_auc" if len(MODELS[name]) > 1 else "r2"
    document = run_json(
        ROOT, "train", str(Path("tests") / "real" / f"{name}.yaml"), "--runs-dir", runs,
        "-S", f"featurize={featurize}",
        "-S", f"train={flow({'models': MODELS[name], 'folds': 2, 'select': metric})}",
    )  # fmt: skip
    assert document["exit_code"] == 0, document
    (step,) = (each for each in document["steps"] if each["step"] == "train")
    candidates = json.loads((Path(step["path"]) / "candidates.json").read_text())
    return {each["name"]: each["mean"] for each in candidates["models"]}


@pytest.mark.parametrize("name", MODELS)
def test_auto_is_within_one_percent_of_features_by_hand(name, tmp_path):
    by_hand = [
        {**block, "for": [model]} for model in MODELS[name] for block in BY_HAND[name, model]
    ]
    auto = _scores(name, "auto", tmp_path)
    hand = _scores(name, flow([*by_hand, {"rest": "drop"}]), tmp_path)
    for model in MODELS[name]:
        assert auto[model] >= hand[model] - 0.01, (auto, hand)
