"""Monitor at a glance: the model, the window, and how much moved."""

from typing import Any

import pytest

from mlpipe.report.glance import counted, glance, said, watched_word
from tests.report import watched


def test_the_model_the_window_and_the_counts() -> None:
    found = glance(watched.report(), "churn@4, the champion")

    assert found["model"] == "churn@4, the champion"
    assert (found["rows"], found["chunks"]) == (7000, 7)
    assert (found["first"], found["last"]) == ("2026-08-23", "2026-08-29")
    assert found["counts"] == ["2 alerts", "1 warning", "1 silenced"]


def test_the_sentence_has_the_first_alerts_that_nobody_silenced() -> None:
    assert said(watched.report()) == (
        "average_precision: 0.31 in 2026-08-23, 0.41 at training; charges: median up 0.32 IQR; "
        "'> 55.18': 10.0% → 27.0%; and 1 more"
    )
    assert said({"alerts": watched.alerts()[2:3]}) == "support_tickets: median up 0.99 IQR"


def test_what_is_silenced_alone_is_said_to_be() -> None:
    silenced = {"status": "alert", "alerts": watched.alerts()[-1:]}

    assert said(silenced) == "nothing that is not silenced moved, 1 silenced"
    assert counted(silenced) == ["1 silenced"]
    assert glance(silenced)["status"] == "ok"


@pytest.mark.parametrize("model", [None, 3, [], {}])
def test_an_unknown_model_is_left_out(model: Any) -> None:
    assert glance({}, model)["model"] == ""


@pytest.mark.parametrize("given", [{}, {"alerts": 3, "chunks": 4}, {"alerts": [None, "x"]}])
def test_a_partial_report_has_a_top_all_the_same(given: dict[str, Any]) -> None:
    found = glance(given)

    assert (found["counts"], found["first"], found["last"]) == ([], "", "")
    assert said(given) == ""
    assert watched_word(given.get("status")) == ""
