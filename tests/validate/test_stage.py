import json
import re

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.table.columns import ROW, Columns
from mlpipe.validate.spec import Validate
from mlpipe.validate.stage import validate


class Recorded:
    """Stands between a session and its engine and keeps the queries that run."""

    def __init__(self, raw):
        self.raw, self.plans = raw, []

    def execute(self, query, *rest):
        explained = re.sub(r"^CREATE .*? AS ", "", query)
        if explained.startswith("SELECT"):
            self.plans.append(self.raw.execute(f"EXPLAIN {explained}", *rest).fetchall()[0][1])
        return self.raw.execute(query, *rest)

    def __getattr__(self, name):
        return getattr(self.raw, name)

    def scans(self):
        return sum(len(re.findall(r"READ_PARQUET +│\n│ +─", plan)) for plan in self.plans)


def table(session, frame):
    frame.insert(0, ROW, np.arange(len(frame)))
    return session.frame(frame)


@pytest.mark.parametrize(("bad", "scans"), [(False, 2), (True, 3)])
def test_all_checks_take_one_scan_as_does_the_profile_and_so_do_the_examples(session, bad, scans):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{at}": rng.normal(size=500) for at in range(5)})
    frame["s"] = rng.choice(["a", "b"], 500)
    spec = Validate.read(
        {
            "columns": {
                **{f"x{at}": {"nullable": False, "min": -9, "max": 9} for at in range(5)},
                "s": {"in": ["a"] if bad else ["a", "b"], "matches": "[ab]", "max_length": 1},
            },
            "checks": [
                {"rows": {"min": 10}},
                {"unique": ["x0", "s"]},
                {"expression": "x0 < 1" if bad else "x0 < 99"},
            ],
        }
    )
    path = session.path("table")
    session.write(table(session, frame), path)
    source = session.read(path)
    recorded = session.raw = Recorded(session.raw)
    found = validate(spec, Columns(), source, session)["report"]
    assert recorded.scans() == scans
    assert found["status"] == ("failed" if bad else "passed")


def test_examples_are_the_first_rows_with_their_keys(report):
    data = {"id": [f"k{at}" for at in range(20)], "x": [-1 if at % 2 else 1 for at in range(20)]}
    found = report(data, {"columns": {"x": {"min": 0}}}, key="id")
    examples = found["checks"][0]["examples"]
    assert [each["row"] for each in examples] == [1, 3, 5, 7, 9]
    assert examples[0] == {"row": 1, "key": {"id": "k1"}, "value": -1}


def test_repeated_rows_are_all_shown_and_counted_beyond_the_first(report):
    data = {"a": [1, 2, 1, 1, None, None], "b": ["x", "y", "x", "z", "x", "x"]}
    (check,) = report(data, {"checks": [{"unique": ["a", "b"]}]})["checks"]
    assert check["failing"] == 1
    assert [each["row"] for each in check["examples"]] == [0, 2]
    assert check["message"] == "a, b: 1 of 6 rows repeat a value of another"


def test_an_unknown_answer_is_no_failure(report):
    found = report({"a": [1.0, None, 3.0], "b": [2, 2, 2]}, {"checks": [{"expression": "a <= b"}]})
    assert found["checks"][0]["failing"] == 1
    assert found["checks"][0]["examples"][0]["value"] == {"a": 3.0, "b": 2}


def test_values_of_sensitive_columns_are_not_shown(report):
    data = {"id": [1, 2], "gender": ["secret-f", "secret-m"], "age": [171, 34]}
    section = {
        "columns": {"gender": {"in": ["x"]}, "age": {"max": 120}},
        "checks": [{"unique": ["id"]}, {"expression": "gender = 'x' and id > 0"}],
    }
    found = report(data, section, key="id", sensitive=["gender", "age"])
    assert "secret" not in json.dumps(found)
    assert "171" not in json.dumps(found)
    assert found["checks"][0]["examples"][0]["value"] == "(redacted)"
    assert found["profile"][2]["max"] is None


def test_the_value_in_an_engines_error_is_not_shown(report):
    with pytest.raises(DataError) as caught:
        report({"a": ["1", "secret"]}, {"checks": [{"expression": "a::int > 0"}]})
    assert "secret" not in str(caught.value)
    assert "try_cast" in str(caught.value)


def test_every_missing_column_is_named_at_once(report):
    section = {"columns": {"plann": {}}, "checks": [{"unique": ["q"]}, {"expression": "zz > 1"}]}
    with pytest.raises(DataError) as caught:
        report({"plan": ["a"], "x": [1]}, section)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["validate.columns.plann", "validate.checks[0]", "validate.checks[1]"]
    assert caught.value.problems[0].hint == "did you mean 'plan'?"
    assert ROW not in caught.value.problems[1].hint


