"""The learning curve: growing shares of each fold, and whether more rows would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.metrics.scores import METRICS
from mlpipe.table.columns import Columns
from mlpipe.train.learning import _share_of, _verdict, growing
from mlpipe.train.rows import read_rows
from mlpipe.train.spec import Train
from tests.train.samples import COLUMNS, learn, parts, plan, rows, teaching

if TYPE_CHECKING:
    from mlpipe.table.session import Session
    from mlpipe.train.learning import Growing

LINEAR = {"linear": {"type": "logistic_regression"}}
CURVE: dict[str, Any] = {"models": LINEAR, "learning_curve": True}


def shares(
    session: Session,
    frame: pd.DataFrame,
    columns: Columns,
    kind: str = "crossed",
    split: pd.DataFrame | None = None,
) -> Growing:
    """The shares of the curve over three folds."""
    table = session.frame(frame)
    split = parts(len(frame)) if split is None else split
    planned = plan({"linear": "linear"})
    known = read_rows(
        "binary", columns, planned, table, session.frame(split), session, folds=(kind, 3)
    )
    spec = Train.read(CURVE).asked_curve()
    return growing(spec, columns, kind, table, known, session, 7)


def test_the_curve_of_the_report(session: Session) -> None:
    found = learn(session, rows(400), CURVE)["report"]["learning_curve"]
    assert [each["share"] for each in found["points"]] == [0.1, 0.25, 0.5, 0.75, 1.0]
    assert (found["metric"], found["taken"]) == ("roc_auc", "rows at random")
    sizes = [each["rows"] for each in found["points"]]
    assert sizes == sorted(sizes)
    assert sizes[-1] == round(320 * 2 / 3)
    for point in found["points"]:
        assert len(point["held_out"]["folds"]) == 3
        values = [value for value in point["held_out"]["folds"] if value is not None]
        assert point["held_out"]["mean"] == pytest.approx(np.mean(values))
        assert point["held_out"]["std"] == pytest.approx(np.std(values, ddof=1))
    assert found["words"].startswith("from 75% to 100% of the rows, held-out roc_auc got ")


def test_all_rows_give_the_scores_of_the_comparison(session: Session) -> None:
    found = learn(session, rows(400), CURVE)
    whole = found["report"]["learning_curve"]["points"][-1]["held_out"]["folds"]
    compared = [fold["value"] for fold in found["candidates"]["models"][0]["folds"]]
    assert whole == pytest.approx(compared, rel=1e-12)


def test_a_model_that_learns_by_heart_is_best_on_few_rows_of_train(session: Session) -> None:
    forest = {"models": {"f": {"type": "random_forest", "min_samples_leaf": 1}}}
    spec = {**forest, "learning_curve": {"shares": [0.2, 1.0]}, "importance": False}
    points = learn(session, rows(400), spec)["report"]["learning_curve"]["points"]
    assert all(point["train"]["mean"] > 0.99 for point in points)
    assert all(point["held_out"]["mean"] < 0.95 for point in points)


def test_nothing_else_changes_by_it(session: Session) -> None:
    plain = learn(session, rows(), {"models": LINEAR})
    curved = learn(session, rows(), CURVE)
    assert plain["report"]["learning_curve"] is None
    assert {**curved["report"], "learning_curve": None} == plain["report"]
    assert curved["model.skops"] == plain["model.skops"]


@pytest.mark.slow
def test_it_is_the_same_every_time_and_the_bar_is_told(session: Session) -> None:
    told: list[tuple[int, int, str]] = []
    first = learn(session, rows(), CURVE, on_progress=lambda *each: told.append(each))
    assert [done for done, _, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total, _ in told} == {len(told)}
    assert len(told) == 3 + 2 + 5 * 3
    again = learn(session, rows(), CURVE, jobs=2)
    assert again["report"]["learning_curve"] == first["report"]["learning_curve"]


def test_shares_are_nested_and_in_their_folds(session: Session) -> None:
    made = shares(session, rows(), COLUMNS)
    for on, _ in made.rows.pairs:
        taken = [set(_share_of(on, share, made.order)) for share in (0.1, 0.5, 1.0)]
        assert taken[0] < taken[1] < taken[2] == set(on)
        assert len(taken[1]) == -(-len(on) // 2)


def test_entities_stay_whole(session: Session) -> None:
    frame = rows().assign(who=[f"c{number // 7}" for number in range(240)])
    columns = Columns.read({"target": {"name": "target"}, "entity": "who"})
    made = shares(session, frame, columns)
    assert made.taken == "whole groups of one who, at random"
    who = frame["who"].to_numpy()
    on = made.rows.pairs[0][0]
    taken = _share_of(on, 0.3, made.order)
    left = np.setdiff1d(on, taken)
    assert 0.3 * len(on) <= len(taken) < 0.3 * len(on) + 7
    assert not set(who[taken]) & set(who[left])


def test_of_blocks_of_time_the_most_recent_rows_are_taken(session: Session) -> None:
    frame = rows()
    days = np.random.default_rng(1).permutation(np.arange(240) // 4)
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "D")
    block = days * 4 // 60
    split = teaching(pd.DataFrame({"_row": range(240), "part": "train", "fold": block}))
    columns = Columns.read({"target": {"name": "target"}, "time": "when"})
    made = shares(session, frame, columns, "expanding", split)
    assert made.taken == "the most recent rows"
    for on, held_out in made.rows.pairs:
        taken = _share_of(on, 0.3, made.order)
        left = np.setdiff1d(on, taken)
        assert days[left].max() < days[taken].min()
        assert days[taken].max() < days[held_out].min()


def test_a_share_of_one_class_is_left_out(session: Session) -> None:
    frame = rows(120)
    frame["target"] = np.where(np.arange(120) % 30 == 0, "yes", "no")
    split = parts(120, valid=0, test=0).assign(fold=lambda each: each["_row"] // 30 % 2)
    spec = {**CURVE, "learning_curve": {"shares": [0.01, 1.0]}}
    found = learn(session, frame, spec, split=teaching(split), folds=2)
    point, whole = found["report"]["learning_curve"]["points"]
    assert point["held_out"] == {"mean": None, "std": None, "folds": [None, None]}
    assert whole["held_out"]["mean"] is not None
    assert found["report"]["learning_curve"]["helps"] is None
    assert "undefined" in found["report"]["learning_curve"]["words"]


def point(share: float, *folds: float | None) -> dict[str, Any]:
    return {"share": share, "held_out": {"folds": list(folds)}}


@pytest.mark.parametrize(
    ("before", "after", "metric", "helps", "words"),
    [
        ((0.7, 0.8), (0.75, 0.851), "roc_auc", True, "more rows would help"),
        ((0.7, 0.8), (0.75, 0.77), "roc_auc", False, "within the noise of the folds"),
        ((0.7, 0.8), (0.69, 0.79), "roc_auc", False, "more rows would hardly help"),
        ((9.0, 8.0), (8.0, 7.01), "rmse", True, "got better by 1"),
        ((7.0, 7.0), (8.0, 7.01), "rmse", False, "got worse by 0.5"),
        ((0.7,), (0.8,), "roc_auc", None, "one fold cannot tell"),
        ((None, None), (0.8, 0.8), "roc_auc", None, "undefined"),
    ],
)
def test_what_the_curve_says(
    before: Any, after: Any, metric: str, helps: bool | None, words: str
) -> None:
    found = _verdict([point(0.5, *before), point(1.0, *after)], METRICS[metric])
    assert found["helps"] is helps
    assert words in found["words"]


@pytest.mark.parametrize("wrong", [[0.5], [0.5, 0.2], [0.5, 0.5], [0.0, 1.0], [0.5, 1.5]])
def test_wrong_shares(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        Train.read({"learning_curve": {"shares": wrong}})
