from mlpipe.report.page import page
from mlpipe.report.served import served
from tests.report import watched
from tests.report.test_page import Reader


def row(at, value=5.0):
    return {
        "chunk": f"2026-11-{at:02d}",
        "latency": {"p95_ms": {"value": value, "low": 4.0, "high": None}},
        "errors": {"value": 0.01, "low": 0.0, "high": 0.02},
    }


def test_a_report_without_a_log_has_no_section():
    assert served({}) == {}


def test_latency_and_errors_are_drawn_over_the_chunks():
    found = served({"log": {"status": "ok", "chunks": [row(1), row(2)]}})
    assert [figure["name"] for figure in found["figures"]] == ["latency p95", "error rate"]
    assert [figure["latest"] for figure in found["figures"]] == ["5", "1 %"]
    assert "2026-11-02: 5" in found["figures"][0]["svg"]


def test_the_limit_and_the_status_of_each_chunk_are_drawn():
    measures = [{"measure": "latency_p95_ms", "limit": 6.0, "statuses": ["ok", "alert"]}]
    log = {"status": "ok", "chunks": [row(1), row(2, 9.0)], "measures": measures}
    (latency, _) = served({"log": log})["figures"]
    assert (latency["limit"], latency["status"]) == ("6", "alert")
    assert 'class="limit"' in latency["svg"]
    assert 'class="mark alert line"' in latency["svg"]


def test_statuses_of_other_chunks_are_not_those_of_these():
    measures = [{"measure": "error_rate", "statuses": ["alert"]}]
    log = {"chunks": [row(1), row(2)], "measures": measures}
    assert "alert" not in served({"log": log})["figures"][-1]["svg"]


def test_one_chunk_is_no_line():
    assert served({"log": {"status": "ok", "chunks": [row(1)]}})["figures"] == []


def test_errors_are_told_by_kind_and_measures_in_words():
    text = Reader(page({"monitor": {"status": "ok", "log": watched.log(3)}})).text
    assert "timeout 10 (0.1 %), error 20 (0.2 %)" in text
    assert "latency p95, ms" in text
    assert "the error budget does not burn too fast" in text
