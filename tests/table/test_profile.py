import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import ComputeError
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import CHUNKS, count, merge, profile
from mlpipe.table.session import Session
from mlpipe.table.tally import moments, one_value

KINDS = {"x": "number", "s": "category", "b": "boolean", "t": "text", "d": "date"}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path, threads=1) as session:
        yield session


def rows(n, seed=0, **columns):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            ROW: np.arange(n),
            "x": rng.normal(size=n),
            "s": rng.choice(["a", "b", ""], n),
            "b": rng.random(n) > 0.5,
            "t": [f"Some words, {at}" for at in rng.integers(0, 1000, n)],
            "d": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n), unit="h"),
        }
    )
    return frame.assign(**columns)


def totals(found):
    return {
        (name, aspect): sum(counts) + each["nulls"]
        for name, each in found["columns"].items()
        for aspect, counts in each["counts"].items()
    }


def test_every_row_is_counted_once_in_every_aspect(session):
    frame = rows(3000)
    frame.loc[:4, "x"] = np.inf
    frame.loc[5:7, "x"] = -np.inf
    for name in ("s", "t", "d", "x"):
        frame.loc[20:40, name] = None
    found = profile(session.frame(frame), Columns(), KINDS, session)
    assert set(totals(found).values()) == {3000}
    assert found["columns"]["x"]["counts"]["value"][0] == 3
    assert found["columns"]["x"]["counts"]["value"][-1] == 5
    assert {each["nulls"] for name, each in found["columns"].items() if name != "b"} == {21}
    json.dumps(found, allow_nan=False)


def test_deciles_are_exact_and_their_bins_even(session):
    frame = rows(1000)
    bins = profile(session.frame(frame), Columns(), KINDS, session)
    edges = bins["bins"]["x"]["aspects"]["value"]["edges"]
    expected = np.quantile(frame["x"], np.arange(1, 10) / 10, method="inverted_cdf")
    assert edges == expected.tolist()
    assert bins["columns"]["x"]["counts"]["value"] == [0, *[100] * 10, 0]


def test_ties_merge_and_what_is_below_all_has_a_bin(session):
    frame = rows(1000, x=np.repeat([0.0, 1.0], [900, 100]))
    found = profile(session.frame(frame), Columns(), {"x": "number"}, session)
    later = count(found, session.frame(frame.assign(x=-1.0)), Columns(), session)
    assert found["columns"]["x"]["counts"]["value"] == [0, 0, 900, 100, 0]
    assert later["columns"]["x"]["counts"]["value"] == [0, 1000, 0, 0, 0]


def test_deciles_of_a_long_table_come_from_a_fair_sample(session, monkeypatch):
    monkeypatch.setattr("mlpipe.table.freeze.SAMPLE", 2000)
    frame = rows(40_000, x=np.tile(np.arange(8.0), 5000) + np.linspace(0, 0.5, 40_000))
    found = profile(session.frame(frame), Columns(), {"x": "number"}, session)
    shares = np.array(found["columns"]["x"]["counts"]["value"][1:-1]) / 40_000
    assert shares == pytest.approx(0.1, abs=0.02)
    assert sum(found["columns"]["x"]["counts"]["value"]) == 40_000


def test_values_beyond_the_fifty_most_frequent_are_other(session):
    frame = rows(5000, s=[f"v{min(at % 97, at % 89)}" for at in range(5000)])
    found = profile(session.frame(frame), Columns(), {"s": "category"}, session)
    top = frame["s"].value_counts()
    counts = found["columns"]["s"]["counts"]["value"]
    assert sorted(counts[:50], reverse=True) == sorted(top, reverse=True)[:50]
    assert counts[-2:] == [5000 - sum(counts[:50]), 0]
    assert found["bins"]["s"]["seen"]["distinct"] == len(top)


