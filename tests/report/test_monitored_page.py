"""The part of the page that monitor writes: its order, its limits, and what it is robust to."""

import copy
import re
from typing import Any

import pytest

from mlpipe.report.page import page
from tests.report import watched
from tests.report.test_page import HOSTILE, Reader, poisoned

ORDER = [
    "What moved", "average_precision: 0.31", "charges: median", "support_tickets: median",
    "Silenced", "Timeline", "Drift of the columns", "Drift of each column", "No drift in",
    "Other distances", "Latency and health", "This machine", "Notes", "Retrain and compare",
    "mlpipe run configs/churn.yaml", "mlpipe promote churn@challenger",
]  # fmt: skip


def written(report: Any) -> str:
    told = {"model": "churn@4, the champion", "retrain": watched.RETRAIN}
    return page({"title": "churn", "monitor": report, **told})


@pytest.fixture(scope="module")
def html() -> str:
    return written(watched.report())


def test_what_is_wrong_comes_first_and_what_to_do_last(html: str) -> None:
    text = re.sub(r"\s+", " ", Reader(html).text)
    body = text[text.rindex("2 alerts 1 warning 1 silenced model churn@4, the champion") :]
    at = [body.index(each) for each in ORDER]

    assert at == sorted(at)
    assert "silenced until 2026-09-15: the new plan 'flex' was announced" in body
    assert "7,000 current rows 7 chunks by day, 2026-08-23 to 2026-08-29" in body


def test_where_monitor_alone_came_to_a_verdict_that_is_the_headline(html: str) -> None:
    top = Reader(html).text.split("What moved")[0]

    assert "Alert" in top
    assert "no model was judged" not in top
    assert "monitor: alert" not in top


def test_it_is_well_formed_and_asks_nothing_of_any_network(html: str) -> None:
    read = Reader(html)

    assert read.open == []
    assert not re.search(r"https?:", html)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(read.tags)


def test_every_figure_has_a_name_a_description_and_a_table(html: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", html, flags=re.DOTALL)

    assert len(figures) == 12
    for each in figures:
        assert re.search(r'<svg class="panel"[^>]*role="img" aria-label="[^"]+"><desc>[^<]+', each)
        assert each.count("<tr>") == 61


@pytest.fixture(scope="module")
def plain() -> Reader:
    return Reader(written(hostile("harmless")))


def hostile(poison: str) -> dict[str, Any]:
    """Put the poison into every free text, and into the names of measures and columns."""
    report = watched.report(4)
    kept = copy.deepcopy(report)
    found: dict[str, Any] = poisoned(report, poison)
    for record, was in zip(found["timeline"]["chunks"], kept["timeline"]["chunks"], strict=True):
        record["measures"] = {
            f"{name}{poison}": {**each, "group": was["measures"][name]["group"]}
            for name, each in record["measures"].items()
        }
    found["timeline"]["measures"] = {}
    for place in ("drift", "alerts"):
        for row, was in zip(found[place], kept[place], strict=True):
            row |= {key: was[key] for key in ("status", "role") if key in was}
    found["status"] = "alert"
    return found


@pytest.mark.parametrize("poison", [*HOSTILE, "x" * 5000])
def test_names_and_values_are_text(plain: Reader, poison: str) -> None:
    read = Reader(written(hostile(poison)))

    assert read.tags == plain.tags
    assert {key for key, _ in read.attributes} == {key for key, _ in plain.attributes}
    assert poison[:300] in read.text


@pytest.mark.parametrize("key", sorted(watched.report(3, 3)))
@pytest.mark.parametrize("left", [None, {}, [], "absent", 7])
def test_any_part_may_be_missing_or_of_another_shape(key: str, left: Any) -> None:
    report = watched.report(3, 3)
    report.pop(key)
    if left != "absent":
        report[key] = left
    read = Reader(written(report))

    assert read.open == []
    assert "monitor" in read.values("id")


@pytest.mark.parametrize("report", [{"status": "ok"}, {"status": "insufficient", "drift": []}])
def test_next_to_nothing_is_a_section_too(report: dict[str, Any]) -> None:
    text = Reader(written(report)).text

    assert "Timeline" not in text
    assert "Drift" not in text
    assert report["status"] in text


def test_many_columns_stay_small() -> None:
    html = written(watched.report(60, 500))

    assert len(html.encode()) < 2_000_000
    assert "cut" not in re.findall(r'<p class="muted">Cut[^<]*', html)
    assert html.count('class="spark"') == 500


def test_the_report_is_left_alone_and_the_page_is_the_same() -> None:
    report = watched.report(5)
    before = copy.deepcopy(report)

    assert written(report) == written(report)
    assert report == before
