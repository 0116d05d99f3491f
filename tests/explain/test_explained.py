"""What moves with what: look-back with its column, expressions computed anew, the past fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.explain.explained import columns_read, groups
from tests.explain.asked import explained, numbers, planned

if TYPE_CHECKING:
    from mlpipe.table.session import Session


def back(name: str, column: str, does: str) -> dict[str, Any]:
    return {"name": name, "column": column, "does": does, "rows": 1, "kind": "number"}


RATIO = {
    "name": "ratio",
    "expression": "fee / calls",
    "reads": {"fee": "DOUBLE", "calls": "DOUBLE"},
    "type": "DOUBLE",
}
TWICE = {"name": "twice", "expression": "2 * ratio", "reads": {"ratio": "DOUBLE"}, "type": "DOUBLE"}


def test_expressions_give_way_to_the_columns_they_are_made_of() -> None:
    plan = planned({"age": "number", "twice": "number"}, sql=[RATIO, TWICE])
    assert columns_read(plan) == ["age", "fee", "calls"]
    unused = planned({"age": "number"}, sql=[RATIO])
    assert columns_read(unused) == ["age"]


def test_a_difference_reads_the_value_of_the_row_itself_and_a_lag_does_not() -> None:
    looks = [back("calls_lag", "calls", "lag"), back("fee_diff", "fee", "difference"),
             back("left_diff", "left", "difference")]  # fmt: skip
    plan = planned(dict.fromkeys(["calls_lag", "fee_diff", "left_diff"], "number"), looks)
    read = columns_read(plan, target="left")
    assert read == ["calls_lag", "fee_diff", "left_diff", "fee"]
    assert groups(plan, read) == {
        "calls": ["calls_lag"],
        "fee": ["fee_diff", "fee"],
        "left": ["left_diff"],
    }


def test_aggregates_of_a_column_of_a_source_go_together() -> None:
    made = [
        {"name": "paid_30d", "does": "sum", "column": "amount"},
        {"name": "paid_max", "does": "max", "column": "amount"},
        {"name": "times", "does": "count", "column": None},
    ]
    block = {"source": "payments", "by": {}, "time": "at", "reads": ["amount"], "columns": made}
    looks = [back("paid_lag", "paid_30d", "lag")]
    names = ["paid_30d", "paid_max", "times", "paid_lag"]
    plan = planned(dict.fromkeys(names, "number"), looks, aggregates=[block])
    assert groups(plan, columns_read(plan)) == {
        "payments.amount": ["paid_30d", "paid_max", "paid_lag"],
        "payments.at": ["times"],
    }


def test_expressions_follow_the_values_that_are_changed(session: Session) -> None:
    frame = pd.DataFrame({"fee": [10.0, 20.0, 30.0], "calls": [1.0, 2.0, 0.0]})
    model = explained(lambda rows: rows["twice"].fillna(-1), frame, session, sql=[RATIO, TWICE])
    model.plan["inputs"] = [{"name": "twice", "kind": "number", "type": "sql"}]
    assert model.scores(frame).tolist() == [20, 20, -1]  # 30 / 0 is missing, as in training
    changed = model.with_value(frame, "calls", frame["calls"].iloc[[1]])
    assert model.scores(changed).tolist() == [10, 20, 30]
    assert model.answers_to("calls")
    before = len(session.raw.execute("SHOW ALL TABLES").fetchall())
    model.scores(frame)
    kept = session.raw.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'frame_%'"
    ).fetchone()
    assert kept == (0,), before


def test_the_past_stays_what_it_was() -> None:
    """Of lag 4 and value 6, a value of 9 makes the difference 5 and the change 1.25."""
    frame = pd.DataFrame(
        {
            "x": [6.0, 9.0, np.nan, 5.0],
            "x_lag": [4.0, 3.0, 2.0, 0.0],
            "x_difference": [2.0, 6.0, np.nan, 5.0],
            "x_change": [0.5, 2.0, np.nan, np.nan],
        }
    )
    looks = [back(f"x_{does}", "x", does) for does in ("lag", "difference", "change")]
    model = explained(lambda rows: rows["x"], frame, look_back=looks)
    found = model.with_value(frame, "x", frame["x"].iloc[[1]])
    assert found["x"].tolist() == [9, 9, 9, 9]
    assert found["x_lag"].tolist() == frame["x_lag"].tolist()
    assert found["x_difference"].tolist() == pytest.approx([5, 6, np.nan, 9], nan_ok=True)
    assert found["x_change"].tolist() == pytest.approx([1.25, 2, np.nan, np.nan], nan_ok=True)
    assert frame["x"].iloc[0] == 6  # the rows that were given stay


def test_what_only_looks_back_does_not_answer_to_today() -> None:
    frame = numbers(3, names="a").assign(b_lag=1.0)
    model = explained(lambda rows: rows["a"], frame, look_back=[back("b_lag", "b", "lag")])
    assert model.answers_to("a")
    assert not model.answers_to("b")
