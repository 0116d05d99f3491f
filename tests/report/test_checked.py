import pytest

from mlpipe.report.checked import checked
from mlpipe.report.page import page
from tests.report.test_page import Reader

EXAMPLE = {"row": 7, "key": {"id": "<b>k7"}, "value": 3, "file": "a.csv", "line": 9}


def report(**given):
    check = {
        "check": "min", "column": "age<script>", "source": None, "status": "failed",
        "severity": "error", "expected": 18, "failing": 2, "rows": 90, "share": 2 / 90,
        "message": "age: 2 of 90 values are below 18", "examples": [EXAMPLE],
    }  # fmt: skip
    data = {
        "status": "alert", "rows": 90, "asked": 8, "failed": 1, "warned": 0, "late": 3,
        "labels": "80 of 90 rows have one",
        "left_out": [{"check": "doctor", "why": "it compares parts"}],
    }  # fmt: skip
    return {"status": "alert", "checks": [check], "data": data, **given}


def test_a_report_that_says_nothing_of_the_rows_has_no_section():
    assert checked({}) == {}
    assert "Data checks" not in Reader(page({"monitor": {"status": "ok"}})).text


def test_what_failed_is_shown_with_its_places_and_what_was_not_asked():
    html = page({"monitor": report()})
    text = Reader(html).text
    for words in ("Data checks", "3 rows of the future set aside", "80 of 90 rows have one",
                  "age: 2 of 90 values are below 18", "a.csv:9 (id = <b>k7): 3",
                  "Not asked of current data: 1 check", "doctor: it compares parts"):  # fmt: skip
        assert words in text, words
    assert "<b>k7" not in html
    assert "age<script>" not in html


@pytest.mark.parametrize("broken", [{"checks": None}, {"checks": 3}, {"data": {"rows": "?"}}])
def test_a_report_of_another_shape_is_drawn_all_the_same(broken):
    assert "Data checks" in Reader(page({"monitor": report(**broken)})).text


def test_a_long_list_is_cut_and_that_is_said():
    many = report()
    many["checks"] = many["checks"] * 103
    found = checked(many)
    assert (len(found["checks"]), found["more"]) == (100, 3)
    assert "and 3 checks more" in Reader(page({"monitor": many})).text


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ({"rows": 9, "differ": 0, "largest": 0.0, "models": {"m 1": 9}},
         "Scores in the log: 9 of 9 are what the model says now; answered by m 1 (9 rows)."),
        ({"rows": 1200, "differ": 200, "largest": 0.17, "models": {"m 1": 1199, "m 2": 1}},
         "1,000 of 1,200 are what the model says now; the others are up to 0.17 away; "
         "answered by m 1 (1,199 rows), m 2 (1 row)."),
        ({"rows": 0, "differ": 0, "largest": None, "models": {}},
         "Scores in the log: the log holds none."),
    ],
)  # fmt: skip
def test_what_was_answered_is_held_against_the_model_of_now(answered, said):
    assert said in Reader(page({"monitor": report(answered=answered)})).text
    assert "Scores in the log" not in Reader(page({"monitor": report()})).text
