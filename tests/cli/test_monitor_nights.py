"""Night after night in a project: what monitor remembers, on the disk and in its keys."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta

import pytest

from tests.project import SPEC, mlpipe, run_json, statuses, write_project

pytestmark = pytest.mark.slow

NIGHTS = SPEC.replace("  key: id\n", "  key: id\n  time: day\n") + (
    "monitor: {current: {path: night.csv}, every: day, minimum_rows: 100}\n"
)


def write_rows(path, first, count, days, older=0):
    chance = random.Random(first.toordinal() * 100 + older)
    lines = ["id,day,age,plan,gender,left"]
    for at in range(count):
        age, plan = chance.randint(18, 80 - older) + older, chance.choice(["basic", "plus", "pro"])
        gone = chance.random() < (0.75 if plan == "basic" else 0.2)
        day = first + timedelta(days=at * days // count)
        lines.append(
            f"{day:%m%d}{at:05d},{day},{age},{plan},{chance.choice('mf')},{'yes' if gone else 'no'}"
        )
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = write_project(tmp_path_factory.mktemp("nights"), spec=NIGHTS)
    write_rows(folder / "data.csv", date(2026, 5, 1), 2000, 10)
    done = mlpipe(folder, "train")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def project(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "p", symlinks=True)


def night(folder, day, older=0, count=400):
    write_rows(folder / "night.csv", date(2026, 6, day), count, 1, older)
    return run_json(folder, "monitor")


def age(folder, document):
    report = json.loads((folder / _path(document) / "report.json").read_text())
    (row,) = [each for each in report["drift"] if each["column"] == "age"]
    return report, row


def _path(document):
    (path,) = [each["path"] for each in document["steps"] if each["step"] == "monitor"]
    return path


def records(folder):
    return sorted(path.name[:10] for path in folder.glob("models/small/monitor/*/*.json"))


def test_four_nights_of_one_chunk_each(project):
    first = night(project, 1)
    assert first["answer"]["monitor"]["history"] == "1 chunk since 2026-06-01, 1 new"
    assert first["answer"]["monitor"]["status"] == "ok"
    night(project, 2)
    third = night(project, 3, older=25)
    assert third["exit_code"] == 0  # one night alone is a warning
    assert age(project, third)[1]["status"] == "warn"
    fourth = night(project, 4, older=25)
    assert fourth["exit_code"] == 1
    report, row = age(project, fourth)
    assert (row["status"], row["since"]) == ("alert", "2026-06-03")
    assert [each["new"] for each in report["timeline"]["chunks"]] == [False, False, False, True]
    said = mlpipe(project, "monitor").stdout
    assert "history  4 chunks since 2026-06-01, 1 new" in said
    assert "since 2026-06-03" in said
    assert records(project) == [f"2026-06-0{day}" for day in range(1, 5)]
    _one_window_over_all_says_the_same(project, report)


def _one_window_over_all_says_the_same(project, report):
    lines = []
    for day, older in ((1, 0), (2, 0), (3, 25), (4, 25)):
        write_rows(project / "night.csv", date(2026, 6, day), 400, 1, older)
        header, *rows = (project / "night.csv").read_text().splitlines()
        lines += rows
    (project / "night.csv").write_text("\n".join([header, *lines]) + "\n")
    whole = run_json(project, "monitor", "-S", "monitor.history=false")
    told = age(project, whole)[0]["timeline"]
    assert told["measures"]["drift.age"] == report["timeline"]["measures"]["drift.age"]


def test_a_weak_shift_is_told_by_three_nights_together(project):
    for day in (1, 2, 3):
        document = night(project, day, older=4)
    _, row = age(project, document)
    assert (row["status"], row["statuses"]) == ("warn", ["ok"])
    assert row["pooled"] == {
        "chunks": 3, "rows": 1200, "first": "2026-06-01", "last": "2026-06-03",
    }  # fmt: skip
    assert row["since"] == "2026-06-01"
    said = mlpipe(project, "monitor").stdout.splitlines()
    (line,) = [each for each in said if "over the last 3 chunks together" in each]
    assert "age: " in line
    assert "since 2026-06-01" in line
    kept = [json.loads(path.read_text()) for path in project.glob("models/small/monitor/*/*.json")]
    assert [each["record"]["counts"]["drift.age"]["rows"] for each in kept] == [400] * 3
    again = run_json(project, "runs", "reproduce", document["run"])
    assert again["status"] == "identical"


def test_a_night_that_is_run_again_has_nothing_to_do_and_is_there_once(project):
    night(project, 1)
    night(project, 2, older=25)
    again = run_json(project, "monitor", "--force", "current")
    assert statuses(again) == {
        "current": "computed", "checks": "reused", "observe": "reused", "monitor": "reused",
    }  # fmt: skip
    corrected = night(project, 2)
    assert statuses(corrected)["monitor"] == "computed"
    assert age(project, corrected)[1]["status"] == "ok"
    assert corrected["answer"]["monitor"]["history"] == "2 chunks since 2026-06-01, 1 new"
    assert records(project) == ["2026-06-01", "2026-06-02"]


def test_an_old_record_that_is_gone_or_damaged_is_missed(project):
    for day in (1, 2, 3):
        night(project, day)
    (oldest, second, _) = sorted(project.glob("models/small/monitor/*/*.json"))
    oldest.unlink()
    again = run_json(project, "monitor")
    assert statuses(again) == {
        "current": "reused", "checks": "reused", "observe": "reused", "monitor": "computed",
    }  # fmt: skip
    (why,) = [each["why"] for each in again["steps"] if each["step"] == "monitor"]
    assert why == "its history has 1 earlier chunk, not 2"
    second.write_text(second.read_text().replace("400", "401"))
    again = run_json(project, "monitor")
    assert again["exit_code"] == 0
    assert again["answer"]["monitor"]["history"] == "1 chunk since 2026-06-03, 1 new"
    assert any("damaged record of the history was set aside" in each for each in again["warnings"])
    assert records(project) == ["2026-06-03"]
    assert [path.parent.name for path in project.glob("models/small/monitor/*/*/*")] == ["damaged"]


def test_a_column_that_is_empty_one_night_is_missing_and_no_text(project):
    night(project, 1)
    header, *lines = (project / "night.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    emptied = [",".join([*row[:2], "", *row[3:]]) for row in cells]
    (project / "night.csv").write_text("\n".join([header, *emptied]) + "\n")
    document = run_json(project, "monitor")
    report, row = age(project, document)
    assert (report["checks"], row["aspect"], row["direction"]) == ([], "missing", "up")
    assert document["exit_code"] == 1, document["error"]


def test_a_record_is_written_again_where_the_verdict_is_reused(project):
    night(project, 1)
    shutil.rmtree(project / "models")
    again = run_json(project, "monitor")
    assert statuses(again)["monitor"] == "reused"
    assert records(project) == ["2026-06-01"]


def test_a_newer_history_is_refused_and_can_be_left_out(project):
    night(project, 1)
    (path,) = project.glob("models/small/monitor/*/*.json")
    path.write_text('{"format": 9}')
    write_rows(project / "night.csv", date(2026, 6, 2), 400, 1)
    done = mlpipe(project, "monitor")
    assert done.returncode == 4
    assert "written by a newer mlpipe (format 9" in done.stderr
    assert mlpipe(project, "monitor", "-S", "monitor.history=false").returncode == 0
    assert path.read_text() == '{"format": 9}'


def test_without_history_nothing_is_written(project):
    write_rows(project / "night.csv", date(2026, 6, 1), 400, 1)
    assert run_json(project, "monitor", "-S", "monitor.history=false")["exit_code"] == 0
    assert not (project / "models").exists()


def test_a_night_can_be_built_again_whatever_history_holds_by_then(project):
    night(project, 1)
    night(project, 2, older=25)
    document = night(project, 3, older=25)
    shutil.rmtree(project / "models")
    document = run_json(project, "runs", "reproduce", document["run"])
    assert document["status"] == "identical"


def test_two_machines_remember_together(project, tmp_path):
    night(project, 1)
    there = shutil.copytree(project, tmp_path / "there", symlinks=True)
    night(project, 2, older=25)
    night(there, 3, older=25)
    for path in project.glob("models/small/monitor/*/*.json"):
        shutil.copy(path, there / path.relative_to(project))
    document = run_json(there, "monitor")
    assert document["answer"]["monitor"]["history"] == "3 chunks since 2026-06-01, 1 new"
    assert age(there, document)[1]["since"] == "2026-06-02"


def test_kills_leave_the_night_before_or_the_one_after(project):
    """Two states of one night, put in place of each other by processes that die at any moment."""
    states = []
    for older in (0, 25):
        night(project, 1, older=older)
        (path,) = project.glob("models/small/monitor/*/*.json")
        states.append(path.read_bytes())
    assert states[0] != states[1]
    moments, command = random.Random(11), [sys.executable, "-m", "mlpipe", "monitor"]
    for kill in range(6):
        write_rows(project / "night.csv", date(2026, 6, 1), 400, 1, 25 * (kill % 2))
        worker = subprocess.Popen(
            command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        time.sleep(moments.uniform(0.5, 6.0))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        assert [each.read_bytes() in states for each in project.glob("models/*/*/*/*.json")] == [
            True
        ]
    done = night(project, 1, older=25)  # nobody is in the way of the next one
    assert done["answer"]["monitor"]["history"] == "1 chunk since 2026-06-01, 1 new"
    assert done["warnings"] == [each for each in done["warnings"] if "history" not in each]
    assert path.read_bytes() == states[1]
    assert not list(project.glob("models/*/*/*/.staged-*"))


def test_rows_and_nights_without_a_time(project):
    write_rows(project / "night.csv", date(2026, 6, 1), 1050, 3)
    rows = run_json(project, "monitor", "-S", "monitor.every={rows: 500}")
    report, _ = age(project, rows)
    assert [each["rows"] for each in report["chunks"]] == [500, 500]
    assert any("unfinished and left out (50 rows)" in each for each in report["notes"])
    assert report["every"] == "500 rows"
    spec = project / "mlpipe.yaml"
    spec.write_text(spec.read_text().replace("  time: day\n", ""))
    for day, status in (("2026-06-01", "ok"), ("2026-06-02", "ok"), ("2026-06-03", "warn")):
        older = 25 if status == "warn" else 0
        write_rows(project / "night.csv", date.fromisoformat(day), 400, 1, older)
        done = run_json(
            project, "monitor", "-S", "monitor.every=all", "-S", f'monitor.as_of="{day}"'
        )
        assert age(project, done)[1]["status"] == status, day
    assert done["answer"]["monitor"]["history"] == "3 chunks since 2026-06-01, 1 new"


def test_the_bundle_alone_is_enough(project, tmp_path):
    """No training data, no artifact of it: a copy of the bundle, and the rows of a night."""
    run = next(path for path in project.glob("runs/small/0001-*/bundle"))
    bundle = shutil.copytree(run, tmp_path / "bundle")
    shutil.rmtree(project / "runs")
    (project / "data.csv").unlink()
    write_rows(project / "night.csv", date(2026, 6, 1), 400, 1, older=30)
    document = run_json(project, "monitor", "--model", str(bundle))
    report, row = age(project, document)
    assert (row["status"], row["direction"]) == ("alert", "up")
    assert [each["status"] for each in report["drift"] if each["column"] == "plan"] == ["ok"]