@pytest.mark.parametrize("distinct", [3, 300])
def test_unseen_values_are_told_from_other_ones(session, distinct):
    values = [f"v{at % distinct}" for at in range(1200)]
    found = profile(session.frame(rows(1200, s=values)), Columns(), {"s": "category"}, session)
    values[:7] = ["new", "", "v-1", "V1", "v 1", "v0 ", "'"]
    later = count(found, session.frame(rows(1200, s=values)), Columns(), session)
    assert later["columns"]["s"]["counts"]["value"][-1] == 7
    assert found["columns"]["s"]["counts"]["value"][-1] == 0


def test_singletons_are_counted(session):
    values = ["a"] * 10 + ["b"] * 2 + ["c", "d", None]
    frame = rows(15, s=values)
    seen = profile(session.frame(frame), Columns(), {"s": "category"}, session)["bins"]["s"]["seen"]
    assert (seen["present"], seen["distinct"], seen["singletons"]) == (14, 4, 2)


def test_ids_times_targets_and_ignored_columns_are_left_out(session):
    frame = rows(100, id=range(100), y=1, w=1, secret_internal=2)
    columns = Columns.read(
        {"key": "id", "time": "d", "target": "y", "weight": "w", "ignore": ["*_internal"]}
    )
    kinds = {**KINDS, "id": "number", "y": "number", "w": "number", "secret_internal": "number"}
    assert set(profile(session.frame(frame), columns, kinds, session)["bins"]) == set("xsbt")


def test_dates_are_counted_by_weekday_and_hour(session):
    found = profile(session.frame(rows(24 * 14)), Columns(), KINDS, session)
    counts = found["columns"]["d"]["counts"]
    assert counts["weekday"] == [0, *[48] * 7, 0]
    assert counts["hour"] == [0, *[14] * 24, 0]


def test_calendar_periods_are_those_of_the_zone(session):
    frame = rows(48, d=pd.date_range("2026-01-31 00:30", periods=48, freq="h", tz="UTC"))
    columns = Columns.read({"time": "d", "timezone": "America/New_York"})
    found = profile(session.frame(frame), columns, {"x": "number"}, session)
    daily = count(found, session.frame(frame), columns, session, every="day")
    assert {key: each["rows"] for key, each in daily["chunks"].items()} == {
        "2026-01-30": 5,
        "2026-01-31": 24,
        "2026-02-01": 19,
    }


def test_texts_are_measured(session):
    frame = rows(4, t=["Ab1", "  x  y\tz ", None, ""])
    bins = profile(session.frame(frame), Columns(), {"t": "text"}, session)
    aspects = bins["bins"]["t"]["aspects"]
    assert (aspects["length"]["low"], aspects["length"]["high"]) == (0.0, 9.0)
    assert aspects["tokens"]["high"] == 3.0
    assert aspects["digits"]["high"] == pytest.approx(1 / 3)
    assert aspects["capitals"]["high"] == pytest.approx(1 / 3)
    assert bins["columns"]["t"]["nulls"] == 1


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e12])
def test_moments_are_those_of_numpy(session, scale):
    values = np.random.default_rng(0).normal(3, 2, 5000) * scale
    found = profile(session.frame(rows(5000, x=values)), Columns(), {"x": "number"}, session)
    bins = found["bins"]["x"]["aspects"]["value"]
    mean, deviation = moments(bins, found["columns"]["x"]["moments"]["value"])
    assert mean == pytest.approx(values.mean(), rel=1e-6)
    assert deviation == pytest.approx(values.std(), rel=1e-5)


def test_values_far_beyond_the_reference_do_not_overflow(session):
    found = profile(session.frame(rows(100)), Columns(), {"x": "number"}, session)
    later = count(found, session.frame(rows(100, x=1e300)), Columns(), session)
    assert later["columns"]["x"]["counts"]["value"][-2] == 100
    assert later["columns"]["x"]["moments"]["value"] == [0, 0, 0, 0]


def test_an_empty_table_and_an_empty_column_have_a_profile(session):
    frame = rows(10, x=np.nan, s=pd.Series([None] * 10, dtype="string"))
    found = profile(session.frame(frame), Columns(), {"x": "number", "s": "category"}, session)
    assert found["columns"]["x"] == {
        "nulls": 10,
        "counts": {"value": [0, 0, 0]},
        "moments": {"value": [0, 0, 0, 0]},
    }
    later = count(found, session.frame(rows(10)), Columns(), session)
    assert later["columns"]["x"]["counts"]["value"] == [0, 10, 0]
    assert later["columns"]["s"]["counts"]["value"] == [0, 10]


