from mlpipe.report.served import served


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
    assert [figure["caption"].split()[0] for figure in found["figures"]] == ["Latency", "Error"]
    assert "2026-11-02" in found["figures"][0]["svg"]


def test_one_chunk_is_no_line():
    assert served({"log": {"status": "ok", "chunks": [row(1)]}})["figures"] == []
