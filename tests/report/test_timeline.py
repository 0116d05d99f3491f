"""The timeline: what is drawn, what beside what, what is open, and the strips of drift."""

import copy
import re
from typing import Any

import pytest

from mlpipe.report.heat import spark, strips
from mlpipe.report.moved import drift_rows, moved
from mlpipe.report.page import page
from mlpipe.report.timeline import timeline
from tests.report import watched
from tests.report.test_page import Reader


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return watched.report()


@pytest.fixture(scope="module")
def figures(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = timeline(report)
    return {each["name"]: each for each in [*found["open"], *found["more"]]}


def test_each_measure_is_drawn_once_and_drift_in_strips(figures) -> None:
    assert list(figures) == [
        "average_precision", "retention_profit", "f1",
        "demographic_parity_difference across gender",
        "equal_opportunity_difference across gender",
        "latency p50", "latency p95", "latency p99", "error rate", "memory", "rows",
        "failed checks",
    ]  # fmt: skip


def test_the_truth_stands_with_its_estimate_and_the_naive_model(figures) -> None:
    key = [(style, label.split()[0]) for style, label in figures["average_precision"]["key"]]

    assert key == [("dotted", "naive"), ("dashed", "estimated"), ("points", "realised")]
    for name in ("retention_profit", "demographic_parity_difference across gender"):
        assert [style for style, _ in figures[name]["key"]] == ["dashed", "points"]
    assert [style for style, _ in figures["f1"]["key"]] == ["dashed"]


def test_the_latest_truth_says_of_when_it_is(report, figures) -> None:
    records = report["timeline"]["chunks"]
    latest = next(
        each for each in reversed(records) if "quality.average_precision" in each["measures"]
    )

    assert figures["average_precision"]["when"] == latest["chunk"] == "2026-08-23"
    assert figures["average_precision"]["status"] == "alert"
    assert figures["latency p95"]["when"] == ""


def test_before_the_first_label_the_estimate_stands_alone(report) -> None:
    without = copy.deepcopy(report)
    for record in without["timeline"]["chunks"]:
        record["measures"].pop("quality.average_precision", None)
    (found,) = [each for each in timeline(without)["open"] if each["name"] == "average_precision"]

    assert found["when"] == ""
    assert found["status"] == "ok"


def test_the_table_holds_the_same_data_the_latest_first(report, figures) -> None:
    rows = figures["latency p95"]["rows"]
    last = report["timeline"]["chunks"][-1]["measures"]["served.latency_p95_ms"]

    assert [row["chunk"] for row in rows] == [watched.day(at) for at in range(59, -1, -1)]
    assert rows[0]["cells"][0]["value"] == f"{last['value']:.4g}"
    assert [row["new"] for row in rows] == [True] * watched.NEW + [False] * 53
    assert rows[-1]["cells"][0]["value"] == "–"


def test_shares_are_written_in_percent_and_the_limit_with_them(figures) -> None:
    assert figures["error rate"]["limit"] == "2 %"
    assert figures["error rate"]["latest"].endswith(" %")


def test_many_measures_fold_but_not_those_that_are_not_ok(report) -> None:
    loud = copy.deepcopy(report)
    loud["timeline"]["chunks"][-1]["measures"]["served.memory_mb"]["status"] = "warn"

    assert [each["name"] for each in timeline(report)["open"]] == [
        "average_precision",
        "retention_profit",
    ]
    assert "memory" in [each["name"] for each in timeline(loud)["open"]]
    few = copy.deepcopy(report)
    for record in few["timeline"]["chunks"]:
        record["measures"] = {
            name: each for name, each in record["measures"].items() if name.startswith("served.")
        }
    few["timeline"]["measures"] = {}
    assert len(timeline(few)["open"]) == 5


def test_one_chunk_has_a_table_in_place_of_figures() -> None:
    found = timeline(watched.report(1))
    text = Reader(page({"monitor": {"status": "ok", "timeline": watched.report(1)["timeline"]}}))

    assert found["more"] == []
    assert all(each["span"] for each in found["open"])
    assert "with more chunks, a timeline" in text.text
    assert "panel" not in text.values("class")


def test_what_is_held_against_nothing_is_not_judged() -> None:
    point = {"group": "business", "value": 3.0, "status": "insufficient", "n": 1000}
    chunks = [{"chunk": each, "measures": {"business.profit": point}} for each in "ab"]
    about = {"group": "business", "reference": None, "limit": None}
    found = {"chunks": chunks, "measures": {"business.profit": about}}
    held = {**found, "measures": {"business.profit": {**about, "reference": {"value": 2.0}}}}

    assert timeline({"timeline": found})["open"][0]["status"] is None
    assert "insufficient" not in timeline({"timeline": found})["open"][0]["svg"]
    assert timeline({"timeline": held})["open"][0]["status"] == "insufficient"


def test_what_the_nights_decide_outranks_the_latest_chunk(report) -> None:
    told = copy.deepcopy(report)
    told["timeline"]["measures"]["data.rows"] |= {"status": "warn", "since": "2026-08-02"}
    (rows,) = [each for each in timeline(told)["open"] if each["name"] == "rows"]

    assert (rows["status"], rows["since"]) == ("warn", "2026-08-02")
    assert rows["rows"][0]["status"] == "ok"


def test_a_limit_that_is_the_value_at_training_is_one_line(report) -> None:
    told = copy.deepcopy(report)
    about = told["timeline"]["measures"]["business.retention_profit"]
    about["limit"] = about["reference"]["value"]
    (found,) = [each for each in timeline(told)["open"] if each["name"] == "retention_profit"]

    assert (found["training"], found["limit"]) == ("2,200", "")
    assert 'class="limit"' not in found["svg"]


def test_a_line_without_a_value_has_no_place_in_the_key() -> None:
    (first, *_) = timeline(watched.report(5))["open"]  # before the first labels

    assert [label.split()[0] for _, label in first["key"]] == ["estimated"]
    assert first["heads"] == ["estimated"]


def test_only_the_latest_sixty_chunks_are_drawn() -> None:
    assert timeline(watched.report(75))["chunks"] == 60


@pytest.mark.parametrize(
    "given",
    [
        {}, {"timeline": None}, {"timeline": {"chunks": []}}, {"timeline": {"chunks": [None, 3]}},
        {"timeline": {"chunks": "x", "measures": "y"}},
    ],
)  # fmt: skip
def test_without_a_timeline_there_is_no_section(given: dict[str, Any]) -> None:
    assert timeline(given) == {}
    assert strips(given, [{"column": "a"}]) == {}


def test_records_of_another_shape_are_passed_over() -> None:
    odd = {"chunk": None, "measures": {"quality.f1": {"value": "high", "status": 3}, "x": None}}
    found = timeline({"timeline": {"chunks": [odd, {"chunk": 7}], "measures": {"quality.f1": 1}}})

    assert found["open"] == []
    assert strips({"timeline": {"chunks": [odd, {}]}}, [])["rows"] == []


def test_strips_come_in_the_order_of_the_drift_table(report) -> None:
    found = strips(report, drift_rows(report))

    assert [row["column"] for row in found["rows"]] == [
        "charges", "plan", "support_tickets", "calls",
    ]  # fmt: skip
    assert (found["first"], found["last"]) == ("2026-07-01", "2026-08-29")
    assert found["still"] == 9  # eight columns and the prediction
    assert found["new"] == pytest.approx(100 * watched.NEW / 60, abs=0.01)


def test_a_strip_has_a_cell_a_chunk_and_words_where_it_moved(report) -> None:
    (charges, *_) = strips(report, [{"column": "charges", "role": "feature"}])["rows"]
    svg = str(charges["svg"])

    assert 'aria-label="charges: 19 alerts in 60 chunks"' in svg
    assert "<title>2026-08-29: alert, effect 0.48</title>" in svg
    assert svg.count("<title>") == charges["alerts"] == 19
    (quiet,) = re.findall(r'class="ok" d="([^"]*)"', svg)
    assert quiet.count("z") == 60 - 19


def test_the_small_line_ends_at_the_latest_effect(report) -> None:
    svg = str(spark(report, "drift.charges"))

    assert "0.48 last" in svg
    assert len(re.search(r'points="([^"]*)"', svg)[1].split()) == 60
    assert spark(watched.report(1), "drift.charges") is None
    assert spark(report, "no such column") is None


def test_the_drift_table_knows_since_when_and_how_far(report) -> None:
    (first, *_) = drift_rows(report)
    gone = {"column": "note", "status": "warn", "unit": "share", "size": 0.077, "direction": "up"}

    assert (first["column"], first["since"], first["by"]) == ("charges", "2026-08-11", "0.41 IQR")
    assert "0.48 last" in first["spark"]
    assert drift_rows({"drift": [gone]})[0]["by"] == "7.7 %"
    assert moved(report) == ["charges", "plan", "support_tickets"]


def test_pictures_of_many_columns_are_outlines() -> None:
    rows = drift_rows(watched.report(2, 100))

    assert rows[0]["bars"]
    assert rows[0]["small"] is None
    assert rows[99]["bars"] == []
    assert rows[99]["small"].count("<path") == 2
