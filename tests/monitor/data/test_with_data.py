import pytest

from mlpipe.monitor.alerts.measures import verdicts
from mlpipe.monitor.data.stage import with_data
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.history.measures import measures as remembered
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import unobserved

NONE = {"labelled": 90, "waiting": 10, "doubled": 0, "contradicting": 0, "unmatched": 5}


def check(status, name="min", column="age", **given):
    example = {"row": 7, "key": {"id": "k7"}, "value": 3, "file": "a.csv", "line": 9}
    return {
        "check": name, "column": column, "status": status, "message": f"{column}: 1 below 18",
        "examples": [example] if status != "passed" else [], **given,
    }  # fmt: skip


def told(*checks, labels=NONE, **given):
    statuses = {each["status"] for each in checks} | {"passed"}
    worst = next(each for each in ("failed", "warned", "passed") if each in statuses)
    checked = {"status": worst, "rows": 100, "checks": checks, "left_out": [], "late": 0}
    return with_data({**unobserved(Monitor()), **given}, checked, labels)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [(["passed", "failed", "warned"], "alert"), (["warned"], "warn"), (["passed"], "insufficient")],
)
def test_a_failed_check_alerts_and_passing_ones_make_nothing_ok(statuses, status):
    report = judge(told(*map(check, statuses)))
    assert report["status"] == status
    assert [each["status"] for each in report["checks"]] == sorted(set(statuses) - {"passed"})


@pytest.mark.parametrize(
    ("labels", "status"),
    [
        ({}, "insufficient"),
        ({"contradicting": 2}, "warn"),
        ({"unknown": 1}, "warn"),
        ({"labelled": 0}, "warn"),
        ({"labelled": 0, "unmatched": 0}, "insufficient"),
    ],
)
def test_labels_that_deserve_a_look_warn(labels, status):
    report = judge(told(check("passed"), labels={**NONE, **labels}))
    assert report["status"] == status
    names = [each.what for each in verdicts(report)]
    assert ("data.labels" in names) == (status == "warn")


def test_each_check_is_an_alert_of_a_name_of_its_own_with_its_place():
    report = told(check("failed"), check("warned"), check("failed", "rows", None, source="usage"))
    found = {each.what: each for each in verdicts(report)}
    first = found["data.age.min"]
    assert (first.status, first.words) == ("alert", "age: 1 below 18")
    assert first.rows == ("a.csv:9 (id = k7)",)
    assert found["data.age.min.2"].status == "warn"
    assert found["data.usage.rows"].status == "alert"


def test_checks_that_all_pass_are_one_measure():
    found = list(verdicts(told(check("passed"), check("passed"))))
    assert [(each.what, each.status) for each in found] == [("data.checks", "ok")]
    assert found[0].words == "2 checks of 100 rows pass"


def test_the_failed_checks_are_remembered_at_the_latest_chunk():
    chunks = [{"chunk": "2026-05", "rows": 50}, {"chunk": "2026-06", "rows": 50}]
    report = told(check("failed"), check("warned"), check("passed"), chunks=chunks)
    (found,) = [each for each in remembered(report) if each.name == "data.failed_checks"]
    assert found.points == {
        "2026-06": {"value": 2, "low": None, "high": None, "status": "alert", "n": 3}
    }


def test_doubtful_labels_are_no_failed_check():
    chunks = [{"chunk": "2026-06", "rows": 50}]
    report = told(check("passed"), labels={**NONE, "contradicting": 3}, chunks=chunks)
    (found,) = [each for each in remembered(report) if each.name == "data.failed_checks"]
    assert report["data"]["status"] == "warn"
    assert (found.points["2026-06"]["value"], found.points["2026-06"]["status"]) == (0, "ok")
