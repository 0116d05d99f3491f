"""Thresholds by group as a candidate: fairlearn's, out of fold, and fairer on unseen rows."""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.bundle.mitigated import GroupThresholds, chances, read_rules
from mlpipe.bundle.model import Model
from mlpipe.errors import DataError, SpecError, StoreError
from mlpipe.table.columns import Columns
from mlpipe.train.misfits import misfits
from mlpipe.train.mitigate import group_rules, optimized
from mlpipe.train.models.mitigated import ThresholdOptimizer
from mlpipe.train.spec import Train
from tests.train.samples import learn, rows

if TYPE_CHECKING:
    from mlpipe.table.session import Session

LINEAR = "logistic_regression"
FAIR: dict[str, Any] = {"type": "threshold_optimizer", "of": "linear", "sensitive": "sex"}
COLUMNS = Columns.read({"target": {"name": "target"}, "sensitive": ["sex"]})


def unequal(count: int, seed: int = 0) -> pd.DataFrame:
    """Rows of two sexes, one of which pays more and so is chosen more often."""
    frame = rows(count, seed=seed)
    generator = np.random.default_rng(seed + 1)
    women = generator.random(count) < 0.45
    frame["sex"] = np.where(women, "f", "m")
    frame["fee"] = frame["fee"] + np.where(women, 0, 9)
    signal = (frame["fee"].fillna(50) - 54) / 8 + generator.normal(0, 1, count)
    frame["target"] = np.where(signal > 0.3, "yes", "no")
    return frame


def told(seed: int = 0, count: int = 1500) -> tuple[np.ndarray, np.ndarray, pd.Series[str]]:
    generator = np.random.default_rng(seed)
    groups = pd.Series(generator.choice(["f", "m", "x"], count, p=[0.4, 0.5, 0.1]), name="sex")
    shift = groups.map({"f": -0.6, "m": 0.3, "x": 0.0}).to_numpy()
    signal = generator.normal(size=count) + shift
    score = 1 / (1 + np.exp(-signal))
    y = (generator.random(count) < score).astype(int)
    return score, y, groups


@pytest.mark.parametrize(
    "settings",
    [
        {"constraint": "demographic_parity"},
        {"constraint": "true_positive_rate_parity", "objective": "accuracy_score"},
        {"constraint": "false_positive_rate_parity", "flip": True},
        {"constraint": "demographic_parity", "tolerance": 0.05},
        {"constraint": "equalized_odds"},
    ],
)
def test_chances_are_those_of_fairlearn(settings: dict[str, Any]) -> None:
    model = ThresholdOptimizer.read({**FAIR, **settings, "grid_size": 200})
    score, y, groups = told()
    rules = group_rules("fair", model, score, y, groups)
    new, _, new_groups = told(seed=5)
    found = chances(read_rules(json.dumps(rules)), new, new_groups)
    codes, names = pd.factorize(groups)
    theirs = optimized(model, score, y, codes)
    given = pd.Series(names).reset_index().set_index(0)["index"]
    expected = theirs._pmf_predict(
        new[:, None], sensitive_features=new_groups.map(given).to_numpy()
    )
    assert found == pytest.approx(expected[:, 1], abs=1e-12)
    assert len(np.unique(found)) > 1


def test_it_lowers_the_gap_on_rows_that_nothing_was_learned_from(session: Session) -> None:
    frame = unequal(3000)
    spec = {"models": {"linear": LINEAR, "fair": {**FAIR, "instead": True}}, "importance": False}
    found = learn(session, frame, spec, columns=COLUMNS)
    assert found["report"]["chosen"] == "fair"
    model = Model.loads(found["model.skops"])
    new = unequal(6000, seed=9)
    women = (new["sex"] == "f").to_numpy()

    def gap(chosen: np.ndarray) -> float:
        return abs(float(chosen[women].mean() - chosen[~women].mean()))

    member = model.pipeline.members["linear"]
    plainly = member.predict_proba(new)[:, 1] >= 0.5
    assert gap(plainly) > 0.3
    assert gap(model.scores(new) >= 0.5) < 0.06
    alone = [float(model.scores(new.iloc[[place]])[0]) for place in range(30)]
    together = model.scores(new)[:30]
    assert alone == pytest.approx(together.tolist(), rel=1e-12)
    assert [score >= 0.5 for score in alone] == (together >= 0.5).tolist()


