"""Monitor at a glance: the model, the window, and the ranked list of what moved."""

from typing import Any

import pytest

from mlpipe.report.glance import alerted, glance
from tests.report import documents, watched


def test_the_model_the_window_and_the_counts() -> None:
    found = glance(watched.report())

    assert found["model"] == [
        ("model", "churn"), ("version", "4"), ("alias", "champion"), ("run", "0007-3f9a"),
        ("trained", "2026-05-02 03:12 UTC"),
    ]  # fmt: skip
    assert (found["rows"], found["count"]) == (7000, 7)
    assert (found["first"], found["last"]) == ("2026-08-23", "2026-08-29")
    assert found["counts"] == [("alert", 2), ("warning", 1), ("silenced", 1)]


def test_silenced_alerts_stand_apart_with_their_reason() -> None:
    found = glance(watched.report())

    assert [each["what"] for each in found["alerts"]] == [
        "average_precision", "charges", "support_tickets",
    ]  # fmt: skip
    (quiet,) = found["silenced"]
    assert (quiet["what"], quiet["silenced"]["until"]) == ("plan", "2026-09-15")


def test_without_a_list_the_parts_of_the_report_tell_it() -> None:
    report = documents.monitor()
    report["quality"] |= {"status": "alert"}
    report["log"] = watched.log(3)
    found = alerted(report)

    assert [(each["what"], each["status"]) for each in found] == [
        ("average_precision", "alert"), ("charges", "alert"), ("plan", "alert"),
        ("score", "warn"), ("error_rate", "warn"),
    ]  # fmt: skip
    assert found[0]["words"] == "0.44 in 2026-06, 0.41 at training"
    assert all(each["silenced"] == {} for each in found)


def test_an_empty_list_is_believed() -> None:
    assert alerted({**documents.monitor(), "alerts": []}) == []


def test_long_lists_fold() -> None:
    found = glance({"alerts": watched.alerts()[:1] * 30})

    assert (len(found["alerts"]), len(found["more"])) == (12, 18)
    assert found["counts"] == [("alert", 30)]


@pytest.mark.parametrize("model", [None, 3, [], {}, {"name": None, "trained": ""}, ""])
def test_an_unknown_model_is_left_out(model: Any) -> None:
    assert glance({"model": model})["model"] == []


@pytest.mark.parametrize(
    "given",
    [{}, {"alerts": 3, "chunks": 4}, {"alerts": [None, "x", {}, {"status": "ok"}]},
     {"alerts": [{"status": ["alert"]}]}],
)  # fmt: skip
def test_a_partial_report_has_a_top_all_the_same(given: dict[str, Any]) -> None:
    found = glance(given)

    assert (found["alerts"], found["counts"]) == ([], [])
