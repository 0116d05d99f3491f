"""Versions of rows look back at the past of their own row, and at no other version."""

import numpy as np
import pandas as pd
import pytest

from mlpipe.features.computed import computed
from mlpipe.features.own_past import OF, with_own_past
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.words import step
from mlpipe.featurize.related import aggregate_blocks
from mlpipe.table.columns import Columns
from tests.features.test_aggregates import events_of, spec_of

WHO = Columns.read({"entity": "who", "time": "at", "target": {"name": "demand"}})
NEAR = ({"lag": [1, 3]}, {"difference": 2}, {"rolling": {"windows": 3, "statistics": ["mean"]}})
FAR = (
    {"lag": "4d"},
    {"change": "5d"},
    {"rolling": {"windows": "5d", "statistics": ["mean", "count"]}},
    {"expanding": ["mean", "max", "count"]},
    "since_last",
)


def _plan(steps):
    made = [one for written in steps for one in step(written).columns("x", "number", None)]
    return Plan(
        format=FORMAT, task=None, timezone=None, inputs=[], look_back=made, python=[], models={}
    )


def _table(rows=80):
    generator = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "who": generator.choice(["a", "b", None], rows),
            "at": pd.Timestamp("2026-01-01")
            + pd.to_timedelta(np.sort(generator.integers(0, 30, rows)), "D"),
            "x": generator.normal(size=rows),
            "demand": generator.normal(size=rows),
        }
    )
    frame.loc[generator.choice(rows, 8), "x"] = None
    return frame.assign(_row=range(rows))


def _versions(frame, rows):
    """The rows as they come from a held-out part: the target is not there."""
    chosen = frame.iloc[rows].drop(columns="demand").rename(columns={"_row": OF})
    return chosen.assign(_row=range(len(chosen)), **{OF: chosen[OF].astype("Int64")})


def _looked(session, plan, frame, versions, columns):
    table, every = session.frame(versions), session.frame(frame)
    made = with_own_past(plan, table, every, columns, session, {})
    return session.pandas(made.order_by("_row"))


@pytest.mark.parametrize("steps", [NEAR, FAR, NEAR + FAR], ids=["near", "far", "both"])
@pytest.mark.parametrize(
    "columns", [WHO, Columns.read({"time": "at", "target": "demand"})], ids=["entity", "series"]
)
def test_rows_as_they_are_get_what_they_have(session, steps, columns):
    frame, plan = _table(), _plan(steps)
    rows = [79, 3, 40, 41, 42, 42, 0]
    found = _looked(session, plan, frame, _versions(frame, rows), columns)
    whole = session.pandas(
        computed(plan, session.frame(frame), columns, session).order_by("_row")
    ).iloc[rows]
    names = [column["name"] for column in plan["look_back"]]
    assert found[names].notna().to_numpy().sum() > len(names)
    pd.testing.assert_frame_equal(
        found[names], whole[names].reset_index(drop=True), rtol=1e-12, check_dtype=False
    )


def test_a_version_sees_neither_the_others_nor_itself(session):
    frame = _table().assign(who="a")
    frame.loc[[40, 41, 42], "x"] = [1.0, 2.0, 3.0]
    plan = _plan(NEAR)
    versions = _versions(frame, [40, 41, 42]).assign(x=1000.0)
    found = _looked(session, plan, frame, versions, WHO)
    assert found["x_lag_1"].tolist()[1:] == [1.0, 2.0]  # what the rows before are, not 1000
    assert found["x_difference_2"].iloc[2] == 1000.0 - 1.0  # and its own new value
    assert found["x_mean_3"].max() < 1000


def test_a_row_that_is_none_of_the_table_has_no_past(session):
    frame, plan = _table(), _plan(NEAR + FAR)
    versions = _versions(frame, [60, 61])
    versions[OF] = pd.array([None, None], dtype="Int64")
    found = _looked(session, plan, frame, versions, WHO)
    assert found["x_lag_1"].isna().all()
    assert (found["x_count_all"] == 0).all()


def test_a_target_that_is_looked_back_at_is_that_of_the_rows_before(session):
    frame = _table().assign(who="a")
    made = step({"lag": 1}).columns("demand", "number", None)
    plan = {**_plan(NEAR), "look_back": made}
    found = _looked(session, plan, frame, _versions(frame, [50]), WHO)
    assert found["demand_lag_1"].iloc[0] == frame["demand"].iloc[49]


def test_nothing_to_look_back_at_leaves_the_rows(session):
    frame = _table()
    plan = {**_plan(()), "look_back": []}
    found = _looked(session, plan, frame, _versions(frame, [5, 6]), WHO)
    assert found["x"].tolist() == frame["x"].iloc[[5, 6]].tolist()


def test_versions_have_the_events_of_their_row(session):
    columns = Columns.read({"time": "at", "target": "left"})
    rows = pd.DataFrame(
        {
            "_row": range(4),
            "customer": pd.array([1, 2, 1, 2], dtype="Int64"),
            "at": pd.Timestamp("2024-01-03") + pd.to_timedelta([0, 1, 2, 3], "D"),
            "x": [1.0, 2.0, 3.0, 4.0],
        }
    )
    events = {"events": session.frame(events_of([(1, 5, 2.5, "call"), (2, 60, 7.0, "visit")]))}
    blocks = aggregate_blocks(spec_of(("5d",)), columns, session.frame(rows), events)
    plan = {**_plan(NEAR), "aggregates": blocks}
    whole = session.pandas(
        computed(plan, session.frame(rows), columns, session, events=events).order_by("_row")
    )
    versions = rows.rename(columns={"_row": OF}).assign(_row=range(4), x=1000.0)
    made = with_own_past(
        plan, session.frame(versions), session.frame(rows), columns, session, events
    )
    found = session.pandas(made.order_by("_row"))
    names = [column["name"] for column in blocks[0]["columns"]]
    assert found["events_n_5d"].sum() == 4
    pd.testing.assert_frame_equal(found[names], whole[names])
    assert found["x_lag_1"].tolist()[1:] == [1.0, 2.0, 3.0]
