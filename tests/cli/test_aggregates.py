"""Aggregates over a related source: from the spec to predictions with newer events."""

import json
import random
import shutil
from datetime import datetime, timedelta

import pandas as pd
import pytest

from mlpipe.bundle.bundle import Bundle
from mlpipe.errors import StoreError
from tests.bundle.test_bundle import reseal
from tests.project import mlpipe

pytestmark = pytest.mark.slow

SPEC = """\
version: 1
name: events
task: binary
seed: 3
columns:
  key: id
  time: at
  target: {name: left, positive: "yes"}
ingest:
  sources:
    rows: {path: rows.csv, types: {id: string}}
    events: {path: events.csv}
  sql: select * from rows
split: {by: random, test: 0.3}
featurize:
  - aggregate:
      from: events
      by: [customer]
      time: event_time
      windows: [5d, 20d]
      values: {n: count, total: sum(amount), mean_amount: mean(amount), last: last(channel)}
  - {columns: [events_total_5d], steps: [impute: median, scale: standard]}
  - sql: {share: events_n_5d / events_n_20d}
  - rest: auto
train:
  models: {linear: logistic_regression}
  folds: 3
monitor:
  current:
    sources: {rows: {path: new_rows.csv}, events: {path: new_events.csv}}
  minimum_rows: 2
  on_alert: warn
"""
START = datetime(2024, 1, 1)
LAST = START + timedelta(days=100)


