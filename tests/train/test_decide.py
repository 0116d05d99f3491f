from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from mlpipe.errors import DataError, SpecError
from mlpipe.train.decide import decide
from mlpipe.train.spec import Train

SCORES = [0.1, 0.2, 0.3, 0.4, 0.6, 0.9]
TRUTH = [0, 0, 1, 0, 1, 1]
NONE = pd.DataFrame({"_row": [], "truth": [], "score": []})


def scored(score: Any = SCORES, truth: Any = TRUTH) -> pd.DataFrame:
    return pd.DataFrame({"_row": range(len(score)), "truth": truth, "score": score})


def run(written: Any, rows: pd.DataFrame, task: str = "binary", **more: Any) -> dict[str, Any]:
    spec = Train.read({"decide": written}).decide
    found: dict[str, Any] = decide(spec, task, rows, NONE, **more)["decision"]
    return found


def test_a_given_threshold() -> None:
    found = run({"threshold": 0.4}, scored())
    assert (found["threshold"], found["flagged"], found["share"]) == (0.4, 3, 0.5)
    assert found["learned_on"] == "train, out of fold"


@pytest.mark.parametrize(("top", "flagged"), [(1, 1), (2, 2), (99, 6), (0.5, 3), (0.01, 1)])
def test_the_top(top: float, flagged: int) -> None:
    assert run({"top": top}, scored())["flagged"] == flagged


@given(st.lists(st.sampled_from([0.1, 0.5, 0.5, 0.7, 0.9]), min_size=1), st.integers(1, 50))
def test_the_top_never_exceeds_its_capacity(score: list[float], top: int) -> None:
    flagged = run({"top": top}, scored(score, [0] * len(score)))["flagged"]
    assert flagged <= top or top >= len(score)
    more = sorted(score, reverse=True)
    assert flagged == len(score) if top >= len(score) else more[flagged] == more[top]


def test_the_best_f1() -> None:
    found = run({"maximize": "f1"}, scored())
    every = {t: f1_score(TRUTH, np.array(SCORES) >= t) for t in SCORES}
    assert found["value"] == pytest.approx(max(every.values()))
    assert every[found["threshold"]] == max(every.values())


def test_equals_are_decided_towards_the_middle() -> None:
    assert run({"maximize": "accuracy"}, scored([0.1, 0.45, 0.8], [0, 0, 1]))["threshold"] == 0.8
    assert run({"maximize": "recall"}, scored([0.2, 0.4, 0.8], [0, 0, 1]))["threshold"] == 0.4


def test_weights_move_it() -> None:
    rows = scored().assign(weight=[1, 1, 1, 50, 1, 1])
    assert run({"maximize": "f1"}, rows)["threshold"] == 0.6
    assert run({"maximize": "f1"}, scored())["threshold"] == 0.3


def worth(tp: float, fp: float, fn: float = 0) -> Any:
    def acting(y: Any, rows: Any) -> Any:
        assert rows.tolist() == list(range(len(y)))
        return np.where(y == 1, tp, fp), np.where(y == 1, fn, 0.0)

    return acting


@pytest.mark.parametrize(
    ("tp", "fp", "flagged", "value"),
    [(10, -1, 4, 29), (1, -100, 2, 2), (-1, -1, 0, 0), (1, 1, 6, 6)],
)
def test_the_best_business_value(tp: float, fp: float, flagged: int, value: float) -> None:
    found = run({"maximize": "profit"}, scored(), business=worth(tp, fp))
    assert (found["flagged"], found["value"]) == (flagged, value)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7]), st.booleans()), min_size=1))
def test_no_threshold_is_worth_more(rows: list[tuple[float, bool]]) -> None:
    score, truth = np.array([r[0] for r in rows]), np.array([int(r[1]) for r in rows])
    found = run({"maximize": "profit"}, scored(score, truth), business=worth(5, -2, -1))

    def total(threshold: float) -> float:
        act = score >= threshold
        return float(np.where(truth == 1, np.where(act, 5, -1), np.where(act, -2, 0)).sum())

    assert found["value"] == max(total(each) for each in [*score, 2.0]) == total(found["threshold"])


def test_rows_of_unknown_value_do_not_count() -> None:
    def acting(y: Any, rows: Any) -> Any:
        return np.where(rows == 5, np.nan, np.where(y == 1, 1.0, -3.0)), np.zeros(len(y))

    assert run({"maximize": "profit"}, scored(), business=acting)["value"] == 1.0


def test_valid_where_there_are_no_folds() -> None:
    spec = Train.read({"decide": {"top": 1}}).decide
    found = decide(spec, "binary", NONE, scored())["decision"]
    assert (found["learned_on"], found["threshold"]) == ("valid", 0.9)
    with pytest.raises(DataError, match="no scored rows"):
        decide(spec, "binary", NONE, NONE)
    assert decide(Train().decide, "binary", NONE, NONE)["decision"]["threshold"] == 0.5


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_have_no_threshold(task: str) -> None:
    assert decide(Train().decide, task, NONE, NONE)["decision"]["threshold"] is None


@pytest.mark.parametrize(
    ("name", "hint"), [("precison", "did you mean 'precision'?"), ("roc_auc", "accuracy")]
)
def test_what_a_threshold_cannot_change(name: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        run({"maximize": name}, scored())
    assert hint in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("written", "flagged", "note"),
    [
        ({"top": 3}, 3, None),
        ({"top": 6}, 6, None),
        ({"top": 7}, 6, "there are 6 rows only: all of them are positive"),
        ({"threshold": 0.99}, 0, None),
        ({"maximize": "f1"}, 4, None),
    ],
)
def test_odd_thresholds_say_so(written: Any, flagged: int, note: str | None) -> None:
    found = run(written, scored())
    assert (found["flagged"], found.get("note")) == (flagged, note)


def test_ties_at_the_capacity_leave_it_unused() -> None:
    found = run({"top": 2}, scored([0.9, 0.5, 0.5, 0.5, 0.2, 0.1]))
    assert found["flagged"] == 1
    assert found["note"] == "1 rather than 2 rows: the next ones share a score"


@pytest.mark.parametrize("written", [{"top": 2}, {"top": 0.5}, {"maximize": "f1"}])
def test_scores_that_are_all_equal(written: Any) -> None:
    found = run(written, scored([0.5] * 6))
    assert found["note"] == "all 6 rows have the score 0.5: no threshold parts them"
    assert found["flagged"] in (0, 6)


def test_equal_scores_and_money() -> None:
    """All or nobody: whatever is worth more."""
    for fp, flagged in ((-1, 6), (-100, 0)):
        found = run({"maximize": "profit"}, scored([0.5] * 6), business=worth(10, fp))
        assert found["flagged"] == flagged


def test_a_metric_without_a_value_leaves_the_middle() -> None:
    found = run({"maximize": "recall"}, scored(SCORES, [0] * 6))
    assert (found["threshold"], found["value"]) == (0.5, None)
    assert found["note"] == "recall is undefined at every threshold, so it is 0.5"


@pytest.mark.parametrize(("share", "count"), [(0.29, 29), (0.57, 57), (0.295, 29), (0.001, 1)])
def test_a_share_is_counted_exactly(share: float, count: int) -> None:
    rows = scored(np.linspace(0, 1, 100), [0, 1] * 50)
    assert run({"top": share}, rows)["flagged"] == count


def test_rows_of_no_weight_are_worth_nothing() -> None:
    rows = scored().assign(weight=[1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    heavy = run({"maximize": "profit"}, rows, business=worth(10, -1))
    expected = sum(10 for truth in TRUTH[:3] if truth)
    assert heavy["value"] >= expected - 3
