import json

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import SpecError
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.model import Current, Model
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import observe
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import profile

COLUMNS = Columns.read({"key": "id", "time": "day", "target": {"name": "y", "positive": "yes"}})
KINDS = {"x": "number", "z": "number", "s": "category", "id": "number", "day": "date"}


def rows(n=4000, seed=0, shift=0.0, start="2025-01-01", months=12):
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    return pd.DataFrame(
        {
            ROW: np.arange(n),
            "id": np.arange(n),
            "x": x,
            "z": rng.normal(size=n),
            "s": rng.choice(["a", "b", "c"], n),
            "day": pd.date_range(start, periods=n, freq=pd.Timedelta(days=30.4 * months / n)),
            "y": np.where(rng.random(n) < 1 / (1 + np.exp(-2 * x)), "yes", "no"),
        }
    )


def said(frame):
    score = 1 / (1 + np.exp(-2 * frame["x"].to_numpy()))
    prediction = np.where(score > 0.5, "yes", "no")
    return pd.DataFrame({ROW: frame[ROW], "prediction": prediction, "score": score})


@pytest.fixture
def reference(session):
    frame = rows()
    found = profile(session.frame(frame), COLUMNS, KINDS, session, every="month")
    predicted = said(frame)
    predicted["day"] = frame["day"]
    kinds = {"prediction": "category", "score": "number"}
    times = Columns.read({"time": "day"})
    found["predictions"] = profile(session.frame(predicted), times, kinds, session, every="month")
    return found


@pytest.fixture
def run(session, reference):
    def run(frame, section=None, importance=None, quality=None, **rest):
        known = rest.pop("reference", reference)
        predictions = rest.pop("predictions", said(frame))
        columns = rest.pop("columns", COLUMNS)
        beside = {"importance": importance or {}, "quality": quality or {}} if known else {}
        model = Model("binary", {**known, **beside}, rest.pop("classes", ()))
        current = Current(session.frame(frame), columns, session.frame(predictions), **rest)
        observed = observe(Monitor.read(section or {}), model, current, session)
        report = judge(observed, (), known)
        json.dumps(report, allow_nan=False)
        return report

    return run


def row(report, column):
    (found,) = [each for each in report["drift"] if each["column"] == column]
    return found


@pytest.mark.parametrize("part", ["format", "rows", "every", "columns", "chunks"])
def test_a_reference_without_a_part_is_refused_by_its_name(run, reference, part):
    del reference[part]
    with pytest.raises(SpecError, match=f"cannot be read: {part}"):
        run(rows(300), reference=reference)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), 2, "format"),
        (("bins", "x", "kind"), "of another year", r"bins\.x\.kind"),
        (("columns", "s"), {}, r"columns\.s\.counts and 1 more"),
        (("predictions", "chunks"), None, r"predictions\.chunks"),
        (("quality",), 3, "quality"),
        (("bins", "s", "seen"), None, r"bins\.s"),
        (("bins", "s", "values"), ["a"], r"columns\.s"),
        (("bins", "x", "aspects"), {}, r"bins\.x"),
        (("bins", "x", "aspects", "value", "edges"), ["a"], r"aspects\.value\.edges"),
        (("bins", "x", "aspects", "value", "edges"), [float("inf")], r"aspects\.value\.edges"),
        (("bins", "x", "aspects", "value", "edges"), [1.0], r"columns\.x"),
        (("chunks", "2025-01-01", "columns", "x", "counts", "value"), [1], r"chunks.*columns\.x"),
    ],
)
def test_a_reference_with_a_part_of_another_form_is_refused_by_its_name(
    run, reference, path, value, said
):
    *above, last = path
    part = reference
    for key in above:
        part = part[key]
    part[last] = value
    with pytest.raises(SpecError, match=said):
        run(rows(300), reference=reference, quality=value if last == "quality" else None)


def test_a_column_without_its_counts_is_refused(run, reference):
    del reference["columns"]["x"]
    with pytest.raises(SpecError, match=r"columns\.x"):
        run(rows(300), reference=reference)


def test_columns_that_cannot_be_looked_at_together_are_said_beside_the_other_notes(run):
    notes = run(rows(300), {"multivariate": True})["notes"]
    assert "multivariate: the model carries no reference rows: train it again" in notes
    assert not any("multivariate" in note for note in run(rows(300))["notes"])


def test_quiet_data_is_ok(run):
    report = run(rows(2000, 1, start="2026-01-01", months=3))
    assert report["status"] == "ok"
    assert {each["status"] for each in report["drift"]} == {"ok"}
    assert {each["column"] for each in report["drift"]} == {"x", "z", "s", "prediction", "score"}
    assert [each["chunk"] for each in report["chunks"]] == ["2026-01", "2026-02", "2026-03"]