def _write(folder):
    chance = random.Random(5)
    events, rows = ["customer,event_time,amount,channel"], ["id,customer,at,age,left"]
    for _ in range(1500):
        when = START + timedelta(minutes=chance.randrange(100 * 24 * 60))
        channel = chance.choice(["web", "phone"])
        events.append(f"{chance.randrange(30)},{when},{chance.randrange(500)},{channel}")
    for number in range(300):
        when = LAST - timedelta(minutes=chance.randrange(60 * 24 * 60))
        said = chance.choice(["yes", "no"])
        rows.append(f"r{number},{chance.randrange(30)},{when},{chance.randrange(20, 70)},{said}")
    rows.append(f"last,1,{LAST},40,yes")
    new = ["customer,event_time,amount,channel", *events[-20:]]  # some stand in both files
    for hour in range(40):
        when = LAST + timedelta(hours=hour)
        new.append(f"{hour % 3},{when},{hour * 10},web")
    later = ["id,customer,at,age"]
    later += [f"n{each},{each % 4},{LAST + timedelta(hours=each)},33" for each in range(60)]
    for name, lines in {
        "events": events,
        "rows": rows,
        "new_events": new,
        "new_rows": later,
        "all_events": [*events, *new[21:]],
    }.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (folder / "mlpipe.yaml").write_text(SPEC)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aggregates")
    _write(folder)
    done = mlpipe(folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _newest(project, step):
    (run,) = (project / "runs").glob("events/0*")
    return run / step


def _predicted(project, *sources, output="out.csv"):
    given = [part for source in sources for part in ("--source", source)]
    done = mlpipe(project, "predict", *given, "-o", output)
    assert done.returncode == 0, done.stderr
    return pd.read_csv(project / output)


def test_the_table_of_features_holds_what_pandas_finds(project):
    found = pd.read_parquet(_newest(project, "featurize") / "table.parquet")
    events = pd.read_csv(project / "events.csv", parse_dates=["event_time"])
    rows = pd.read_csv(project / "rows.csv", parse_dates=["at"]).set_index("id")
    for _, row in found.head(60).iterrows():
        asked = rows.loc[row["id"]]
        mine = events[events.customer == asked.customer]
        age = asked["at"] - mine.event_time
        inside = mine[(age > pd.Timedelta(0)) & (age <= pd.Timedelta(days=5))]
        assert row["events_n_5d"] == len(inside)
        assert row["events_total_5d"] == inside.amount.sum() or pd.isna(row["events_total_5d"])


def test_lineage_names_the_columns_of_the_source(project):
    about = json.loads((_newest(project, "bundle") / "bundle.json").read_text())
    assert about["lineage"]["events_total_5d"] == ["events.amount"]
    assert about["lineage"]["share"] == ["events.event_time"]
    words = {each["feature"]: each["words"] for each in about["feature_map"]}
    assert words["events_total_5d"] == ["aggregate sum", "impute", "scale"]
    assert {each["name"]: each["role"] for each in about["inputs"]} == {
        "age": "feature",
        "customer": "history",
        "at": "history",
    }


def test_the_bundle_keeps_the_events_that_new_rows_can_reach(project):
    kept = pd.read_parquet(_newest(project, "bundle") / "events_events.parquet")
    assert sorted(kept.columns) == ["amount", "channel", "customer", "event_time"]
    events = pd.read_csv(project / "events.csv", parse_dates=["event_time"])
    assert len(kept) == (events.event_time >= LAST - timedelta(days=20)).sum()


def test_newer_events_and_those_of_training_count_once(project):
    newer = _predicted(project, "rows=new_rows.csv", "events=new_events.csv")
    every = _predicted(project, "rows=new_rows.csv", "events=all_events.csv", output="all.csv")
    state = _predicted(project, "rows=new_rows.csv", "events=events.csv", output="state.csv")
    pd.testing.assert_frame_equal(newer, every, check_exact=False, rtol=1e-12)
    assert not newer["score"].equals(state["score"])


def test_one_row_in_python_is_the_same_as_all(project):
    state = _predicted(project, "rows=new_rows.csv", output="alone.csv")
    bundle = Bundle.load(_newest(project, "bundle"))
    rows = pd.read_csv(project / "new_rows.csv", parse_dates=["at"])
    for at in range(0, 60, 7):
        said = bundle.predict(rows.iloc[[at]])
        assert said["score"].iloc[0] == pytest.approx(state["score"].iloc[at], rel=1e-12)


def test_monitor_counts_the_current_events(project):
    """What monitor predicts is what predict says of the same files."""
    kept = pd.read_parquet(_newest(project, "current") / "events_events.parquet")
    assert len(kept) == 60
    assert json.loads((_newest(project, "monitor") / "report.json").read_text())["rows"] == 60


def test_a_bundle_without_its_events_is_refused(project, tmp_path):
    folder = shutil.copytree(_newest(project, "bundle"), tmp_path / "bundle")
    reseal(folder, lambda about: about["files"].pop("events_events.parquet"))
    with pytest.raises(StoreError, match="the bundle lacks the events of events"):
        Bundle.load(folder)


def test_rows_of_before_are_refused_without_their_events(project):
    done = mlpipe(project, "predict", "-i", "rows.csv", "-o", "before.csv")
    assert done.returncode == 3
    assert "the model keeps the events of events for later rows alone" in done.stderr
    assert "--source events=PATH" in done.stderr
    said = _predicted(project, "rows=rows.csv", output="before.csv")
    assert len(said) == 301


@pytest.mark.parametrize(
    ("change", "line", "text"),
    [
        (("from: events", "from: event"), 17, "there is no source 'event'"),
        (("sum(amount)", "sum(amout)"), 21, "the source events has no column 'amout'"),
        (("sum(amount)", "sum(channel)"), 21, "'sum' takes boolean or number; 'channel' is string"),
        (("sum(amount)", "median(amount)"), 21, "'median' is not a statistic"),
        (("[customer]", "[client]"), 18, "the source events has no column 'client'"),
        (("time: event_time", "time: amount"), 19, "is no time: 'amount' of events is integer"),
        (("[5d, 20d]", "[5d, 20x]"), 20, "'20x' is not a duration"),
        (("share:", "events_total_5d:"), 23, "there already is a column 'events_total_5d'"),
    ],
)
def test_what_does_not_fit_is_said_at_its_line(project, tmp_path, change, line, text):
    for name in ("rows.csv", "events.csv", "new_rows.csv", "new_events.csv"):
        (tmp_path / name).write_text((project / name).read_text())
    (tmp_path / "mlpipe.yaml").write_text(SPEC.replace(*change))
    done = mlpipe(tmp_path, "train")
    assert done.returncode == 2, done.stdout + done.stderr
    assert text in done.stderr
    assert f"mlpipe.yaml:{line}" in done.stderr


@pytest.mark.parametrize(
    ("change", "computed"),
    [
        (("5d, 20d", "5d, 21d"), {"featurize"}),
        (("mean(amount)", "max(amount)"), {"featurize"}),
        (("mean_amount: mean(amount)", "k: count"), {"featurize"}),
        (("last: last(channel)", "k: count"), {"ingest", "current"}),
    ],
)
def test_ingest_is_computed_again_for_other_columns_alone(project, change, computed):
    assert change[0] in SPEC
    (project / "other.yaml").write_text(SPEC.replace(*change))
    done = mlpipe(project, "plan", "other.yaml", "--json")
    steps = json.loads(done.stdout)
    assert {each["step"] for each in steps if each["status"] == "computed"} == computed


def test_the_keys_of_a_spec_without_aggregates_do_not_know_of_them(project):
    spec = SPEC[: SPEC.index("  - aggregate")] + "  - rest: auto\n" + SPEC[SPEC.index("train:") :]
    (project / "without.yaml").write_text(spec)
    done = mlpipe(project, "train", "without.yaml", "--runs-dir", "without")
    assert done.returncode == 0, done.stderr
    for step in ("ingest", "bundle", "featurize"):
        (folder,) = (project / "without").glob(f"events/0*/{step}")
        assert not list(folder.glob("events_*"))
        assert "ingest.events" not in (folder / "manifest.json").read_text()
    assert "aggregates" not in json.loads((folder / "plan.json").read_text())
    for each in (project / "runs").glob("events/*/ingest/manifest.json"):
        assert "ingest.events" in each.read_text()
