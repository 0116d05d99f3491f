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
        ({"current": {"path": "x", "sources": {}}}, "either a path, sources or a log"),
        ({"labels": {"nulls": ["?"]}}, "path"),
        ({"drift": {"warn": 0.3}}, "above alert"),
        ({"drift": {"warn": 0}}, "greater than 0"),
        ({"quality": {"metric": "rocauc"}}, "not a metric"),
        ({"every": "hour"}, "'day', 'week'"),
        ({"minimum_rows": 0}, "greater than or equal"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(section, said):
    with pytest.raises(ValidationError, match=said):
        Monitor.read(section)
