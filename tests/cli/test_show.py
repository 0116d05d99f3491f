"""What the terminal says of an answer."""

from typing import Any

import pytest

from mlpipe.cli import show
from mlpipe.run.result import Result


def said(capsys: pytest.CaptureFixture[str], **answer: Any) -> str:
    show.words(Result(run="", steps=(), exit_code=0, answer=answer))
    return capsys.readouterr().out


def test_each_slice_of_a_gate_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    gate = {"gate": "f1 >= 0.5 for each plan", "status": "inconclusive", "why": "9 rows"}
    gates = [{**gate, "slice": {"plan": plan}} for plan in ("pro", None)]
    told = said(capsys, verdict={"status": "inconclusive", "gates": gates})
    assert "f1 >= 0.5 for each plan [plan = pro]: 9 rows" in told
    assert "f1 >= 0.5 for each plan [plan = –]: 9 rows" in told


def test_an_undefined_metric_has_no_interval(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"name": "ndcg", "value": None, "low": None, "high": None, "baseline": None}
    head = {"baseline": "naive (prior)", "count": 9, "opened": 1, "model": "m", "part": "test"}
    told = said(capsys, metrics={**head, "rows": [row]})
    assert told.splitlines()[-2].split() == ["ndcg", "–", "–", "–"]