@pytest.mark.parametrize("expression", ["a + b", "a > c and c > b", "length(a) > 1"])
def test_an_expression_that_does_not_bind_is_a_mistake_of_the_spec(report, expression):
    data = {"a": [1], "b": [2], "c": [pd.Timestamp("2026-01-01")]}
    with pytest.raises(SpecError, match=r"validate\.checks\[0\]"):
        report(data, {"checks": [{"expression": expression}]})


def test_columns_are_found_whatever_their_case(report):
    found = report({"Age": [1, -1]}, {"columns": {"age": {"min": 0}}})
    assert found["checks"][0]["column"] == "Age"


def test_empty_and_constant_columns_are_warned_about(report):
    data = {"none": pd.Series([None, None], dtype="string"), "one": [7, 7], "ok": [1, 2]}
    found = report(data, {})
    assert [(each["check"], each["column"]) for each in found["checks"]] == [
        ("all_null", "none"),
        ("constant", "one"),
    ]
    assert found["status"] == "warned"


def test_an_exact_schema_warns_of_other_columns(report):
    found = report({"a": [1, 2], "b": [1, 2]}, {"columns": {"a": {}}, "schema": "exact"})
    assert [(each["check"], each["column"]) for each in found["checks"]] == [("extra_column", "b")]


def test_an_empty_table_fails_what_asks_for_rows_only(report):
    data = {"a": pd.Series([], dtype="float64")}
    section = {"columns": {"a": {"min": 0, "unique": True}}, "checks": [{"rows": {"min": 1}}]}
    found = report(data, section)
    assert [each["status"] for each in found["checks"]] == ["passed", "passed", "failed"]


def test_hostile_names_are_names(report):
    name = 'x"); DROP TABLE t; --'
    found = report({name: [1, -1], "it's {0}": ["a", "b"]}, {"columns": {name: {"min": 0}}})
    assert found["checks"][0]["failing"] == 1
    assert found["profile"][1]["column"] == "it's {0}"


def test_the_profile_describes_each_column(report):
    data = {
        "x": [0.5, None, 2.5, 3.0],
        "k": [1, 2, 3, 4],
        "s": ["a", "b", "b", None],
        "t": pd.to_datetime(["2026-01-01", "2026-01-02", None, None]),
    }
    profile = {each["column"]: each for each in report(data, {})["profile"]}
    assert {key: profile["x"][key] for key in ("type", "nulls", "distinct", "min", "max")} == {
        "type": "float64",
        "nulls": 1,
        "distinct": 3,
        "min": 0.5,
        "max": 3.0,
    }
    assert profile["x"]["mean"] == 2.0
    assert profile["x"]["quantiles"]["0.5"] == 2.5
    assert profile["k"]["mean"] == 2.5
    assert (profile["s"]["nulls"], profile["s"]["min"]) == (1, None)
    assert profile["t"]["max"] == "2026-01-02T00:00:00"


@pytest.mark.parametrize("values", [[1e-3, 3e-3], [1e11, 3e11], [-5.5, 1e9, 0.25]])
def test_the_mean_is_that_of_numpy(report, values):
    (profile,) = report({"x": values}, {})["profile"]
    assert profile["mean"] == pytest.approx(np.mean(values), rel=1e-4)


def test_values_too_large_to_be_summed_exactly_have_no_mean(report):
    (profile,) = report({"x": [1e300, 1.0]}, {})["profile"]
    assert (profile["mean"], profile["max"]) == (None, 1e300)


def test_how_many_values_there_are_is_told(report):
    data = {"k": [1, 2, 2], "s": ["a", "a", "b"], "b": [True, False, True], "x": [0.1, 0.2, 0.3]}
    profile = {each["column"]: each["distinct"] for each in report(data, {})["profile"]}
    assert profile == {"k": 2, "s": 2, "b": 2, "x": 3}


def test_the_report_does_not_depend_on_the_threads(tmp_path):
    from mlpipe.table.session import Session

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({ROW: np.arange(300_000), "x": rng.normal(size=300_000) * 1e3})
    found = []
    for threads in (1, 2):
        (folder := tmp_path / str(threads)).mkdir()
        with Session(folder, threads=threads) as session:
            found.append(validate(Validate(), Columns(), session.frame(frame), session))
    assert found[0] == found[1]
    json.dumps(found[0], allow_nan=False)
