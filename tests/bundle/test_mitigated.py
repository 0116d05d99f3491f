"""Thresholds by group: fairlearn's chances, and lots that hang on the row alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.bundle.mitigated import GroupThresholds, chances, lots, read_rules

FRAME = pd.DataFrame(
    {
        "age": [30, 41, 55, 30],
        "fee": [9.5, np.nan, 0.0, 9.5],
        "plan": ["pro", None, "plus", "pro"],
        "paid": [True, False, True, True],
        "since": pd.to_datetime(["2026-01-01", None, "2026-03-01", "2026-01-01"]),
    }
)
NAMES = list(FRAME)


@dataclass
class Told:
    """A member that says what it is given."""

    classes_: list[int] = field(default_factory=lambda: [0, 1])

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        score = frame["score"].to_numpy(float)
        return np.column_stack([1 - score, score])


def rule(group: Any, low: float, high: float, share: float = 0.5) -> dict[str, Any]:
    """All above ``high`` are chosen, and a share of those between."""
    parts = [
        {"share": 1 - share, "operator": ">", "threshold": high},
        {"share": share, "operator": ">", "threshold": low},
    ]
    return {"group": group, "parts": parts, "ignored": 0.0, "constant": 0.0}


def thresholds(*rules: dict[str, Any]) -> GroupThresholds:
    return GroupThresholds(
        "binary", 2, {"told": Told()}, sensitive="sex", columns=["id"], rules=json.dumps(rules)
    )


def rows(count: int = 4000, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "score": generator.random(count),
            "sex": generator.choice(["f", "m"], count),
        }
    )


def test_a_lot_is_that_of_the_row_alone_whatever_stands_beside_it() -> None:
    together = lots(FRAME, NAMES)
    for place in range(len(FRAME)):
        alone = FRAME.iloc[[place]].reset_index(drop=True)
        assert lots(alone, NAMES)[0] == together[place]
    bare = FRAME.iloc[[0]].astype({"age": float, "plan": object})
    assert lots(bare, NAMES)[0] == together[0]
    as_read = FRAME.iloc[[0]].astype({"paid": object, "fee": object})
    as_read["since"] = [date(2026, 1, 1)]
    as_read["fee"] = [Decimal("9.5")]
    assert lots(as_read, NAMES)[0] == together[0]
    assert together[0] == together[3]
    assert len(set(together)) == 3


def test_lots_are_the_same_on_every_machine_and_evenly_spread() -> None:
    drawn = lots(rows(20_000), ["id"])
    assert drawn[:2] == pytest.approx([0.65244849, 0.55272679], abs=5e-9)
    counts = np.histogram(drawn, 10, (0, 1))[0]
    assert abs(counts - 2000).max() < 200
    assert lots(FRAME.assign(fee=-0.0), ["fee"])[0] == lots(FRAME.assign(fee=0.0), ["fee"])[0]


def test_between_two_thresholds_the_share_is_chosen_and_outside_all_or_none() -> None:
    frame = rows()
    model = thresholds(rule("f", 0.3, 0.6, 0.25), rule("m", 0.5, 0.5))
    chosen = model.scores(frame) >= 0.5
    f, score = (frame["sex"] == "f").to_numpy(), frame["score"].to_numpy()
    assert chosen[f & (score > 0.6)].all()
    assert not chosen[f & (score <= 0.3)].any()
    between = f & (score > 0.3) & (score <= 0.6)
    assert chosen[between].mean() == pytest.approx(0.25, abs=0.05)
    assert (chosen[~f] == (score[~f] > 0.5)).all()


def test_scores_keep_the_order_of_the_member_among_the_chosen_and_the_others() -> None:
    frame = rows(500)
    scores = thresholds(rule("f", 0.2, 0.9), rule("m", 0.4, 0.4)).scores(frame)
    for chosen in (True, False):
        inside = (scores >= 0.5) == chosen
        order = np.argsort(frame["score"][inside])
        assert (np.diff(scores[inside][order]) >= 0).all()
    assert (scores >= 0).all() and (scores <= 1).all()  # noqa: PT018


def test_one_row_is_decided_as_among_many() -> None:
    frame = rows(200)
    model = thresholds(rule("f", 0.2, 0.9), rule("m", 0.1, 0.8))
    together = model.scores(frame)
    alone = [float(model.scores(frame.iloc[[place]])[0]) for place in range(len(frame))]
    assert together.tolist() == alone


def test_part_of_the_rule_may_be_ignored_for_a_constant() -> None:
    written = {**rule("f", 0.5, 0.5), "ignored": 0.25, "constant": 0.4}
    groups = pd.Series(["f", "f"], name="sex")
    found = chances(read_rules(json.dumps([written])), np.array([0.6, 0.1]), groups)
    assert found == pytest.approx([0.75 + 0.1, 0.1])


def test_null_is_a_group_and_a_new_group_is_refused() -> None:
    rules = read_rules(json.dumps([rule("f", 0.5, 0.5), rule(None, 0.1, 0.1)]))
    said = chances(rules, np.array([0.3, 0.3]), pd.Series(["f", None], name="sex"))
    assert said.tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="sex has no rule for 'x'; training had f, None"):
        chances(rules, np.array([0.3]), pd.Series(["x"], name="sex"))


@pytest.mark.parametrize(
    "text",
    [
        "{}x",
        "[1]",
        '[{"group": "f"}]',
        json.dumps([{**rule("f", 0.1, 0.2), "constant": "much"}]),
        json.dumps([rule("f", 0.1, 0.2)]).replace(">", "<>"),
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_rules(text)
