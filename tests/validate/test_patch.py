"""A patch lets its check pass, changes as little as it can, and shows nothing of the sensitive."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpipe.spec.edit import Edit, applied
from mlpipe.validate.patch import MOST_VALUES, Patch, patches
from mlpipe.validate.unseen import unseen
from mlpipe.validate.widen import outward, passing_share, widened


@pytest.fixture
def proposed(report, session):
    """Validate a frame, propose, and return the patches by name."""

    def of(data, section, **columns):
        found = report(data, section, **columns)
        hidden = frozenset(name.lower() for name in columns.get("sensitive", ()))
        return {each.check: each for each in patches(section, found, hidden, {})}

    return of


def _applied(section, *patches):
    values = {"validate": section}
    for patch in patches:
        for path, value in patch.changes:
            values = applied(values, Edit(path, value))
    return values["validate"]


DATA = {
    "plan": ["a"] * 18 + ["b", "c"],
    "x": [float(i) / 3 for i in range(20)],
    "n": list(range(20)),
    "email": ["a@b"] * 19 + ["nope"],
    "gap": [None] * 2 + ["v"] * 18,
    "day": ["2024-01-01"] * 20,
}
SECTIONS = [
    ({"columns": {"plan": {"in": ["a"]}}}, "plan.in"),
    ({"columns": {"PLAN": {"in": ["a", "b"], "severity": "warn"}}}, "PLAN.in"),
    ({"columns": {"x": {"min": 1, "max": 100}}}, "x.min"),
    ({"columns": {"x": {"max": 0.5}}}, "x.max"),
    ({"columns": {"n": {"max": 7, "mostly": 0.9}}}, "n.max"),
    ({"columns": {"day": {"min": "2025-01-01"}}}, "day.min"),
    ({"columns": {"email": {"matches": ".*@.*"}}}, "email.matches"),
    ({"columns": {"email": {"min_length": 4, "max_length": 9, "mostly": 0.01}}}, None),
    ({"columns": {"gap": {"nullable": False}}}, "gap.nullable"),
    ({"columns": {"gap": {"nullable": False, "in": ["v"]}}}, "gap.nullable"),
    ({"columns": {"n": {"type": "string"}}}, "n.type"),
    ({"columns": {"plan": {"unique": True, "mostly": 0.1}}}, None),
    ({"checks": [{"rows": {"min": 100}}]}, "rows"),
    ({"checks": [{"rows": {"min": 2, "max": 5}}]}, "rows"),
    ({"checks": [{"rows": {"min": 1}}, {"rows": {"max": 5}}]}, "checks.1"),
    ({"checks": [{"expression": "n < 15"}]}, "checks.0"),
    ({"checks": [{"rows": {"min": 1}}, {"expression": {"sql": "n < 15"}}]}, "checks.1"),
    ({"checks": [{"expression": "n < 15", "mostly": 0.9}]}, "checks.0"),
    ({"schema": "exact", "columns": {"n": {}}}, "plan.extra_column"),
]


@pytest.mark.parametrize(("section", "check"), SECTIONS, ids=lambda value: str(value)[:60])
def test_a_check_passes_with_its_patch(report, proposed, section, check):
    found = proposed(DATA, section)
    if check is None:
        assert found == {}
        return
    patch = found[check]
    assert patch.changes, patch.why
    after = report(DATA, _applied(section, patch))
    left = {each.check for each in patches(_applied(section, patch), after, frozenset(), {})}
    assert check not in left
    assert left == set(found) - {check}


def test_all_patches_together_pass(report, proposed):
    section = {
        "columns": {
            "plan": {"in": ["a", "b"]},
            "x": {"min": 1, "max": 5},
            "email": {"matches": ".*@.*"},
        },
        "checks": [{"expression": "n < 15"}, {"rows": {"min": 40}}, {"unique": ["day", "n"]}],
    }
    found = proposed(DATA, section)
    assert list(found) == ["plan.in", "x.min", "x.max", "email.matches", "checks.0", "rows"]
    after = report(DATA, _applied(section, *found.values()))
    assert after["status"] != "failed"


def test_what_is_written_is_no_more_than_needed(proposed):
    section = {
        "columns": {"plan": {"in": ["a"]}, "x": {"max": 3}, "email": {"matches": ".*@.*"}},
        "checks": [{"expression": {"sql": "n < 19"}}],
    }
    assert proposed(DATA, section) == {
        "plan.in": Patch(
            "plan.in",
            "failed",
            ((("validate", "columns", "plan", "in", 1), "b"),
             (("validate", "columns", "plan", "in", 2), "c")),
            "b, c in 2 rows",
        ),
        "x.max": Patch(
            "x.max",
            "failed",
            ((("validate", "columns", "x", "max"), 6.334),),
            "the largest value is 6.333333333333333",
        ),
        "email.matches": Patch(
            "email.matches",
            "failed",
            ((("validate", "columns", "email", "mostly"), 0.95),),
            "fails in 1 row; 95.0% pass",
        ),
        "checks.0": Patch(
            "checks.0",
            "failed",
            ((("validate", "checks", 0, "expression", "mostly"), 0.95),),
            "fails in 1 row; 95.0% pass",
        ),
    }  # fmt: skip


def test_sensitive_values_are_in_no_patch(report, proposed):
    data = {"band": ["secret-a"] * 18 + ["secret-b"] * 2, "age": [11111, *[20000] * 18, 98765]}
    section = {
        "columns": {
            "band": {"in": ["secret-a"], "matches": "secret-a"},
            "age": {"min": 19000, "max": 21000},
        }
    }
    found = proposed(data, section, sensitive=["Band", "age"])
    assert found["band.in"].changes == found["age.max"].changes == found["age.min"].changes == ()
    assert found["band.matches"].changes[0][1] == 0.9
    assert "sensitive" in found["band.in"].why
    words = ("secret-b", "98765", "11111")
    said = json.dumps([[each.changes, each.why] for each in found.values()])
    assert not [word for word in words if word in said]
    open_ = proposed(data, section)  # the control: without the role they are shown
    said = json.dumps([[each.changes, each.why] for each in open_.values()])
    assert [word for word in words if word in said] == list(words)


def test_too_many_new_values_lower_the_share_instead(proposed, report, session):
    data = {"code": ["a"] * 90 + [f"n{at}" for at in range(10)]}
    section = {"columns": {"code": {"in": ["a"]}}}
    (patch,) = proposed(data, section).values()
    assert patch.changes == ((("validate", "columns", "code", "mostly"), 0.9),)


def test_values_that_the_examples_do_not_show_are_looked_up(report, session, tmp_path):
    import pandas as pd

    data = {"code": ["a"] * 90 + ["b"] * 9 + ["c"], "n": [1] * 60 + [2] * 40}
    section = {"columns": {"code": {"in": ["a"]}, "n": {"in": [1]}}}
    found = report(data, section)
    table = session.frame(pd.DataFrame(data))
    looked = unseen(found, frozenset(), table, session)
    assert looked == {"code": ["b", "c"], "n": [2]}
    assert unseen(found, frozenset({"code"}), table, session) == {"n": [2]}
    codes, numbers = patches(section, found, frozenset(), looked)
    assert [value for _, value in codes.changes] == ["b", "c"]
    assert [value for _, value in numbers.changes] == [2]


def test_the_values_looked_up_are_few(report, session):
    import pandas as pd

    data = {"code": ["a"] * 90 + [f"n{at}" for at in range(50)]}
    found = report(data, {"columns": {"code": {"in": ["a"]}}})
    looked = unseen(found, frozenset(), session.frame(pd.DataFrame(data)), session)
    assert len(looked["code"]) == MOST_VALUES + 1


@pytest.mark.parametrize("value", ["${env:HOME}", "x" * 101])
def test_a_value_that_a_spec_would_not_read_as_it_is_is_not_added(proposed, value):
    section = {"columns": {"plan": {"in": ["a"]}}}
    (patch,) = proposed({"plan": ["a"] * 19 + [value]}, section).values()
    assert patch.changes == ((("validate", "columns", "plan", "mostly"), 0.95),)


def test_a_check_that_most_rows_fail_is_not_talked_away(proposed):
    (patch,) = proposed(DATA, {"checks": [{"expression": "n < 2"}]}).values()
    assert patch.changes == ()
    assert "is it the right check?" in patch.why


def test_the_reason_says_which_checks_grow_lenient_too(proposed):
    section = {"columns": {"email": {"matches": ".*@.*", "unique": False, "max_length": 9}}}
    assert proposed(DATA, section)["email.matches"].why.endswith("; it counts for max_length too")


def _entry(check, column=None, **more):
    return {
        "check": check, "column": column, "status": "failed", "severity": "error", "mostly": 1.0,
        "observed": None, "expected": None, "failing": 1, "share": 0.01, "examples": [], **more,
    }  # fmt: skip


def _of(section, *entries, hidden=()):
    document = {"rows": 100, "checks": list(entries), "profile": []}
    return [(p.check, p.changes, p.why) for p in patches(section, document, frozenset(hidden), {})]


def test_ranges_of_statistics_are_widened_to_what_was_seen():
    section = {
        "columns": {
            "x": {
                "mean": {"min": 1, "max": 2},
                "quantiles": {"0.5": {"max": 3}, "0.9": {"max": 9}},
                "distinct": {"min": 0.9},
                "shares": {"a": {"max": 0.5}, "b": {"min": 0.2}},
            }
        }
    }
    beyond = {"above": 0.3}
    entries = [
        _entry("mean", "x", observed=2.51239, expected={"min": 1, "max": 2}),
        _entry("quantiles", "x", observed=beyond, expected={"0.9": {"max": 9}}),
        _entry("distinct", "x", observed=0.0, expected={"min": 0.9}),
        _entry("shares", "x", observed=0.6, expected={"a": {"max": 0.5}}, status="passed"),
        _entry("shares", "x", observed=0.11111, expected={"b": {"min": 0.2}}),
    ]
    path = ("validate", "columns", "x")
    found = _of(section, *entries)
    assert [(check, changes) for check, changes, _ in found] == [
        ("x.mean", (((*path, "mean", "max"), 2.513),)),
        ("x.quantiles.0.9", ()),
        ("x.distinct", (((*path, "distinct", "min"), 0.0),)),
        ("x.shares.b", (((*path, "shares", "b", "min"), 0.1111),)),
    ]
    assert type(found[2][1][0][1]) is float  # a share stays a share
    hidden = _of(section, *entries, hidden=["x"])
    assert all(changes == () and "sensitive" in why for _, changes, why in hidden)


def test_shares_may_move_as_far_as_they_did():
    section = {"columns": {"x": {"shares": {"expected": {"a": 0.5}, "change": 0.05}}}}
    entries = [
        _entry("shares", "x", observed=0.61111, expected={"a": {"share": 0.5, "change": 0.05}}),
        _entry("shares", "x", observed=0.4, expected={"(others)": {"share": 0.5, "change": 0.05}}),
    ]
    path = ("validate", "columns", "x", "shares", "change")
    assert [(check, changes) for check, changes, _ in _of(section, *entries)] == [
        ("x.shares.a", ((path, 0.1112),)),
        ("x.shares.(others)", ((path, 0.1),)),
    ]


def test_old_data_is_not_patched_and_references_may_miss_a_few():
    section = {"checks": [{"freshness": {"max_age": "2d"}}, {"references": {"column": "c"}}]}
    stale, missing = _of(section, _entry("freshness"), _entry("references", share=0.02))
    assert stale == ("checks.0", (), "the data is old: that is for the data to change")
    assert missing[:2] == (
        "checks.1",
        ((("validate", "checks", 1, "references", "mostly"), 0.98),),
    )


def test_a_column_with_several_blocks_is_patched_where_the_check_stands():
    section = {"columns": {"x": [{"min": 0, "max": 5}, {"max": 9, "severity": "warn"}]}}
    entries = [
        _entry("max", "x", observed=12, expected=5),
        _entry("max", "x", observed=12, expected=9, status="warned"),
    ]
    assert [(check, changes) for check, changes, _ in _of(section, *entries)] == [
        ("x.max", ((("validate", "columns", "x", 0, "max"), 12),)),
        ("x.max.2", ((("validate", "columns", "x", 1, "max"), 12),)),
    ]


def test_what_nobody_asked_for_has_no_patch():
    assert _of({}, _entry("constant", "x"), _entry("all_null", "y")) == []


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_bound_is_rounded_outwards_and_not_far(value):
    low, high = outward(value, down=True), outward(value, down=False)
    assert low <= value <= high
    assert value - low <= abs(value) * 0.001 + 1e-300
    assert high - value <= abs(value) * 0.001 + 1e-300


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_share_is_never_rounded_up(rows, failing):
    share = passing_share(min(failing, rows) / rows)
    assert share <= (rows - min(failing, rows)) / rows + 1e-11
    assert share > (rows - min(failing, rows)) / rows - 0.001001


def test_nothing_is_widened_without_a_number():
    assert [*widened({"min": 1}, None), *widened(3, 1)] == []


def test_two_patches_of_one_value_become_the_laxer():
    from mlpipe.run.accept import _edits

    def patch(path, value):
        return {"changes": [{"path": path, "value": value}]}

    mostly, change = ["columns", "x", "mostly"], ["columns", "x", "shares", "change"]
    given_ = [patch(mostly, 0.9), patch(change, 0.1), patch(mostly, 0.95), patch(change, 0.2)]
    assert [edit.value for edit in _edits(given_)] == [0.9, 0.2]
