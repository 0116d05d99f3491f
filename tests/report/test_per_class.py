"""The table of the classes on the page."""

from typing import Any

from mlpipe.report.page import page
from mlpipe.report.per_class import per_class
from tests.report import documents

SHARE = {"value": 0.8, "low": 0.7, "high": 0.88, "why": ""}


def row(name: Any, **given: Any) -> dict[str, Any]:
    found = {"class": name, "support": 100, "predicted": 90, "precision": SHARE, "recall": SHARE}
    return {**found, "f1": 0.8, **given}


def shown(rows: list[dict[str, Any]]) -> str:
    document = documents.document()
    document["evaluate"]["report"] |= {"per_class": rows, "figures": {}}
    html = page(document)
    return html[html.index('id="per-class"') :].split("</section>")[0]


def test_each_class_has_a_row_with_its_figures() -> None:
    html = shown([row("cancel"), row("bill", recall={**SHARE, "value": None, "why": "no row"})])
    for text in ("cancel", "bill", "0.8", "0.7 to 0.88", "no row", "details open"):
        assert text in html


def test_a_class_is_text_whatever_it_says() -> None:
    html = shown([row("<script>alert(1)</script>")])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_many_classes_are_folded() -> None:
    html = shown([row(number) for number in range(11)])
    assert "<details>" in html


def test_a_recall_lies_on_the_scale_of_0_to_1() -> None:
    (half,) = per_class({"per_class": [row("a", recall={**SHARE, "value": 0.5})]})
    assert half["span"]["value"] == 50.0


def test_without_the_table_there_is_no_section() -> None:
    document = documents.document()
    document["evaluate"]["report"]["figures"] = {}
    assert 'id="per-class"' not in page(document)
    assert per_class({"per_class": "none"}) == []
