import pytest
from pydantic import ValidationError

from mlpipe.monitor.spec import Monitor


def test_the_section_of_the_design_is_read():
    spec = Monitor.read(
        {
            "current": {"sources": {"usage": {"path": "2026-06.parquet"}}},
            "labels": {"path": "labels.csv", "nulls": ["?"]},
            "every": "month",
            "drift": {"warn": 0.1, "alert": 0.2},
            "quality": {"metric": "average_precision", "margin": 0.03},
        }
    )
    assert spec.current.ingest_values() == {"sources": {"usage": {"path": "2026-06.parquet"}}}
    assert spec.labels.source_values() == {"path": "labels.csv", "nulls": ("?",)}
    assert (spec.on_alert, spec.minimum_rows) == ("fail", 200)
    assert Monitor.read(spec.model_dump(mode="json")) == spec


def test_one_shaped_table_is_a_path():
    assert Monitor.read({"current": {"path": "x"}}).current.ingest_values() == {"path": "x"}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"current": {}}, "either a path, sources or a log"),
        (
            {"current": {"path": "x", "sources": {"a": {"path": "y"}}}},
            "either a path, sources or a log",
        ),
        ({"labels": {"nulls": ["?"]}}, "path"),
        ({"drift": {"warn": 0.3}}, "above alert"),
        ({"drift": {"warn": 0}}, "greater than 0"),
        ({"quality": {"metric": "rocauc"}}, "not a metric"),
        ({"every": "hour"}, "'day', 'week'"),
        ({"minimum_rows": 0}, "greater than or equal"),
        ({"current": {"sources": {}}}, "nothing of it is current"),
        ({"current": {"sources": {"usage": {}}}}, "nothing of it is current"),
        ({"log": ""}, "at least 1 character"),
        ({"latency": {"p95_ms": 5}}, "latency cannot be judged without it"),
        ({"latency": {"p95_ms": 5}, "health": {"objective": 0.9}}, "latency and health cannot"),
        ({"as_of": "9999-12-31"}, "a day from 1900 to 2999"),
        ({"as_of": "0001-01-01"}, "a day from 1900 to 2999"),
        ({"log": {"path": "log", "as_of": "9999-12-31T23:00:00-12:00"}}, "a day from 1900"),
        ({"log": {"path": "log", "as_of": "0001-01-01T00:00:00+14:00"}}, "a day from 1900"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(section, said):
    with pytest.raises(ValidationError, match=said):
        Monitor.read(section)


def test_a_text_that_is_no_day_is_not_repeated_at_any_length():
    with pytest.raises(ValidationError) as caught:
        Monitor.read({"as_of": "x" * 20_000})
    assert len(caught.value.errors()[0]["msg"]) < 100


def test_limits_that_are_left_open_need_no_log():
    assert Monitor.read({"latency": {"p95_ms": None}, "health": {}}).log is None
