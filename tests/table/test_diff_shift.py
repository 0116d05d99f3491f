"""How far a column has moved, against numpy and against counting by hand."""

import numpy as np
import pyarrow as pa
import pytest

from mlpipe.monitor.drift import effect
from mlpipe.table.diff.compare import Asked, compare
from tests.table.test_diff import column, session  # noqa: F401 - a fixture


def moved(session, a, b, kind, keys=("id",)):  # noqa: F811
    found = compare(
        session, column(session, a, kind), column(session, b, kind), Asked(keys), effect
    )
    return next(each for each in found["columns"] if each["column"] == "v")


def test_numbers(session):  # noqa: F811
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=5000), rng.normal(0.5, size=4000)
    a[:10], b[:20] = np.nan, np.inf
    told = moved(session, [*a, None], b, pa.float64())
    one, two = a[np.isfinite(a)], b[np.isfinite(b)]
    width = np.subtract(*np.quantile(one, [0.75, 0.25]))
    assert told["shift"]["mean"] == pytest.approx({"a": one.mean(), "b": two.mean()})
    assert told["shift"]["median"] == pytest.approx({"a": np.median(one), "b": np.median(two)})
    assert told["shift"]["mean_in_iqr"] == pytest.approx((two.mean() - one.mean()) / width)
    assert told["shift"]["median_in_iqr"] == pytest.approx(
        (np.median(two) - np.median(one)) / width
    )
    assert told["nulls"] == {"a": 1, "b": 0}
    assert told["distinct"] == {"a": 4991, "b": 3981}
    assert 0.4 < told["effect"] < 0.6  # half a standard deviation in ten bins


def test_a_constant_column_has_no_quartiles_to_measure_by(session):  # noqa: F811
    told = moved(session, [5, 5, 5], [5, 5, 6], pa.int64())
    assert told["shift"]["median_in_iqr"] is None
    assert told["shift"]["mean"] == {"a": 5.0, "b": pytest.approx(16 / 3)}
    assert told["shift"]["high"] == {"a": 5.0, "b": 6.0}


def test_missing_values_alone_are_an_effect(session):  # noqa: F811
    told = moved(session, list(range(100)), [None] * 50 + list(range(50, 100)), pa.int64())
    assert told["nulls"] == {"a": 0, "b": 50}
    assert told["effect"] > 0.5


def test_columns_that_moved_more_come_first(session):  # noqa: F811
    from tests.table.test_diff import table

    kinds = {"id": pa.int64(), "still": pa.int64(), "little": pa.int64(), "much": pa.string()}
    a = [{"id": n, "still": n, "little": n, "much": "ab"[n % 2]} for n in range(1000)]
    b = [{**row, "little": row["little"] + row["id"] % 2, "much": "b"} for row in a]
    found = compare(
        session, table(session, a, kinds), table(session, b, kinds), Asked(("id",)), effect
    )
    assert [each["column"] for each in found["columns"]] == ["much", "little"]
    assert found["unchanged"] == ["still"]
    assert found["columns"][0]["effect"] == pytest.approx(1.0)


def test_dates_tell_their_range(session):  # noqa: F811
    told = moved(session, [0, 31], [0, 400], pa.date32())
    assert told["kind"] == "date"
    assert told["shift"] == {
        "low": {"a": "1970-01-01", "b": "1970-01-01"},
        "high": {"a": "1970-02-01", "b": "1971-02-05"},
    }


def test_categories_tell_what_went_what_came_and_what_moved(session):  # noqa: F811
    a = ["basic"] * 60 + ["plus"] * 30 + ["old"] * 10
    b = ["basic"] * 30 + ["plus"] * 50 + ["new"] * 15 + [None] * 5
    told = moved(session, a, b, pa.string())
    assert told["shift"]["gone"] == 1
    assert told["shift"]["gone_values"] == ["old"]
    assert told["shift"]["new_values"] == ["new"]
    assert told["shift"]["shares"][0] == {"value": "basic", "a": 0.6, "b": 0.3}
    assert {each["value"] for each in told["shift"]["shares"]} == {"basic", "plus", "old", "new"}
    assert told["nulls"] == {"a": 0, "b": 5}
    bins_a, bins_b = [60, 30, 10, 0, 0, 0], [30, 50, 0, 0, 15, 5]
    assert told["effect"] == pytest.approx(effect(bins_a, bins_b))


def test_of_a_key_only_dates_are_told(session):  # noqa: F811
    from tests.table.test_diff import table

    kinds = {"id": pa.int64(), "month": pa.date32(), "v": pa.int64()}
    rows = [{"id": n, "month": 31 * (n % 3), "v": n} for n in range(9)]
    a, b = table(session, rows[:6], kinds), table(session, rows, kinds)
    found = compare(session, a, b, Asked(("id", "month")), effect)
    assert {each["column"] for each in found["columns"]} == {"month", "v"}
    month = next(each for each in found["columns"] if each["column"] == "month")
    assert month["changed"] is None
