"""Blocks with aggregates: what they are planned as, and what is said of those that do not fit."""

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import SpecError
from mlpipe.features.aggregates import merged
from mlpipe.features.computed import computed
from mlpipe.features.pipeline import build, feature_map, lineage, needed
from mlpipe.features.words import step
from mlpipe.featurize.spec import Featurize
from mlpipe.featurize.stage import featurize
from mlpipe.table.columns import Columns
from mlpipe.table.kinds import infer_kinds, type_word

COLUMNS = Columns.read({"entity": "customer", "time": "month", "target": "churned"})
ROWS = 120
BLOCK = {
    "from": "events",
    "by": "customer",
    "time": "when",
    "windows": ["30d"],
    "values": {"n": "count", "total": "sum(amount)"},
}


def _rows():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "_row": np.arange(ROWS),
            "customer": rng.integers(0, 10, ROWS),
            "month": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS), "D"),
            "calls": rng.normal(size=ROWS),
            "churned": pd.Series(rng.choice(["no", "yes"], ROWS), dtype="str"),
        }
    )


def _events(rows=400):
    rng = np.random.default_rng(1)
    when = pd.Timestamp("2023-12-01") + pd.to_timedelta(rng.integers(0, 150 * 24, rows), "h")
    return pd.DataFrame(
        {
            "customer": rng.integers(0, 10, rows),
            "when": when,
            "amount": rng.gamma(2.0, 20.0, rows),
            "channel": pd.Series(rng.choice(["web", "phone"], rows), dtype="str"),
            "churned": pd.Series(rng.choice([0, 1], rows)),
        }
    )


def _stage(session, blocks, columns=COLUMNS, events=None, rows=None):
    table = session.frame(_rows() if rows is None else rows)
    parts = session.frame(pd.DataFrame({"_row": np.arange(ROWS), "part": "train"}))
    inputs = [
        {"name": name, "type": type_word(table.schema()[name]), "kind": kind}
        for name, kind in infer_kinds(session, table, columns).items()
    ]
    events = {"events": session.frame(_events() if events is None else events)}
    spec, models = Featurize.read(blocks), {"linear": "linear", "boosted": "trees"}
    return featurize(
        spec, columns, inputs, models, table, parts, session, 7, task="binary", events=events
    )


def _steps(made, model, column):
    blocks = made["plan"]["models"][model]["blocks"]
    return [block["steps"] for block in blocks if column in block["columns"]]


def test_what_no_block_names_is_taken_like_the_rest(session):
    made = _stage(session, [{"aggregate": BLOCK}, {"rest": "drop"}])
    assert _steps(made, "boosted", "events_n_30d") == [[{"keep": {}}]]
    assert len(_steps(made, "linear", "events_total_30d")) == 1
    chosen = made["report"]["pinned"]
    assert chosen[0]["aggregate"]["from"] == "events"
    again = [{key: block[key] for key in block if key != "reason"} for block in chosen]
    same = _stage(session, [*again, {"rest": "drop"}])
    for model in ("linear", "boosted"):
        for name in ("events_n_30d", "events_total_30d"):
            words = [[step(one) for one in _steps(each, model, name)[0]] for each in (same, made)]
            assert words[0] == words[1]


def test_other_blocks_name_them_with_steps_sql_and_look_back(session):
    blocks = [
        {"aggregate": BLOCK},
        {"columns": ["events_n_30d"], "steps": ["log"]},
        {"columns": ["events_total_30d"], "steps": [{"lag": 1}, {"impute": "median"}]},
        {"sql": {"each": "events_total_30d / events_n_30d"}},
        {"rest": "drop"},
    ]
    made = _stage(session, blocks)
    assert [next(iter(step)) for step in _steps(made, "linear", "events_n_30d")[0]] == ["log"]
    rows = session.pandas(made["table"].order_by("_row"))
    features = build(made["plan"], "linear", 7)
    features.fit(rows[needed(made["plan"], "linear")], rows["churned"])
    found = lineage(features, made["plan"])
    assert found["events_total_30d_lag_1"] == ["events.amount"]
    assert sorted(found["each"]) == ["events.amount", "events.when"]
    words = {one["feature"]: one["words"] for one in feature_map(features, made["plan"], "linear")}
    assert words["events_total_30d_lag_1"][:2] == ["aggregate sum", "lag"]
    assert sorted(words["each"][:2]) == ["aggregate count", "aggregate sum"]
    assert words["each"][2] == "sql"


def test_events_without_a_key_or_a_time_are_told(session):
    events = _events().astype({"customer": "float64"})
    events.loc[:2, "customer"] = None
    events.loc[5, "when"] = None
    warnings = _stage(session, [{"aggregate": BLOCK}], events=events)["report"]["warnings"]
    assert "events: 3 events have no customer and count nowhere" in warnings
    assert "events: 1 event has no when and counts nowhere" in warnings


