"""Money and customers on the page and in the terminal: amounts as people write them."""

import copy
import html
import re
from typing import Any

import pytest

from mlpipe.report.business import business, business_lines, feedback, money
from mlpipe.report.page import page

HOSTILE = "<script>alert(1)</script>"


def ends(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def entry(part: str, **given: Any) -> dict[str, Any]:
    curve = {
        "threshold": [0.9, 0.5, 0.1], "acted": [0.0, 0.4, 1.0], "per_1000": [0.0, 900.0, -1500.0],
        "chosen": {"threshold": 0.5, "acted": 0.4, "per_1000": 900.0},
    }  # fmt: skip
    found = {
        "name": "profit", "part": part, "kind": "value", "currency": "EUR", "rows": 2500,
        "rows_without_value": 12, "total": ends(31234.5, 20000, 42000.25),
        "per_1000": ends(12493.8, 8000, 16800.1), "uplift": ends(-250, -400, 100),
        "uplift_per_1000": ends(-100, -160.5, 40), "over_champion": ends(25, 5, 45),
        "over_champion_per_1000": ends(10, 2, 18), "curve": curve,
        "policies": [
            {"name": "act on all", "total": 31484.5, "per_1000": 12593.8},
            {"name": "act on none", "total": -12.5, "per_1000": -5.0},
            {"name": "champion", "total": 31209.5, "per_1000": 12483.8},
        ],
    }  # fmt: skip
    return {**found, **given}


def answers(part: str, kind: str = "nps", **given: Any) -> dict[str, Any]:
    scale = 1 if kind == "nps" else 100
    whole = {key: value / scale for key, value in ends(-18.64, -37.87, 2.39).items()}
    rate = {"response_rate": ends(0.5086, 0.4, 0.6), "customers": 1160, "answered": 590}
    group = {"by": "decision", "group": "acted on", "why": "", **whole, **rate}
    other = {**group, "group": "left alone", "value": None, "low": None, "why": "nobody answered"}
    gap = {key: value / scale for key, value in ends(-9.18, -48.9, 30.5).items()}
    read = {
        "answers": 2220, "without_answer": 27, "repeated": 1, "unmatched": 3, "rejected": 1,
        "rejected_rows": [{"file": "nps.csv", "line": 9, "reason": "'good' is not an integer"}],
    }  # fmt: skip
    found = {
        "name": kind, "part": part, "kind": kind, "join": ["id"], "why": "", **whole, **rate,
        "groups": [{**group, "over_the_other": gap}, other], "read": read,
    }  # fmt: skip
    return {**found, **given}


REPORT = {
    "business": [entry("test"), entry("valid", rows_without_value=0)],
    "feedback": [answers("test"), answers("valid"), answers("test", "csat")],
    "parts": {"test": {"rows": 2500, "metrics": []}},
}


def read(report: dict[str, Any]) -> str:
    text = re.sub(r"<[^>]+>", "", page({"title": "churn", "evaluate": {"report": report}}))
    return re.sub(r"\s+", " ", html.unescape(text))


@pytest.mark.parametrize(
    "said",
    [
        "test: 12,494 EUR a 1,000 predictions (8,000 to 16,800), 31,234 EUR in all on 2,500 rows",
        "12 rows have no value",
        "-100 EUR a 1,000 predictions (-160 to 40) over act on all, the best without",
        "+10.00 EUR a 1,000 predictions (2.00 to 18.00) over the champion",
        "act on none-5.00 EUR-12.50 EUR",
        "profit over the threshold",
        "-18.6 (-37.9 to 2.4); 590 of 1,160 customers answered, 50.9 %",
        "-9.2 points (-48.9 to 30.5)",
        "nps on valid: -18.6",
        "-18.6 % (-37.9 % to 2.39 %)",
        "2,220 read, joined on id",
        "nps.csv:9 'good' is not an integer",
    ],
)
def test_the_page_says(said: str) -> None:
    assert said in read(REPORT)


def test_the_terminal_says_the_first_part_in_a_few_lines() -> None:
    assert business_lines(REPORT) == [
        "profit: 12,494 EUR a 1,000 predictions (8,000 to 16,800), 31,234 EUR in all on test",
        "  -100 EUR a 1,000 predictions (-160 to 40) over act on all, the best without a model",
        "  +10.00 EUR a 1,000 predictions (2.00 to 18.00) over the champion",
        "nps: -18.6 (-37.9 to 2.4) on test; 590 of 1,160 customers answered",
        "csat: -18.6 % (-37.9 % to 2.39 %) on test; 590 of 1,160 customers answered",
    ]


def test_the_kinds_are_told_apart() -> None:
    def what(**given: Any) -> str:
        found: str = business({"business": [entry("test", **given)]})[0]["what"]
        return found

    assert what(kind="top", top=1500) == "acting on the 1,500 best-scored rows"
    assert what(kind="top", top=0.1) == "acting on the best 10 %"
    assert what(kind="cost").startswith("by the cost of a unit")
    assert business({"business": [entry("test", curve=None)]})[0]["figure"] is None


def test_the_figure_marks_the_chosen_threshold_and_keeps_its_ids_apart() -> None:
    found = business({"business": [entry("test"), entry("valid"), entry("test", name="b")]})
    one, other = (str(each["figure"]) for each in found)
    assert "chosen 0.5" in one
    assert "EUR a 1,000 predictions" in one
    ids = [set(re.findall(r' id="([^"]+)"', figure)) for figure in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    again = business({"business": [entry("test"), entry("valid"), entry("test", name="b")]})
    assert str(again[0]["figure"]) == one


def test_names_and_currencies_are_text_never_markup() -> None:
    given = copy.deepcopy(REPORT)
    for each in given["business"]:
        each |= {"name": HOSTILE, "currency": HOSTILE}
        each["policies"][0]["name"] = HOSTILE
    given["feedback"] = [
        answers("test", name=HOSTILE, join=[HOSTILE],
                groups=[{"by": HOSTILE, "group": HOSTILE, "value": 1.0}],
                read={"answers": 1, "rejected_rows": [{"file": HOSTILE, "reason": HOSTILE}]})
    ]  # fmt: skip
    assert "<script" not in page({"title": "churn", "evaluate": {"report": given}})


@pytest.mark.parametrize("report", [{}, {"business": None}, {"business": [{}], "feedback": [{}]}])
def test_what_is_missing_is_left_out(report: dict[str, Any]) -> None:
    assert len(business(report)) == len(feedback(report)) == len(report.get("business") or [])
    assert "What it is worth" in read({**REPORT, **report}) or not report


def test_amounts_side_by_side_have_the_same_precision() -> None:
    assert money(12.3, "$", beside=[12.3, None, -2000]) == "12 $"
    assert money(-0.2, beside=[5000]) == "0"
    assert money(float("nan")) == "–"
