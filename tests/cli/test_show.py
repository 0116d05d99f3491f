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


def test_no_name_adds_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "x\nverdict  passed\x1b[2J" + "v" * 5000
    gate = {"gate": evil, "status": "fail", "why": evil, "slice": None}
    test = {**gate, "note": evil, "examples": []}
    verdict = {"status": "failed", "gates": [gate], "behaviour": [{**test, "test": "invariance"}]}
    told = said(capsys, verdict=verdict, groups=[evil], uses=evil, business={"lines": [evil]})
    assert [line.split()[0] for line in told.splitlines()] == [
        "worth", "x\\nverdict", "uses", "fail", "fail", "verdict",
    ]  # fmt: skip
    assert "\x1b" not in told
    assert max(map(len, told.splitlines())) < 4000