def test_two_blocks_over_one_source_keep_what_either_reaches(session):
    other = {**BLOCK, "windows": ["90d"], "values": {"ways": "distinct(channel)"}}
    made = _stage(session, [{"aggregate": BLOCK}, {"aggregate": other}])
    kept = session.pandas(made["events_events"])
    assert list(kept.columns) == ["amount", "channel", "customer", "when"]
    last = _rows()["month"].max()
    assert len(kept) == (_events()["when"] >= last - pd.Timedelta(days=90)).sum()
    names = session.pandas(made["table"]).columns
    assert {"events_n_30d", "events_total_30d", "events_ways_90d"} <= set(names)


def test_without_aggregates_nothing_is_said_of_them(session):
    made = _stage(session, "auto")
    assert "aggregates" not in made["plan"]
    assert set(made) == {"table", "plan", "report"}


@pytest.mark.parametrize(
    ("change", "at", "text"),
    [
        ({"by": ["customer", "plan"]}, "by.1", "the table has no column 'plan'"),
        ({"by": "churned"}, "by", "'churned' is the target"),
        ({"time": "amount"}, "time", "is no time"),
        ({"values": {"v": "mean(channel)"}}, "values.v", "'mean' takes boolean or number"),
        ({"values": {"v": "max(churned)"}}, "values.v", "'churned' is the target"),
        ({"values": {"v": "since_last"}, "from": "events"}, None, ""),
    ],
)
def test_what_does_not_fit_is_placed(session, change, at, text):
    events = _events().assign(plan="basic")
    if at is None:
        assert "events_v_30d" in _stage(session, [{"aggregate": {**BLOCK, **change}}])["table"]
        return
    with pytest.raises(SpecError) as refused:
        _stage(session, [{"aggregate": {**BLOCK, **change}}], events=events)
    assert (f"featurize.0.aggregate.{at}", True) in [
        (problem.key, text in problem.message) for problem in refused.value.problems
    ]


def test_a_taken_name_is_refused(session):
    rows = _rows().assign(events_n_30d=1.0)
    with pytest.raises(SpecError) as refused:
        _stage(session, [{"aggregate": BLOCK}], rows=rows)
    (problem,) = refused.value.problems
    assert problem.key == "featurize.0.aggregate.values.n"
    assert problem.message == "there already is a column 'events_n_30d'"
    with pytest.raises(SpecError, match="there already is a column 'events_n_30d'"):
        _stage(session, [{"aggregate": BLOCK}, {"aggregate": BLOCK}])


def test_keys_of_another_type_are_refused(session):
    events = _events()
    events["customer"] = events["customer"].astype("str")
    with pytest.raises(SpecError) as refused:
        _stage(session, [{"aggregate": BLOCK}], events=events)
    (problem,) = refused.value.problems
    assert problem.message == "'customer' is integer in the table and string in the source events"
    assert problem.key == "featurize.0.aggregate.by"


def test_a_row_needs_a_time(session):
    columns = COLUMNS.model_copy(update={"time": "calls"})
    with pytest.raises(SpecError, match=r"'aggregate' needs dates in columns.time; 'calls' is"):
        _stage(session, [{"aggregate": BLOCK}], columns=columns)


def test_what_ingest_has_to_keep_of_each_source():
    spec = Featurize.read([{"rest": "auto"}, {"aggregate": {**BLOCK, "by": ["customer", "shop"]}}])
    at = "featurize.1.aggregate"
    assert spec.related() == {
        "events": {
            "customer": f"{at}.by.0",
            "shop": f"{at}.by.1",
            "when": f"{at}.time",
            "amount": f"{at}.values.total",
        }
    }
    assert Featurize.read("auto").related() == {}


@pytest.mark.slow
def test_new_rows_look_back_at_aggregates_of_the_rows_before(session, tmp_path):
    """Of one new row each: its aggregates, their lag and what SQL makes of them, as among all."""
    blocks = [
        {"aggregate": BLOCK},
        {"columns": ["events_n_30d", "events_total_30d"], "steps": [{"lag": [1, 2]}]},
        {"sql": {"each": "events_total_30d / events_n_30d"}},
        {"rest": "keep"},
    ]
    every = pd.concat([_rows(), _new()], ignore_index=True)
    bulk = session.pandas(_stage(session, blocks, rows=every)["table"].order_by("_row"))
    made = _stage(session, blocks)
    path = tmp_path / "events.parquet"
    session.write(made["events_events"], path)
    for at, number in enumerate(range(ROWS, ROWS + 10)):
        one = session.frame(every.iloc[[number]].assign(_row=0).drop(columns="churned"))
        state, sources = made["state"], {"events": path}
        done = with_state(made["plan"], one, session, state, sources)
        for name in ("events_n_30d", "events_total_30d_lag_1", "events_n_30d_lag_2", "each"):
            assert done[name].iloc[0] == pytest.approx(
                bulk[name].iloc[number], rel=1e-12, nan_ok=True
            ), (at, name)


def _new():
    month = pd.Timestamp("2024-01-01") + pd.Timedelta(days=ROWS + 1)
    found = {"_row": ROWS + np.arange(10), "customer": np.arange(10), "month": month}
    return pd.DataFrame({**found, "calls": 0.5, "churned": "no"})


def with_state(plan, table, session, state, sources):
    known = merged(plan["aggregates"], sources, {}, session)
    return session.pandas(computed(plan, table, COLUMNS, session, state, known))
