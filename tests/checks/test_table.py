"""The words of `checks`, each where it fails and where it does not."""

import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError

TIMES = pd.to_datetime(["2026-01-03", "2026-01-01", None, "2026-01-02", "2026-01-02"])
DATA = {"k": ["a", "b", "a", "a", "b"], "t": TIMES, "n": [1, 2, None, 4, 2], "f": [1, 1, 0, 1, 1]}


def check(word, **more):
    return {"checks": [{**word, **more}]}


@pytest.mark.parametrize(
    ("section", "failing", "rows"),
    [
        (check({"monotone": {"column": "t", "per": ["k"]}}), [3], None),
        (check({"monotone": {"column": "t", "per": []}}), [1], None),
        (check({"monotone": {"column": "t", "per": [], "strictly": True}}), [1, 4], None),
        (check({"monotone": {"column": "t", "per": ["k"]}}, when="k = 'b'"), [], 2),
        (check({"duplicates": ["n"]}), [1, 4], None),
        (check({"duplicates": ["n"]}, when="f = 0"), [], 1),
        (check({"unique": ["k", "f"]}), [0, 1, 3, 4], None),
        (check({"expression": "n > 1"}, when="k = 'a'"), [0], 3),
        (check({"rows": {"max": 1}}, when="f = 0"), [], 1),
    ],
)
def test_the_rows_that_fail(found, section, failing, rows):
    (entry,) = found(DATA, section)
    assert [each["row"] for each in entry["examples"]] == failing
    assert entry["status"] == ("failed" if failing else "passed")
    assert entry["rows"] == (rows or 5)


def test_rows_that_repeat_another_are_told_with_their_nulls(found):
    data = {"a": [1, None, None, 1], "b": ["x", None, None, "y"]}
    (entry,) = found(data, check({"duplicates": {}}))
    assert (entry["failing"], [each["row"] for each in entry["examples"]]) == (1, [1, 2])


@pytest.mark.parametrize(("as_of", "status"), [("2026-01-05", "passed"), ("2026-01-06", "failed")])
def test_freshness_counts_from_the_day_given(found, as_of, status):
    word = {"freshness": {"column": "t", "max_age": "2d", "as_of": as_of}}
    (entry,) = found(DATA, check(word))
    assert entry["status"] == status
    (entry,) = found(DATA, {**check({"freshness": "2d"}), "as_of": as_of}, columns={"time": "t"})
    assert entry["status"] == status


def test_a_table_without_rows_is_not_fresh(found):
    data = {"t": pd.Series([], dtype="datetime64[us]")}
    word = {"freshness": {"column": "t", "max_age": "2d", "as_of": "2026-01-01"}}
    assert found(data, check(word))[0]["status"] == "failed"


@pytest.mark.parametrize(
    ("values", "failing"), [("('a')", [1, 4]), ("('a'), ('b')", []), ("('x')", [0, 1, 2, 3, 4])]
)
def test_values_must_be_in_the_other_source(found, values, failing):
    word = {"references": {"columns": ["k"], "source": "plans", "to": ["plan"]}}
    there = {("plans", ("plan",)): f"SELECT * FROM (VALUES {values}) v(plan)"}
    (entry,) = found(DATA, check(word), references=there)
    assert [each["row"] for each in entry["examples"]] == failing


def test_a_row_with_a_missing_value_refers_to_nothing(found):
    word = {"references": {"columns": ["n"], "source": "s", "to": ["n"]}}
    there = {("s", ("n",)): "SELECT 1.0::DOUBLE"}
    (entry,) = found(DATA, check(word), references=there)
    assert [each["row"] for each in entry["examples"]] == [1, 3, 4]


def test_values_of_another_type_are_a_mistake_of_the_spec(found):
    word = {"references": {"columns": ["t"], "source": "s", "to": ["n"]}}
    with pytest.raises(SpecError, match=r"validate\.checks\[0\]"):
        found(DATA, check(word), references={("s", ("n",)): "SELECT true"})


@pytest.mark.parametrize("word", [{"freshness": "2d"}, "monotone"])
def test_a_role_that_is_needed_and_not_declared(found, word):
    section = {"checks": [word]}
    with pytest.raises(SpecError, match=r"columns\.time"):
        found(DATA, section)


def test_columns_of_conditions_must_be_there(found):
    with pytest.raises(DataError, match="'zz'"):
        found(DATA, {"columns": {"n": {"min": 0, "when": "zz > 1"}}})
    with pytest.raises(SpecError, match="not a condition"):
        found(DATA, {"columns": {"n": {"min": 0, "when": "n + 1"}}})


def test_blocks_of_one_column_have_their_own_severity(found):
    section = {"columns": {"n": [{"min": 0}, {"max": 3, "severity": "warn"}]}}
    entries = found(DATA, section)
    assert [each["status"] for each in entries] == ["passed", "warned"]
    assert entries[1]["key"] == "validate.columns.n[1].max"


def test_a_message_of_ones_own(found):
    section = {"columns": {"n": {"min": 3, "message": "{failing}/{rows} {column} {x} {0}"}}}
    assert found(DATA, section)[0]["message"] == "3/5 n {x} {0}"


def test_an_exact_schema_may_fail(found):
    section = {"columns": {"n": {}, "t": {}, "k": {}}, "schema": {"severity": "error"}}
    (entry,) = found(DATA, section)
    assert (entry["check"], entry["column"], entry["status"]) == ("extra_column", "f", "failed")


def test_as_many_examples_as_asked_for_each_with_its_line(found):
    places = "SELECT * FROM (VALUES (0, 'a.csv', 2), (3, 'b.csv', 10)) v(row, file, line)"
    section = {"columns": {"f": {"in": [7]}}, "examples": 4}
    (entry,) = found(DATA, section, places=places)
    where = [(each["file"], each["line"]) for each in entry["examples"]]
    assert where == [("a.csv", 2), ("a.csv", 3), ("a.csv", 4), ("b.csv", 10)]


def test_the_age_of_a_source_is_judged_on_the_day(found):
    entry = {
        "check": "freshness", "column": "t", "key": "ingest.sources.s.checks[0]", "rows": 3,
        "status": "passed", "severity": "error", "observed": "2026-01-03T00:00:00", "said": None,
        "expected": {"max_age": "2d", "as_of": None}, "mostly": 1.0, "failing": 0, "share": 0.0,
        "message": "", "examples": [],
    }  # fmt: skip
    for day, status in (("2026-01-05", "passed"), ("2026-01-06", "failed")):
        (told,) = found(DATA, {"as_of": day}, sources={"s": [entry]})
        assert (told["source"], told["status"]) == ("s", status)
    assert told["message"].startswith("s: t: the newest value is 2026-01-03T00:00:00")
