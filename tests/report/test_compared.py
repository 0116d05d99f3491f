"""Runs side by side on a page."""

from typing import Any

import pytest

from mlpipe.report.compared import compared
from tests.report import documents
from tests.report.test_page import Reader


def document() -> dict[str, Any]:
    gain = {"value": 0.05, "low": 0.01, "high": 0.09, "method": "", "why": "", "says": "better"}
    values = {"value": 0.8, "low": 0.7, "high": 0.9, "baseline": 0.5}
    no_columns: dict[str, list[Any]] = {"added": ["<b>new</b>"], "removed": [], "retyped": []}
    return {
        "runs": [_run("churn/0001-aaaa"), _run("churn/0002-bbbb"), _run("churn/0003-cccc")],
        "against": [
            {
                "run": run, "spec": [], "data": [], "code": [], "environment": [],
                "packages": [
                    {"kind": "packages", "what": name, "old": "1", "new": "2"}
                    for name in ("numpy", "tqdm")
                ],
                "columns": no_columns, "counted": ["numpy"],
                "spec_diff": "--- a\n+++ b\n@@ -1 +1 @@\n-seed: 1\n+seed: 2\n",
                "paired": paired,
            }
            for run, paired in (
                ("churn/0002-bbbb", {"by": "row", "why": "", "rows": {"test": 2000}}),
                ("churn/0003-cccc", {"by": "", "why": "the data are not the same", "rows": {}}),
            )
        ],
        "parts": {
            "test": [
                {
                    "name": "roc_auc", "greater_is_better": True,
                    "runs": [{**values, "gain": each} for each in (None, gain, None)],
                }
            ]
        },
        "gates": [{"gate": "roc_auc >= 0.7", "slice": None, "status": ["pass", "fail", None]}],
    }  # fmt: skip


def _run(name: str) -> dict[str, Any]:
    return {
        "run": name, "href": f"{name}/report.html", "started": "2026-11-26T10:00:00+00:00",
        "command": "mlpipe run", "status": "passed", "verdict": "passed", "model": "boosted",
        "rows": 12000, "rejected": 3, "columns": 18, "parts": {"test": 2000}, "data": "d1",
        "git": "", "dirty": False, "figures": documents.points(), "threshold": 0.2,
    }  # fmt: skip


@pytest.fixture(scope="module")
def html() -> str:
    return compared(document())


def test_it_says_what_it_did_before_what_changed(html: str) -> None:
    read = Reader(html)

    assert read.open == []
    headings = ("What it did", "Gates", "What changed", "Figures", "Runs")
    at = [read.text.rindex(each) for each in headings]
    assert at == sorted(at)
    assert "2,000 rows, paired by row" in read.text
    assert "C is not paired with A: the data are not the same" in read.text
    assert "0.01 to 0.09" in read.text
    assert "<b>new</b>" in read.text


def test_the_diff_of_the_spec_is_told_by_its_lines(html: str) -> None:
    assert '<span class="removed">-seed: 1</span><span class="added">+seed: 2</span>' in html
    assert "+++ b" not in html


def test_figures_of_the_runs_stand_side_by_side_with_names_of_their_own(html: str) -> None:
    ids = Reader(html).values("id")

    assert html.count('aria-label="ROC curve"') == 3
    assert len(ids) == len(set(ids))


def test_a_comparison_without_models_has_no_figures_and_no_metrics() -> None:
    bare = document()
    runs = [{**run, "figures": None} for run in bare["runs"]]
    html = compared({**bare, "runs": runs, "parts": {}, "gates": []})

    assert 'id="metrics"' not in html
    assert 'id="figures"' not in html
    assert 'id="changes"' in html