def test_a_shift_is_an_alert_with_direction_and_size(run):
    report = run(rows(2000, 1, shift=0.8, start="2026-01-01", months=3))
    assert report["status"] == "alert"
    moved = row(report, "x")
    assert (moved["status"], moved["direction"]) == ("alert", "up")
    assert moved["shift"] == pytest.approx(0.8 / 1.35, abs=0.12)
    assert moved["mean"]["current"] - moved["mean"]["reference"] == pytest.approx(0.8, abs=0.1)
    assert moved["wasserstein"] == pytest.approx(0.8, abs=0.25)  # outer bins are taken as even
    assert moved["bins"][0]["bin"].startswith("> ")
    assert sum(moved["picture"]["current"]) == pytest.approx(1)
    assert len(moved["picture"]["labels"]) == len(moved["picture"]["reference"])
    assert row(report, "score")["status"] == "alert"
    assert row(report, "z")["status"] == "ok"
    assert report["chunks"][0]["alerts"] == ["x"]


def test_one_bad_chunk_of_three_is_a_warning(run):
    frame = rows(3000, 1, start="2026-01-01", months=3)
    frame.loc[frame["day"] >= "2026-03-01", "s"] = "c"
    report = run(frame)
    assert row(report, "s")["statuses"] == ["ok", "ok", "alert"]
    assert row(report, "s")["status"] == report["status"] == "warn"


def test_fewer_than_three_chunks_have_no_persistence_and_say_so(run):
    report = run(rows(1000, 1, shift=1, start="2026-01-01", months=1))
    assert report["status"] == "alert"
    assert any("no persistence" in note for note in report["notes"])


def test_few_rows_are_insufficient(run):
    report = run(rows(150, 1, shift=3, start="2026-01-01", months=1))
    assert report["status"] == "insufficient"
    assert {each["status"] for each in report["drift"]} == {"insufficient"}


def test_an_empty_window_is_a_warning(run):
    report = run(rows(10).iloc[:0])
    assert (report["status"], report["rows"], report["drift"]) == ("insufficient", 0, [])
    assert "the window is empty" in report["notes"]


@pytest.mark.parametrize("nothing", [{}, {"rows": 3}])
def test_a_model_without_a_reference_is_refused(run, nothing):
    with pytest.raises(SpecError, match="no reference profile") as caught:
        run(rows(300), reference=nothing)
    assert "train the model again" in str(caught.value)


def test_new_values_and_missing_ones_are_found_and_named(run):
    frame = rows(3000, 1, start="2026-01-01", months=3)
    frame.loc[frame.index % 15 == 0, "s"] = "brand new"
    frame.loc[frame.index % 10 == 0, "z"] = np.nan
    report = run(frame)
    assert (row(report, "s")["aspect"], row(report, "s")["status"]) == ("unseen", "alert")
    assert "never seen values: 6." in row(report, "s")["words"]
    assert (row(report, "z")["aspect"], row(report, "z")["status"]) == ("missing", "alert")
    assert row(report, "z")["words"] == "missing: 0.0% → 10.0%"


def test_a_point_of_missing_values_is_none(run):
    frame = rows(3000, 1, start="2026-01-01", months=3)
    frame.loc[frame.index % 70 == 0, ["z", "s"]] = None
    assert run(frame)["status"] == "ok"


def test_a_column_with_a_single_value_is_noted(run):
    report = run(rows(1000, 1, start="2026-01-01", months=1).assign(z=0.5))
    assert "z has a single value in the current data" in report["notes"]
    one = run(rows(1, 1, start="2026-01-01", months=1))
    assert not any("single value" in note for note in one["notes"]), "one row has no more"


def test_a_column_that_is_gone_is_noted(run):
    report = run(rows(1000, 1, start="2026-01-01", months=1).drop(columns="z"))
    assert "z is not in the current data" in report["notes"]


def test_what_matters_to_the_model_comes_first(run):
    frame = rows(2000, 1, start="2026-01-01", months=2)
    frame["z"] += 0.9
    frame.loc[::4, "s"] = "a"
    plain = [each["column"] for each in run(frame)["drift"] if each["role"] == "feature"]
    assert plain[0] == "z"
    report = run(frame, importance={"s": 9.0, "z": 0.1, "x": 0.9})
    weighed = [each for each in report["drift"] if each["role"] == "feature"]
    assert weighed[0]["column"] == "s"
    assert weighed[0]["importance"] == pytest.approx(0.9)
    assert [each["role"] for each in report["drift"]][:2] == ["prediction"] * 2


def test_an_uncalibrated_reference_says_so(run, session):
    few = profile(session.frame(rows(2000, months=4)), COLUMNS, KINDS, session, every="month")
    report = run(rows(1000, 1, start="2026-01-01", months=1), reference=few)
    assert any(note.startswith("uncalibrated") for note in report["notes"])
    assert row(report, "x")["dispersion"] is None


