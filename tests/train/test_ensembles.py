"""Voting and stacking: members keep their features, and a stack learns from unseen rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mlpipe.bundle.combined import Blend, Stack, raw_scores, side_by_side
from mlpipe.bundle.model import Model
from mlpipe.errors import DataError, SpecError
from mlpipe.table.columns import Columns
from mlpipe.train.ensemble import columns_of, fit_candidate, leaves
from mlpipe.train.fit import Data
from mlpipe.train.inner import InnerFolds
from mlpipe.train.misfits import misfits
from mlpipe.train.spec import Train
from tests.train.samples import CLASSES, NUMBERS, learn, parts, plan, rows, teaching
from tests.train.test_models import errors

if TYPE_CHECKING:
    from mlpipe.table.session import Session

LINEAR = "logistic_regression"
TREES = {"type": "hist_gradient_boosting", "max_iter": 8}
MEMBERS: dict[str, Any] = {"linear": LINEAR, "boosted": TREES}
TARGETS = {"binary": 2, "multiclass": 3, "regression": 0}


def section(models: dict[str, Any]) -> Train:
    return Train.read({"models": models})


def data_of(spec: Train, task: str = "binary", folds: int = 4) -> Data:
    frame = rows(task=task)
    y = frame["target"].to_numpy()
    labels: tuple[Any, ...] = ()
    if task != "regression":
        found, y = np.unique(y, return_inverse=True)
        labels = tuple(found)
    inner = InnerFolds("crossed", np.arange(len(frame)) % folds)
    return Data(frame, y, None, task, len(labels), labels, (), inner, None, spec.models)


def fitted(models: dict[str, Any], name: str, task: str = "binary") -> tuple[Any, Data]:
    spec = section(models)
    data = data_of(spec, task)
    made = plan(spec.families(task), task=task)
    on = np.arange(200)
    return fit_candidate(name, spec.models[name], on, data, made, 3), data


def members(task: str) -> dict[str, Any]:
    return {**MEMBERS, "linear": "ridge" if task == "regression" else LINEAR}


@pytest.mark.parametrize("task", TARGETS)
def test_voting_is_the_weighted_mean_of_its_members(task: str) -> None:
    vote = {"type": "voting", "of": ["linear", "boosted"], "weights": [1, 3]}
    models = {"blend": vote, **members(task)}
    blend, data = fitted(models, "blend", task)
    alone = [fitted(models, name, task)[0] for name in ("linear", "boosted")]
    one, two = (raw_scores(each, task, TARGETS[task], data.frame) for each in alone)
    assert np.allclose(blend.scores(data.frame), (one + 3 * two) / 4, rtol=1e-12)
    assert isinstance(blend, Blend)


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("kind", ["voting", "stacking"])
def test_they_come_back_from_a_bundle(kind: str, task: str) -> None:
    models = {"both": {"type": kind, "of": ["linear", "boosted"]}, **members(task)}
    made = [Model(task, TARGETS[task], fitted(models, "both", task)[0]) for _ in range(2)]
    data = made[0].dumps()
    again = Model.loads(data)
    frame = rows(60, task, seed=5)
    assert again.scores(frame).tobytes() == made[0].scores(frame).tobytes()
    assert again.dumps() == made[1].dumps() == data
    assert again.feature_names()[:2] == ["linear.age", "linear.fee"]
    assert "boosted.fee" in again.feature_names()


def test_a_stack_does_not_believe_what_was_learned_by_heart() -> None:
    """On noise, a member that knows its rows by heart is worth nothing on others."""
    heart = {"type": "extra_trees", "n_estimators": 5}
    models = {"stack": {"type": "stacking", "of": ["heart", "linear"]}, "heart": heart,
              "linear": LINEAR}  # fmt: skip
    spec = section(models)
    data = data_of(spec)
    noise = np.random.default_rng(1).integers(0, 2, len(data.y))
    data = Data(data.frame, noise, None, "binary", 2, (0, 1), (), data.inner, None, spec.models)
    made = plan(spec.families("binary"))
    stack = fit_candidate("stack", spec.models["stack"], np.arange(240), data, made, 3)
    assert isinstance(stack, Stack)
    seen = raw_scores(stack.members["heart"], "binary", 2, data.frame)
    assert roc_auc_score(noise, seen) > 0.99
    assert abs(stack.final.coef_[0, 0]) < 1
    # Had the last model seen those scores, it would trust them.
    fooled = LogisticRegression().fit(side_by_side(stack.said(data.frame)), noise)
    assert fooled.coef_[0, 0] > 3


def test_inner_folds_never_score_a_row_they_were_fitted_on() -> None:
    inner = InnerFolds("crossed", np.array([0, 0, 1, 1, 2, 2, -1]))
    pairs = inner.pairs(np.array([2, 3, 4, 5, 6]), 5, "k")
    assert [(fit.tolist(), score.tolist()) for fit, score in pairs] == [
        ([4, 5, 6], [2, 3]),
        ([2, 3, 6], [4, 5]),
    ]
    assert len(InnerFolds("crossed", np.arange(10)).pairs(np.arange(10), 3, "k")) == 3
    with pytest.raises(SpecError, match="there are 1"):
        inner.pairs(np.array([0, 1, 6]), 5, "train.models.stack")


@given(
    st.lists(st.integers(0, 60), min_size=8, max_size=60),
    st.integers(2, 5),
    st.integers(0, 10),
)
def test_inner_folds_of_time_only_look_back(times: list[int], count: int, gap: int) -> None:
    moment = np.array(times)
    inner = InnerFolds("expanding", np.zeros(len(times), int), moment, gap)
    on = np.arange(len(times))
    try:
        pairs = inner.pairs(on, count, "k")
    except DataError:
        return
    assert 1 <= len(pairs) <= count
    scored = np.concatenate([score for _, score in pairs])
    assert len(set(scored.tolist())) == len(scored)
    for fit, score in pairs:
        assert moment[fit].max() <= moment[score].min() - gap
        assert gap or moment[fit].max() < moment[score].min()


def test_inner_folds_of_one_time() -> None:
    inner = InnerFolds("expanding", np.zeros(9, int), np.zeros(9, int))
    with pytest.raises(DataError, match="too few times"):
        inner.pairs(np.arange(9), 3, "k")


def test_each_member_keeps_its_own_features() -> None:
    spec = section({"blend": {"type": "voting", "of": ["linear", "boosted"]}, **MEMBERS})
    made = plan(spec.families("binary"))
    made["models"]["linear"]["blocks"] = [{**CLASSES, "reason": ""}]
    made["models"]["boosted"]["blocks"] = [{**NUMBERS, "reason": ""}]
    assert spec.families("binary") == {"linear": "linear", "boosted": "trees"}
    assert columns_of(made, "blend", spec.models) == ["age", "fee", "plan", "paid"]
    assert columns_of(made, "linear", spec.models) == ["plan"]
    data = data_of(spec)
    blend = fit_candidate("blend", spec.models["blend"], np.arange(200), data, made, 3)
    names = Model("binary", 2, blend).feature_names()
    assert names == ["linear.plan__basic", "linear.plan__plus", "linear.plan__pro",
                     "boosted.age", "boosted.fee", "boosted.paid"]  # fmt: skip


def test_members_of_members() -> None:
    models = {
        "top": {"type": "voting", "of": ["blend", "linear"]},
        "blend": {"type": "voting", "of": ["linear", "boosted"]},
        **MEMBERS,
    }
    assert leaves("top", section(models).models) == ["linear", "boosted"]
    top, data = fitted(models, "top")
    assert top.scores(data.frame).shape == (240,)
    assert list(misfits(section(models), "binary")) == []


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stack_is_trained_compared_and_described(session: Session, jobs: int) -> None:
    weak = {"a": {"type": "k_neighbors", "n_neighbors": 1},
            "b": {"type": "decision_tree", "max_depth": 1}}  # fmt: skip
    models = {"stack": {"type": "stacking", "of": ["a", "b"], "folds": 3}, **weak}
    found = learn(session, rows(400), {"models": models}, split=parts(400), jobs=jobs)
    assert found["report"]["chosen"] == "stack"
    about = found["model"]["model"]
    assert about["members"] == ["a", "b"]
    assert about["params"]["of"] == ["a", "b"]
    assert found["model"]["lineage"]["a.plan__pro"] == ["plan"]
    assert {each["name"] for each in found["model"]["inputs"]} == {"age", "fee", "plan", "paid"}
    assert len(Model.loads(found["model.skops"]).scores(rows(10))) == 10
    assert {each["column"] for each in found["report"]["importance"]} >= {"fee", "plan"}


def test_a_stack_over_time(session: Session) -> None:
    frame = rows(300).sort_values("since", ignore_index=True).assign(_row=range(300))
    split = parts(300, valid=0)
    split["fold"] = np.where(split["part"] == "train", split["_row"] // 65, -1)
    columns = Columns.read({"target": "target", "time": "since"})
    spec = {"models": {"stack": {"type": "stacking", "of": ["linear", "boosted"]}, **MEMBERS}}
    found = learn(session, frame, spec, columns=columns, split=teaching(split), kind="expanding")
    scores = {each["name"]: each["mean"] for each in found["candidates"]["models"]}
    assert scores["stack"] > 0.75


def test_a_stack_needs_folds_that_are_not_held_out(session: Session) -> None:
    spec = {"models": {"stack": {"type": "stacking", "of": ["linear", "boosted"]}, **MEMBERS}}
    with pytest.raises(SpecError, match="at least 3") as caught:
        learn(session, rows(), {**spec, "folds": 2}, split=parts(240, 2), folds=2)
    assert caught.value.problems[0].key == "train.models.stack"


def test_weights_reach_the_members_and_the_last_model(session: Session) -> None:
    frame = rows(task="regression")
    columns = Columns.read({"target": "target", "weight": "age"})
    stack = {"type": "stacking", "of": ["a", "b"]}
    last = {**stack, "final": "k_neighbors"}
    models = {"stack": stack, "a": "ridge", "b": "lasso"}
    learn(session, frame, {"models": models}, "regression", columns)
    with pytest.raises(SpecError, match="takes no row weights") as caught:
        learn(session, frame, {"models": {**models, "stack": last}}, "regression", columns)
    assert caught.value.problems[0].key == "train.models.stack"


def test_a_vote_takes_no_mean_of_margins(session: Session) -> None:
    models = {"vote": {"type": "voting", "of": ["linear", "svm"]}, "linear": LINEAR,
              "svm": "linear_svc"}  # fmt: skip
    with pytest.raises(SpecError, match="svm gives none") as caught:
        learn(session, rows(), {"models": models, "calibrate": "sigmoid"})
    assert caught.value.problems[0].key == "train.models.vote.of.1"
    stack = {**models, "vote": {"type": "stacking", "of": ["linear", "svm"]}}
    learn(session, rows(), {"models": stack, "calibrate": "sigmoid"})


@pytest.mark.parametrize(
    ("models", "place", "says", "hint"),
    [
        (
            {"v": {"type": "voting", "of": ["linaer", "boosted"]}},
            ("v", "of", 0),
            "no model",
            "'linear'",
        ),
        ({"v": {"type": "voting", "of": ["v", "linear"]}}, ("v", "of", 0), "v → v", ""),
        (
            {"v": {"type": "stacking", "of": ["linear", "boosted"], "final": "ridge"}},
            ("v", "final"),
            "not binary",
            "logistic_regression",
        ),
        (
            {
                "v": {
                    "type": "stacking",
                    "of": ["linear", "boosted"],
                    "final": {"type": "svc", "C": -1.0},
                }
            },
            ("v", "final", "C"),
            "'C' parameter",
            "",
        ),
        (
            {
                "v": {
                    "type": "stacking",
                    "of": ["linear", "boosted"],
                    "final": {"type": "lightgbm", "early_stopping": "valid"},
                }
            },
            ("v", "final", "early_stopping"),
            "cannot stop early",
            "",
        ),
    ],
)
def test_members_that_do_not_fit(models: Any, place: Any, says: str, hint: str) -> None:
    ((found, message, said),) = misfits(section({**models, **MEMBERS}), "binary")
    assert found == ("models", *place)
    assert says in message
    assert hint in said


def test_circles_are_told_from_each_side() -> None:
    models = {
        "a": {"type": "voting", "of": ["b", "linear"]},
        "b": {"type": "stacking", "of": ["a", "linear"]},
        **MEMBERS,
    }
    found = list(misfits(section(models), "binary"))
    assert [message.partition(": ")[2] for _, message, _ in found] == ["a → b → a", "b → a → b"]


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ({"of": ["a"]}, "at least 2"),
        ({"of": ["a", "a"]}, "more than once"),
        ({"of": ["a", "b"], "weights": [1]}, "at least 2"),
        ({"of": ["a", "b"], "weights": [1, 2, 3]}, "2 members and 3 weights"),
        ({"of": ["a", "b"], "weights": [0, 0]}, "all weights are 0"),
        ({"of": ["a", "b"], "weights": [1, -1]}, "greater than or equal to 0"),
    ],
)
def test_mistakes_in_a_vote(model: Any, says: str) -> None:
    assert says in errors({"models": {"v": {"type": "voting", **model}}})[0][1]