def test_quiet_periods_are_kept_in_runs_evenly_spread(session):
    frame = rows(24 * 200)
    frame["d"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(len(frame)) // 40, unit="D")
    columns = Columns.read({"time": "d"})
    monthly = profile(session.frame(frame), columns, {"x": "number"}, session, every="month")
    assert list(monthly["chunks"])[:2] == ["2025-01-01", "2025-02-01"]
    frame["d"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(
        np.arange(len(frame)) // 120, unit="D"
    )
    daily = profile(session.frame(frame), columns, {"x": "number"}, session, every="day")
    days = pd.DatetimeIndex(daily["chunks"])
    assert len(days) == CHUNKS
    assert (days[0], days[-1]) == (frame["d"].min(), frame["d"].max())
    steps = np.diff(days).astype("timedelta64[D]").astype(int)
    assert set(steps[[at for at in range(CHUNKS - 1) if at % 3 != 2]]) == {1}
    assert set(steps[2::3]) <= {3, 4}


@pytest.mark.slow
def test_a_profile_is_small_and_the_same_on_any_number_of_threads(tmp_path):
    found = []
    for threads in (1, 2):
        (folder := tmp_path / str(threads)).mkdir()
        with Session(folder, threads=threads) as session:
            found.append(profile(session.frame(rows(60_000)), Columns(), KINDS, session))
    assert found[0] == found[1]
    assert len(json.dumps(found[0])) < 5 * 4096


def test_each_column_takes_a_few_kilobytes(session):
    """Many words, many values and 24 reference days: what a bundle keeps of a column."""
    rng = np.random.default_rng(0)
    n = 24 * 200
    frame = rows(
        n,
        s=[f"value {at}" for at in rng.integers(0, 2000, n)],
        t=[" ".join(f"word{at}" for at in rng.zipf(1.3, 8) % 5000) for _ in range(n)],
        since=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 50_000, n), unit="h"),
    )
    frame["d"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n) // 200, unit="D")
    kinds = {**KINDS, "since": "date"}
    found = profile(session.frame(frame), Columns.read({"time": "d"}), kinds, session, every="day")
    assert len(found["chunks"]) == 24
    for name in found["bins"]:
        parts = (found, *found["chunks"].values())
        size = len(json.dumps(found["bins"][name]))
        size += sum(len(json.dumps(part["columns"][name])) for part in parts)
        # Of many values their hashes are kept: 24 bits each.
        assert size < 12 * 1024 + 6 * 2000 * (name == "s"), name


def test_dates_are_measured_by_their_age_and_by_the_first_of_them(session):
    frame = rows(600, e=pd.Timestamp("2025-12-25") + pd.to_timedelta(np.arange(600), unit="h"))
    columns = Columns.read({"time": "d"})
    found = profile(session.frame(frame), columns, {"e": "date"}, session)
    aspects = found["bins"]["e"]["aspects"]
    assert set(aspects) == {"since", "age", "hour", "weekday"}
    assert (aspects["age"]["low"], aspects["age"]["high"]) == (7.0, 7.0)
    later = frame.assign(e=pd.Timestamp("2019-01-01"))
    later.loc[:99, "e"] = pd.Timestamp("2099-01-01")
    counts = count(found, session.frame(later), columns, session)["columns"]["e"]["counts"]
    assert counts["since"] == [0, 500, 100, 0]
    assert counts["age"] == [0, 100, 0, 500, 0]


def test_dates_without_an_end_or_a_time_are_missing(session, tmp_path):
    path = tmp_path / "odd.parquet"
    session.raw.execute(
        "COPY (SELECT range AS _row, CASE range % 4 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity'"
        f" WHEN 2 THEN '2026-01-05' END::DATE AS x FROM range(40)) TO '{path}'"
    )
    found = profile(session.read(path), Columns(), {"x": "date"}, session)
    assert found["columns"]["x"]["nulls"] == 30
    assert found["bins"]["x"]["aspects"].keys() == {"since", "weekday"}