def test_a_season_that_the_reference_knows_is_no_drift(run, session):
    """The same current month: drift for a calm reference, quiet for one that swings."""
    frame = rows(12_000)
    swing = np.sin(2 * np.pi * frame["day"].dt.month / 6) * 0.8
    current = rows(1500, 1, start="2026-01-01", months=1.03)
    current["z"] += 0.8 * np.sin(2 * np.pi / 6)
    seasonal = frame.assign(z=frame["z"] + swing)
    known = profile(session.frame(seasonal), COLUMNS, KINDS, session, every="month")
    assert row(run(current), "z")["status"] == "alert"
    calm = row(run(current, reference=known), "z")
    assert calm["status"] == "ok"
    assert calm["dispersion"] > 5


def test_files_are_chunks(run):
    frame = rows(900, 1).assign(source=np.repeat(["a.csv", "b.csv", "c.csv"], 300))
    report = run(frame, {"every": "file"}, file_column="source")
    assert [each["chunk"] for each in report["chunks"]] == ["a.csv", "b.csv", "c.csv"]
    assert report["every"] == "file"


def test_without_a_time_all_rows_are_one_chunk(run):
    columns = Columns.read({"key": "id", "target": "y"})
    report = run(rows(900, 1), columns=columns)
    assert [each["chunk"] for each in report["chunks"]] == ["all rows"]
    assert "without columns.time, all rows are one chunk" in report["notes"]
    assert row(report, "score")["status"] == "ok"


def test_rows_that_have_lost_their_time_are_told(run):
    lost = rows(900, 1, start="2026-01-01").assign(day=pd.Series(pd.NaT, range(900), "M8[us]"))
    report = run(lost, {"every": "day"})
    assert [each["rows"] for each in report["chunks"]] == [900]
    assert "no row has a time: all rows are one chunk" in report["notes"]
    assert {each["ordered_by"] for each in report["chunks"]} == {"as_of"}
    there = run(rows(900, 1, start="2026-01-01"), {"every": "day"})
    assert not any("no row has a time" in note for note in there["notes"])
    assert {each["ordered_by"] for each in there["chunks"]} == {"time"}


def test_rows_in_the_order_of_time_are_chunks(run):
    frame = rows(2500, 1, start="2026-01-01", months=3)
    late = frame["day"] >= frame["day"].iloc[2000]
    frame.loc[~late & (frame["day"] >= frame["day"].iloc[1000]), "s"] = "c"
    mixed = frame.sample(frac=1, random_state=3).assign(**{ROW: range(2500)})
    report = run(mixed.reset_index(drop=True), {"every": {"rows": 1000}})
    assert [each["rows"] for each in report["chunks"]] == [1000, 1000]
    assert report["every"] == "1,000 rows"
    assert row(report, "s")["statuses"] == ["ok", "alert"]
    assert report["chunks"][1]["chunk"] == str(frame["day"].iloc[1000])
    assert "the last chunk is unfinished and left out (500 rows)" in report["notes"]


def test_all_rows_can_be_one_chunk_whatever_their_time(run):
    report = run(rows(900, 1, start="2026-01-01", months=3), {"every": "all"})
    assert [(each["chunk"], each["rows"]) for each in report["chunks"]] == [("2026-01-01", 900)]
    assert report["timeline"]["chunks"][0]["every"] == "all"
    assert not any("without columns.time" in note for note in report["notes"])


QUALITY = {"quality": {"metric": "roc_auc", "margin": 0.01}}
WAS = {"roc_auc": {"value": 0.85, "low": 0.84, "high": 0.86}}


def test_quality_is_realised_as_labels_arrive(run):
    frame = rows(3000, 1, start="2026-01-01", months=3)
    frame.loc[frame["day"] >= "2026-03-01", "y"] = None
    report = run(frame, QUALITY, quality=WAS)
    chunks = report["quality"]["chunks"]
    assert [each["status"] for each in chunks] == ["ok", "ok", "insufficient"]
    assert "rows have no label yet" in report["quality"]["notes"][0]


def test_a_model_that_went_wrong_is_an_alert_without_any_drift(run):
    frame = rows(3000, 1, start="2026-01-01", months=3)
    frame["y"] = np.random.default_rng(5).permutation(frame["y"])
    report = run(frame, QUALITY, quality=WAS)
    assert {each["status"] for each in report["drift"]} == {"ok"}
    assert report["quality"]["status"] == report["status"] == "alert"


def test_no_labels_are_said(run):
    report = run(rows(1000, 1).drop(columns="y"), QUALITY, quality=WAS)
    assert "no labels yet" in report["quality"]["notes"]
    assert report["quality"]["status"] == "insufficient"


def test_a_metric_of_another_task_is_refused(run):
    with pytest.raises(SpecError, match="monitor"):
        run(rows(300, 1), {"quality": {"metric": "rmse"}})


def test_the_same_data_gives_the_same_report(run):
    frame = rows(2000, 1, shift=0.2, start="2026-01-01", months=3)
    assert run(frame, QUALITY, quality=WAS) == run(frame, QUALITY, quality=WAS)
