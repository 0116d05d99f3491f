"""The verdict in a word and a sentence."""

from typing import Any

import pytest

from mlpipe.report.headline import headline
from tests.report import documents, watched


def judged(status: str, *gates: dict[str, Any]) -> dict[str, Any]:
    return headline({"evaluate": {"verdict": {"status": status, "gates": list(gates)}}})


GOOD = documents.gate("roc_auc >= 0.75", "pass", 0.8, 0.78, 0.82, ">= 0.75")
BAD = documents.gate("f1 >= 0.9", "fail", 0.4, 0.3, 0.5, ">= 0.9")
WARNS = {**BAD, "gate": "parity <= 0.1", "severity": "warn", "counts_as": "warn"}


@pytest.mark.parametrize(
    ("found", "word", "why"),
    [
        (judged("passed", GOOD), "Passed", "1 gate held"),
        (judged("passed", GOOD, GOOD, WARNS), "Passed", "2 gates held; 1 of 3 only warn"),
        (judged("failed", GOOD, BAD, WARNS), "Failed", "f1 >= 0.9 did not hold"),
        (judged("passed"), "Evaluated",
         "the spec has no gates, so nothing was asked of the model"),
        (headline({"steps": [{"step": "ingest"}]}), "Done", "up to ingest; no model was judged"),
        (headline({"steps": [{"step": "train", "status": "failed", "why": "one class"}]}),
         "Stopped", "train: one class"),
    ],
)  # fmt: skip
def test_the_word_and_the_reason(found: dict[str, str], word: str, why: str) -> None:
    assert (found["word"], found["why"]) == (word, why)


def test_problems_outrank_failed_checks_and_both_the_verdict() -> None:
    document = documents.document()
    document["validate"]["status"] = "failed"
    document["validate"]["checks"][1]["severity"] = "error"

    assert headline(document)["word"] == "Data checks failed"
    assert headline(document)["why"] == (
        "plan: 2 of 12,000 rows are not in [basic]; left_on is a copy of the target 'churned'"
    )

    document["problems"] = [{"message": "disk full"}, {"message": "also this"}]

    assert headline(document)["why"] == "disk full, and 1 more"


def test_a_quiet_month_says_so() -> None:
    quiet = {"monitor": {"status": "ok", "drift": []}}
    found = headline(quiet)

    assert (found["status"], found["word"], found["why"]) == ("ok", "All quiet", "no column moved")
    assert "monitor" not in found


def test_beside_a_verdict_monitor_has_a_line_of_its_own() -> None:
    found = headline({**documents.document(), "monitor": watched.report()})

    assert (found["status"], found["monitor"]) == ("inconclusive", "alert")
    assert found["monitor_why"].startswith("average_precision: 0.31 in 2026-08-23")
    assert found["monitor_why"].endswith("and 1 more")


def test_a_run_that_stopped_is_not_what_monitor_said() -> None:
    found = headline({"monitor": watched.report(), "problems": [{"message": "disk full"}]})

    assert (found["word"], found["monitor"]) == ("Stopped", "alert")
