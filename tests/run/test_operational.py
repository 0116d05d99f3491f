"""Speed, memory and size of a real small model: measured anew in each run, and in no artifact."""

import json
import os
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mlpipe.run.operational.process import NotMeasuredError, answered
from tests.project import SPEC, mlpipe, run_json, statuses, write_project

SLOW = """
import time

def wait(frame):
    time.sleep(0.03)
    return frame.assign(older=frame["age"] > 50)
"""
SPEC = SPEC.replace("    - {metric: roc_auc, min: 0.55}\n", "")
GATES = """
    - {metric: roc_auc, min: 0.55}
    - {metric: latency_p95_ms, max: 20}
    - {metric: latency_p50_ms, max: 60000}
    - {metric: model_bytes, max: 10000000}
  operational: {rows: 50, batch: 20, repetitions: 72, batches: 2, starts: 1, warm_up: 1}
featurize:
  - {python: slow.py:wait}
  - {rest: auto}
"""
ASKED = {
    "bundle": "", "rows": "", "trust": [], "batch": 1, "repetitions": 1, "batches": 1, "warm_up": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = write_project(tmp_path_factory.mktemp("measured"), spec=SPEC + GATES.lstrip("\n"))
    (folder / "slow.py").write_text(SLOW)
    return folder


@pytest.fixture(scope="module")
def first(world):
    done = mlpipe(world, "run", "--json", "--junit", "j.xml", "--markdown", "m.md")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def _values(document):
    return {row["name"]: row["value"] for row in document["answer"]["operational"]["metrics"]}


def _digests(world, document):
    record = json.loads((world / "runs" / document["run"] / "run.json").read_bytes())
    return {step: link["digest"] for step, link in record["artifacts"].items()}


def test_a_model_that_sleeps_is_seen_to_be_slow(first):
    assert first["exit_code"] == 1
    found = {gate["metric"]: gate for gate in first["answer"]["verdict"]["gates"]}
    assert found["latency_p95_ms"]["status"] == "fail"
    assert found["latency_p95_ms"]["low"] > 30
    assert found["latency_p50_ms"]["status"] == "pass"  # the same model by another bound
    assert found["roc_auc"]["status"] == "pass"  # and the artifact's own gates are still there
    assert first["answer"]["verdict"]["status"] == "failed"


def test_what_was_measured_makes_sense(world, first):
    values = _values(first)
    assert 30 < values["latency_p50_ms"] <= values["latency_p95_ms"] <= values["latency_p99_ms"]
    assert values["rows_per_second"] <= 20 / 0.03
    assert values["cold_start_s"] > 0.03
    assert 50 < values["peak_memory_mb"] < 2000
    bundle = world / next(step["path"] for step in first["steps"] if step["step"] == "bundle")
    named = ["bundle.json", *json.loads((bundle / "bundle.json").read_bytes())["files"]]
    assert values["model_bytes"] == sum((bundle / name).stat().st_size for name in named)
    machine = first["answer"]["operational"]["machine"]
    assert machine["cpus"] == len(os.sched_getaffinity(0))
    assert {"python", "platform"} <= machine.keys()


def test_the_verdict_over_all_gates_is_what_ci_and_the_page_show(world, first):
    suite = ET.parse(world / "j.xml").getroot().find("testsuite[@name='evaluate']")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["latency_p95_ms <= 20"]
    assert "latency\\_p95\\_ms" in (world / "m.md").read_text(encoding="utf-8")
    page = (world / first["page"]).read_text(encoding="utf-8")
    assert 'id="operational"' in page
    assert "latency_p95_ms &lt;= 20" in page


@pytest.mark.slow
def test_the_next_command_measures_again_and_no_artifact_knows(world, first):
    again = run_json(world, "run")
    assert set(statuses(again).values()) == {"reused"}
    assert again["run"] != first["run"]
    assert _digests(world, again) == _digests(world, first)
    assert _values(again) != _values(first)
    for step in again["steps"]:
        for path in (world / step["path"]).rglob("*.json"):
            assert "latency" not in path.read_text(encoding="utf-8"), path


def test_without_its_gates_nothing_is_measured_and_nothing_computed(world, first):
    other = write_other(world, "plain.yaml", "")
    found = run_json(world, "run", other)
    assert found["exit_code"] == 0
    assert "operational" not in found["answer"]
    assert set(statuses(found).values()) == {"reused"}
    assert _digests(world, found) == _digests(world, first)


@pytest.mark.slow
@pytest.mark.usefixtures("first")
def test_asked_for_without_a_gate_it_is_measured_once(world):
    asked = "  operational: {rows: 9, batch: 9, repetitions: 6, batches: 6, starts: 1}\n"
    other = write_other(world, "asked.yaml", asked)
    once, twice = run_json(world, "run", other), run_json(world, "run", other)
    assert once["exit_code"] == 0
    assert once["answer"]["operational"]["metrics"]
    assert twice["answer"]["operational"] == once["answer"]["operational"]
    assert twice["run"] == once["run"]


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("gate", ["", "    - {metric: model_bytes, max: 1.0e+9}\n"])
def test_measuring_that_takes_too_long_is_said(world, gate):
    asked = f"{gate}  operational: {{timeout: 0.2}}\n"
    found = run_json(world, "run", write_other(world, "hasty.yaml", asked))
    why = "it took longer than 0.2 seconds; ask for fewer repetitions, or for a longer timeout"
    if not gate:
        assert found["exit_code"] == 0
        assert f"operational metrics were not measured: {why}" in found["warnings"]
        return
    assert found["exit_code"] == 3
    (problem,) = found["problems"]
    assert problem["message"] == f"model_bytes could not be measured: {why}"
    assert problem["place"].startswith("hasty.yaml:")
    assert found["answer"]["verdict"]["status"] == "failed"


@pytest.mark.parametrize(("ends", "why"), [("exit 0", "ended early"), ("sleep 97.31", "longer")])
def test_nothing_that_was_started_goes_on(tmp_path, monkeypatch, ends, why):
    """Neither the process nor what it started, whether it ends by itself or is ended."""
    started = tmp_path / "started"
    script = f"#!/bin/sh\nsleep 97.31 >/dev/null 2>&1 &\necho $! > {started}\n{ends}\n"
    (tmp_path / "python").write_text(script)
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(NotMeasuredError, match=why):
        answered(ASKED, time.monotonic() + 1, 1)
    child = int(started.read_text())
    for _ in range(50):
        if not _lives(child):
            return
        time.sleep(0.1)
    raise AssertionError(f"process {child} goes on")


def _lives(process):
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_process_that_fails_says_why_in_one_line(tmp_path):
    asked = {**ASKED, "bundle": str(tmp_path)}
    with pytest.raises(NotMeasuredError, match="bundle") as raised:
        answered(asked, time.monotonic() + 60, 60)
    assert "\n" not in str(raised.value)


def write_other(world, name, more):
    """Write the spec with the gate on the area alone, and more."""
    gates, features = GATES.lstrip("\n").split("\n", 1)[0], GATES[GATES.index("featurize") :]
    (world / name).write_text(f"{SPEC}{gates}\n{more}{features}")
    return name
