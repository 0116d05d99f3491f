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


ALERT = {"what": "drift.a", "status": "alert", "silenced": None}
SILENT = {**ALERT, "silenced": {"until": "2026-12-31", "reason": "known"}}


@pytest.mark.parametrize(("alerts", "code"), [([], 0), ([SILENT], 0), ([SILENT, ALERT], 1)])
def test_strict_fails_for_what_nobody_silenced(alerts: list[dict[str, Any]], code: int) -> None:
    monitor = {"status": "alert", "loud": "ok", "alerts": alerts, "lines": []}
    found = Result(run="", steps=(), exit_code=0, answer={"monitor": monitor})
    for strict, expected in ((True, code), (False, 0)):
        given = {"json": False, "strict": strict, "exit_zero": False, "open_page": False}
        assert show.result(found, **given) == expected


def test_silenced_alerts_stay_visible_and_the_commands_come_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    monitor = {"status": "alert", "loud": "ok", "alerts": [SILENT], "lines": ["silenced a\nb"]}
    commands = [{"command": f"mlpipe {verb}", "why": "because"} for verb in ("run", "promote")]
    answer = {"monitor": monitor, "retrain": commands, "delivered": ["a.prom written"]}
    show.words(Result(run="", steps=(), exit_code=0, answer=answer, next="mlpipe runs show"))
    assert capsys.readouterr().out.splitlines() == [
        "  silenced a\\nb",
        "monitor  ok (1 silenced)",
        "told     a.prom written",
        "next     mlpipe runs show",
        "retrain  mlpipe run",
        "           # because",
        "         mlpipe promote",
        "           # because",
    ]
