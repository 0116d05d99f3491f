"""What is proposed passes on the data it came from, leaves room, and shows nothing sensitive."""

import json
import random
import uuid
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.table.columns import ROW, Columns
from mlpipe.validate.infer import infer
from mlpipe.validate.spec import Validate
from mlpipe.validate.stage import validate


@pytest.fixture
def proposed(session):
    """Infer from a frame, check that the frame passes, and return checks and reasons."""

    def of(data, **roles):
        frame = pd.DataFrame(data)
        frame.insert(0, ROW, np.arange(len(frame)))
        columns, table = Columns.read(roles), session.frame(frame)
        found = infer(columns, table, session)
        assert infer(columns, table, session) == found
        section = {
            "columns": {each.column: each.checks for each in found if each.column},
            "checks": [each.checks for each in found if not each.column],
        }
        report = validate(Validate.read(section), columns, table, session)["report"]
        asked = [e for e in report["checks"] if e["check"] not in ("constant", "all_null")]
        assert [entry for entry in asked if entry["status"] != "passed"] == []
        return section, {each.column: each.reason for each in found}

    return of


MANY = 1200


def test_types_and_missing_values(proposed):
    section, reasons = proposed(
        {
            "whole": list(range(MANY)),
            "flag": [True, False] * (MANY // 2),
            "gap": [None, *[f"t{at}" for at in range(MANY - 1)]],
        }
    )
    assert section["columns"]["whole"] == {"type": "integer", "nullable": False}
    assert section["columns"]["flag"] == {"type": "boolean", "nullable": False}
    assert section["columns"]["gap"] == {"type": "string"}
    assert reasons["gap"] == "1,200 rows: 1 missing"
    assert "it may go on growing" in reasons["whole"]


def test_few_rows_forbid_nothing(proposed):
    section, reasons = proposed({"x": [1, 2, 3]})
    assert "nullable" not in section["columns"]["x"]
    assert "too few rows" in reasons["x"]
    assert section["checks"] == [{"rows": {"min": 1}}]


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0, 71], 0, 90),
        ([1, 132], 0, 200),
        ([-6.5, 27.4], -15, 40),
        ([-5, -1], -6, 0),
        ([2011, 2012], 2010, 2013),
        ([0.0, 0.001], 0, 0.0015),
        ([0.25, 0.75], 0.1, 0.9),
        ([-(10**18), 10**18], -1500000000000000000, 1500000000000000000),
    ],
)
def test_bounds_have_room_and_stay_on_their_side_of_zero(proposed, values, low, high):
    section, _ = proposed({"x": values * 20})
    checks = section["columns"]["x"]
    assert (checks["min"], checks["max"]) == (low, high)


@pytest.mark.parametrize(
    "values", [[5.0] * 10, [1.0, float("inf")], [1, float("-inf"), 3], [None, None]]
)
def test_no_bounds_where_there_is_no_range(proposed, values):
    section, _ = proposed({"x": np.array(values, dtype=float)})
    assert not {"min", "max"} & section["columns"]["x"].keys()


def test_dates_have_a_first_year_and_no_end(proposed):
    days = [date(2024, 3, 5) + timedelta(days=at) for at in range(30)]
    moments = [datetime(2023, 7, 1, at % 24) for at in range(30)]
    section, _ = proposed({"day": days, "moment": moments})
    assert section["columns"]["day"] == {"type": "date", "min": "2024-01-01"}
    assert section["columns"]["moment"] == {"type": "timestamp", "min": "2023-01-01"}


def test_categories_are_listed_where_each_value_is_frequent(proposed):
    section, reasons = proposed(
        {
            "plan": ["pro", "basic"] * 20,
            "rare": ["a"] * 36 + ["b"] * 4,
            "many": [f"v{at % 21}" for at in range(40)],
            "one": ["x"] * 40,
            "code": [1, 7] * 20,
            "odd": ["${env:HOME}", "b"] * 20,
        },
        kinds={"category": ["code"]},
    )
    columns = section["columns"]
    assert columns["plan"] == {"type": "string", "in": ["basic", "pro"], "severity": "warn"}
    assert columns["code"] == {"type": "integer", "in": [1, 7], "severity": "warn"}
    assert [name for name in columns if "in" in columns[name]] == ["plan", "code"]
    assert reasons["plan"].endswith("2 values, each in 20 rows or more")


def test_shapes_that_are_known(proposed):
    chance = random.Random(3)
    section, _ = proposed(
        {
            "id": [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(200)],
            "day": [f"2024-01-{at % 28 + 1:02d}" for at in range(200)],
            "mail": [f"u{at}@example.org" for at in range(197)] + ["none", "-", "?"],
            "text": [f"word{at} and" for at in range(200)],
        }
    )
    columns = section["columns"]
    assert columns["id"]["matches"].startswith("[0-9a-fA-F]{8}-")
    assert columns["day"]["matches"] == "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    assert columns["mail"]["mostly"] == 0.98
    assert "matches" not in columns["text"]


def test_codes_of_one_length(proposed):
    section, _ = proposed(
        {"code": [f"{at:06d}" for at in range(MANY)], "free": [f"{at}" for at in range(MANY)]}
    )
    assert section["columns"]["code"]["min_length"] == 6
    assert section["columns"]["code"]["max_length"] == 6
    assert "max_length" not in section["columns"]["free"]


def test_keys_are_unique_only_where_they_are(proposed):
    data = {"a": [1, 1, 2, 2], "b": [1, 2, 1, 2], "c": [1, 2, 3, 3], "d": ["x", "y", "z", "w"]}
    section, reasons = proposed(data, key=["a", "b"])
    assert section["checks"][1:] == [{"unique": ["a", "b"]}]
    assert reasons[""] == "columns.key: different in each of 4 rows"
    section, reasons = proposed(data, key="D")
    assert section["columns"]["d"]["unique"] is True
    assert reasons["d"].endswith("columns.key: different in each row")
    for key in ("c", ["b", "b"], "e"):
        assert "unique" not in json.dumps(proposed(data, key=key)[0])


def test_sensitive_columns_give_their_type_alone(proposed):
    data = {
        "band": ["secret-a", "secret-b"] * (MANY // 2),
        "age": [11111, 98765] * (MANY // 2),
        "born": [date(1931, 1, 1)] * MANY,
    }
    section, reasons = proposed(data, sensitive=["Band", "age", "born"])
    assert {tuple(checks) for checks in section["columns"].values()} == {("type", "nullable")}
    said = json.dumps([section, reasons])
    assert not [word for word in ("secret-a", "11111", "98765", "1931") if word in said]
    assert "secret-a" in json.dumps(proposed(data)[0])  # the control


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(width=32), st.floats()),
            st.integers(-(2**62), 2**62),
            st.sampled_from(["a", "b", "yes", "", "x@y.z", "2024-01-01", "é\u200b", "'", "\t"]),
        ),
        min_size=1,
        max_size=60,
    ),
    st.integers(1, 30),
)
def test_the_data_passes_what_it_was_asked_for(proposed, rows, times):
    floats, whole, words = zip(*(rows * times), strict=True)
    proposed(
        {"f": np.array([np.nan if f is None else f for f in floats]), "i": whole, "s": words},
        key="i",
    )