def test_the_bundle_asks_for_the_groups_and_holds_their_rules_as_text(session: Session) -> None:
    frame = unequal(900)
    spec = {"models": {"linear": LINEAR, "fair": {**FAIR, "instead": True}}, "importance": False}
    found = learn(session, frame, spec, columns=COLUMNS)
    again = learn(session, frame, spec, columns=COLUMNS)
    assert found["model.skops"] == again["model.skops"]
    inputs = {each["name"]: each for each in found["model"]["inputs"]}
    assert inputs["sex"]["type"] == "string"
    assert not inputs["sex"]["nullable"]
    model = Model.loads(found["model.skops"])
    assert isinstance(model.pipeline, GroupThresholds)
    assert {each["group"] for each in json.loads(model.pipeline.rules)} == {"f", "m"}
    with pytest.raises(DataError, match="sex has no rule for 'x'"):
        model.scores(frame.assign(sex="x"))
    broken = Model("binary", 2, GroupThresholds("binary", 2, {}, rules='[{"group": 1}]'))
    with pytest.raises(StoreError, match="no model of ours"):
        Model.of_parts(broken.parts())


def test_it_competes_and_its_member_may_win(session: Session) -> None:
    spec = {"models": {"linear": LINEAR, "fair": FAIR}, "importance": False}
    found = learn(session, unequal(900), spec, columns=COLUMNS)
    assert [each["name"] for each in found["candidates"]["models"]] == ["linear", "fair"]
    assert found["report"]["chosen"] == "linear"  # by roc_auc, fairness costs


def test_a_group_of_one_class_is_told() -> None:
    score, y, groups = told()
    model = ThresholdOptimizer.read(FAIR)
    with pytest.raises(DataError, match=r"sex=x has .* rows of one class") as caught:
        group_rules("fair", model, score, np.where(groups == "x", 0, y), groups)
    assert caught.value.problems[0].key == "train.models.fair.sensitive"


def test_weights_are_refused(session: Session) -> None:
    frame = unequal(600).assign(w=1.0)
    columns = Columns.read({"target": {"name": "target"}, "sensitive": ["sex"], "weight": "w"})
    spec = {"models": {"linear": LINEAR, "fair": FAIR}, "importance": False}
    with pytest.raises(SpecError, match="takes no row weights"):
        learn(session, frame, spec, columns=columns)


def test_a_missing_extra_is_one_line_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    model = ThresholdOptimizer.read(FAIR)
    assert list(model.refusals("binary")) == [
        (("type",), "fairlearn is not installed", "pip install 'mlpipe[fairness]'")
    ]
    real = builtins.__import__

    def without(name: str, *args: Any, **given: Any) -> Any:
        if name.startswith("fairlearn"):
            raise ImportError(name)
        return real(name, *args, **given)

    monkeypatch.setattr(builtins, "__import__", without)
    score, y, groups = told()
    with pytest.raises(SpecError, match="fairlearn is not installed") as caught:
        group_rules("fair", model, score, y, groups)
    assert caught.value.problems[0].hint == "pip install 'mlpipe[fairness]'"


@pytest.mark.parametrize(
    ("change", "task", "place"),
    [
        ({}, "binary", None),
        ({}, "multiclass", ("models", "fair", "type")),
        ({"of": "linaer"}, "binary", ("models", "fair", "of", 0)),
        (
            {"constraint": "equalized_odds", "objective": "selection_rate"},
            "binary",
            ("models", "fair", "objective"),
        ),
        (
            {"constraint": "equalized_odds", "tolerance": 0.1},
            "binary",
            ("models", "fair", "tolerance"),
        ),
    ],
)
def test_what_does_not_fit_is_found_at_its_place(
    change: dict[str, Any], task: str, place: tuple[Any, ...] | None
) -> None:
    spec = Train.read({"models": {"linear": LINEAR, "fair": {**FAIR, **change}}})
    assert [at for at, _, _ in misfits(spec, task)] == ([place] if place else [])


def test_its_scores_are_not_calibrated() -> None:
    spec = Train.read({"models": {"linear": LINEAR, "fair": FAIR}, "calibrate": "isotonic"})
    assert [at for at, _, _ in misfits(spec, "binary")] == [("calibrate",)]
