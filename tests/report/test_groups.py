"""Groups and slices on the page."""

import re

from mlpipe.report.fairness import fairness
from mlpipe.report.page import page
from mlpipe.report.slices import named_slices, scanned
from tests.report.documents import evaluate


def test_the_rates_that_are_there_are_columns_and_the_first_is_drawn_on_one_scale() -> None:
    (table,) = fairness(evaluate())
    assert [each["title"] for each in table["titles"]][:2] == ["chosen", "true positive rate"]
    assert [each["share"] for each in table["titles"]] == [True, True, True, True, False]
    assert table["drawn"] == "chosen"
    assert table["groups"][0]["span"] == table["groups"][1]["span"]


def test_a_report_without_groups_or_a_scan_has_neither() -> None:
    assert fairness({}) == []
    assert scanned({"scan": None}) == {}
    assert named_slices({}) == []
    assert 'id="fairness"' not in page({"evaluate": {"report": {}}})


def test_effects_are_drawn_against_none_on_one_scale() -> None:
    rows = scanned(evaluate())["slices"]
    (at,), (also,) = (row["span"]["marks"] for row in rows)
    assert at == also
    assert rows[0]["span"]["low"] > at > rows[1]["span"]["low"]


def test_the_page_says_what_was_looked_at_and_values_stay_text() -> None:
    html = page({"evaluate": {"report": evaluate(), "verdict": {}}})
    section = html[html.index('id="slices"') :]
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", section))
    assert "415 slices of 3 columns looked at; 1 worse than the rest by log loss" in text
    assert "2 of these say the same as others" in text
    assert "may be chance" in text
    assert "<b>pro</b>" not in section
    assert "tenure is cut at its quartiles" in text
    fair = html[html.index('id="fairness"') : html.index('id="slices"')]
    assert "four-fifths rule: male is chosen 0.93 times as often as female" in re.sub(
        r"\s+", " ", re.sub("<[^>]+>", "", fair)
    )
