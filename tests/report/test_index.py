"""The index of all runs, out of what the records say."""

from typing import Any

import pytest

from mlpipe.report.bounded import LARGEST
from mlpipe.report.index import index
from tests.report.test_page import Reader


def run(at: int, value: float | None = 0.8, **told: Any) -> dict[str, Any]:
    metric = {"name": "roc_auc", "value": value, "low": 0.7, "high": 0.9, "baseline": 0.5}
    return {
        "run": f"{at:04d}-abcd", "href": f"churn/{at:04d}-abcd/report.html", "status": "passed",
        "started": "2026-11-26T10:00:00+00:00", "verb": "run", "verdict": "passed", "monitor": "",
        "model": "boosted", "metrics": [metric] if value is not None else [], "rows": "r1",
        "opened": at, "data": "d1", "git": "c0ffee" * 6, "dirty": True, **told,
    }  # fmt: skip


def document(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"title": "runs", "pipelines": [{"name": "churn", "runs": list(runs)}]}


def test_runs_stand_from_the_newest_to_the_oldest_with_a_link_each() -> None:
    read = Reader(index(document(run(1), run(2, verdict="failed"), run(3, verdict="inconclusive"))))
    at = [read.text.rindex(f"{number:04d}-abcd") for number in (3, 2, 1)]

    assert at == sorted(at)
    assert {f"churn/{number:04d}-abcd/report.html" for number in (1, 2, 3)} <= set(
        read.values("href")
    )
    assert "3 runs of 1 pipeline" in read.text
    assert "c0ffeec0+" in read.text


def test_a_trend_has_a_point_a_run_and_breaks_where_other_rows_were_judged() -> None:
    html = index(document(run(1), run(2, None), run(3), run(4, rows="r2"), run(5, rows="r2")))

    assert html.count("<circle") == 4
    assert html.count('class="break"') == 1
    assert "0003-abcd: 0.8, 0.7 to 0.9" in html


def test_one_run_has_no_trend_and_a_damaged_one_only_its_name() -> None:
    html = index(document({"run": "0001-abcd", "path": "", "status": "damaged"}))

    assert "<circle" not in html
    assert "damaged" in Reader(html).text
    assert "<circle" not in index(document(run(1)))


def test_other_data_are_marked() -> None:
    assert index(document(run(1), run(2), run(3, data="d2"))).count(">new<") == 1


@pytest.mark.parametrize("count", [15, 16])
def test_older_runs_fold(count: int) -> None:
    html = index(document(*map(run, range(1, count + 1))))

    assert ("Older runs" in html) == (count > 15)


def test_a_thousand_runs_are_one_page() -> None:
    html = index(document(*(run(at, data=f"d{at}") for at in range(1, 1001))))

    assert "0001-abcd" in html
    assert len(html.encode()) < LARGEST
    assert html.count("<circle") == 60


def test_what_monitor_said_is_the_outcome_of_a_run_that_only_watched() -> None:
    alerts = [{"status": "alert", "words": "charges: <b>up</b>"}, {"status": "warn"}]
    only = run(1, None, verb="monitor", verdict="", monitor="alert", alerts=alerts)
    read = Reader(index(document(only)))

    assert "pill bad" in read.values("class")
    assert "1 alert, 1 warning" in read.text
    assert "charges: <b>up</b>" in read.values("title")
    assert "monitor: alert" not in read.text


def test_beside_a_verdict_monitor_has_a_pill_of_its_own() -> None:
    read = Reader(index(document(run(1, monitor="ok", alerts=[]))))

    assert "monitor: ok" in read.text


def test_the_nights_of_monitor_stand_in_a_row_each_with_a_link() -> None:
    statuses = ("ok", "ok", "warn", "alert", "insufficient")
    alerts = [{"status": "alert", "words": "x"}]
    runs = [
        run(at, None, verb="monitor", verdict="", monitor=status, alerts=alerts)
        for at, status in enumerate(statuses, 1)
    ]
    html = index(document(*runs, run(6)))
    read = Reader(html)

    assert [each for each in read.values("class") if each.startswith("mark ")] == [
        f"mark {status}" for status in statuses
    ]
    assert "monitor in the last 5 runs, oldest first: ok, ok, warn, alert, insufficient" in html
    assert "0004-abcd: alert, 1 alert" in html
    assert read.values("href").count("churn/0004-abcd/report.html") == 2


def test_one_night_is_no_row() -> None:
    assert 'class="mark' not in index(document(run(1, monitor="ok"), run(2)))