def test_the_vocabulary_is_of_words_that_more_than_one_row_has(session):
    texts = ["Red, green"] * 3 + ["green & BLUE", "once"] + ["nothing known: blue"]
    frame = rows(6, t=texts)
    found = profile(session.frame(frame), Columns(), {"t": "text"}, session)
    assert len(found["bins"]["t"]["vocabulary"]) == 4 * len({"red", "green", "blue"})
    later = rows(4, t=["green red", "once blue", "zzz", None])
    counted = count(found, session.frame(later), Columns(), session)["columns"]["t"]
    unknown = found["bins"]["t"]["aspects"]["unknown"]
    mean, _ = moments(unknown, counted["moments"]["unknown"])
    assert mean == pytest.approx((0 + 0.5 + 1) / 3)
    assert counted["nulls"] == 1


def test_a_column_of_another_type_is_read_as_what_it_was(session):
    frame = rows(300)
    found = profile(session.frame(frame), Columns(), KINDS, session)
    as_text = frame.assign(**{name: frame[name].astype(str) for name in ("x", "d")}, t=7, s=1.0)
    as_text.loc[:9, ["x", "d"]] = "no"
    columns = count(found, session.frame(as_text), Columns(), session)["columns"]
    assert (columns["x"]["nulls"], columns["d"]["nulls"], columns["t"]["nulls"]) == (10, 10, 0)
    assert sum(columns["x"]["counts"]["value"]) == 290
    assert columns["d"]["counts"].keys() == found["columns"]["d"]["counts"].keys()
    assert columns["s"]["counts"]["value"][-1] == 300  # "1" was never there


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, 400), seed=st.integers(0, 9))
def test_profiles_over_the_same_bins_add_up(session, cut, seed):
    columns = Columns.read({"time": "d"})
    kinds = {**KINDS, "e": "date"}
    dated = {"e": pd.Timestamp("2025-06-01") + pd.to_timedelta(np.arange(400) * 7, unit="h")}
    reference = profile(session.frame(rows(400, **dated)), columns, kinds, session, every="day")
    table = session.frame(rows(400, seed, **dated))
    parts = [table.filter(table[ROW] < cut), table.filter(table[ROW] >= cut)]
    one, two = (count(reference, part, columns, session, every="day") for part in parts)
    whole = count(reference, table, columns, session, every="day")
    if not cut % 400:
        one["every"] = two["every"] = whole["every"]
    assert merge(one, two) == merge(two, one) == whole


def test_profiles_over_other_bins_do_not_add_up(session):
    one, two = (
        profile(session.frame(rows(50, seed)), Columns(), {"x": "number"}, session)
        for seed in (0, 1)
    )
    with pytest.raises(ComputeError, match="different bins"):
        merge(one, two)


def test_a_single_value_is_noticed(session):
    found = profile(session.frame(rows(100)), Columns(), {"x": "number", "s": "category"}, session)
    later = count(found, session.frame(rows(100, x=0.25, s="a")), Columns(), session)
    bins = found["bins"]
    seen = [
        one_value(bins[name], each["columns"][name]) for each in (found, later) for name in "xs"
    ]
    assert seen == [False, False, True, True]


def test_nan_is_missing_and_infinities_have_bins(session, tmp_path):
    path = tmp_path / "odd.parquet"
    session.raw.execute(
        "COPY (SELECT range AS _row, CASE range % 5 WHEN 0 THEN 'nan' WHEN 1 THEN 'inf' "
        "WHEN 2 THEN '-inf' WHEN 3 THEN range::VARCHAR END::DOUBLE AS x "
        f"FROM range(50)) TO '{path}'"
    )
    found = profile(session.read(path), Columns(), {"x": "number"}, session)["columns"]["x"]
    assert found["nulls"] == 20
    assert (found["counts"]["value"][0], found["counts"]["value"][-1]) == (10, 10)
    assert sum(found["counts"]["value"]) == 30
    assert found["moments"]["value"][0] == 10
