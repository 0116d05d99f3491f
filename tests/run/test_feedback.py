"""Feedback in a run: part of the key of evaluate, fetched, judged, and nothing is refitted."""

import json
import sqlite3
from pathlib import Path

import pytest

from mlpipe.errors import SpecError
from mlpipe.pipeline import load
from tests.project import mlpipe, write_project

BUSINESS = """\
  business:
    profit: {value: {tp: 10, fp: -5}, currency: EUR}
    nps:
      feedback: {path: nps.csv, join: id, column: score, max_bad_rows: 1,
                 types: {id: string, score: integer}}
  metrics: [roc_auc, accuracy]"""
GATE = "    - {metric: roc_auc, min: 0.55}"


def project(folder: Path) -> Path:
    write_project(folder)
    spec = (folder / "mlpipe.yaml").read_text()
    spec = spec.replace("  metrics: [roc_auc, accuracy]", BUSINESS)
    spec = spec.replace(GATE, f"{GATE}\n    - {{metric: nps, min: 0}}")
    (folder / "mlpipe.yaml").write_text(spec)
    answer(folder, 9)
    return folder


def answer(folder: Path, score: int) -> None:
    lines = [f"{number:05d},{score}" for number in range(0, 400, 2)]
    (folder / "nps.csv").write_text("\n".join(["id,score", *lines, "00001,good"]) + "\n")


def run(folder: Path) -> dict:
    return json.loads(mlpipe(folder, "run", "--json").stdout)


@pytest.mark.slow
def test_new_answers_are_judged_anew_and_refit_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path)
    first = run(folder)
    assert (first["exit_code"], first["status"]) == (0, "passed")
    told = first["answer"]["business"]
    assert [each["name"] for each in told["money"]] == ["profit"]
    assert [(each["name"], each["value"]) for each in told["feedback"]] == [("nps", 100.0)]
    assert any(line.startswith("profit: ") and " EUR a 1,000" in line for line in told["lines"])
    evaluated = Path(folder / next(s["path"] for s in first["steps"] if s["step"] == "evaluate"))
    report = json.loads((evaluated / "report.json").read_text())
    assert report["feedback"][0]["read"]["rejected_rows"][0]["line"] == 202
    assert (evaluated / "quarantine.parquet").exists()

    answer(folder, 2)
    second = run(folder)
    assert second["exit_code"] == 1  # the gate on nps says no
    statuses = {step["step"]: (step["status"], step["why"]) for step in second["steps"]}
    assert [name for name, (status, _) in statuses.items() if status == "computed"] == ["evaluate"]
    assert statuses["evaluate"][1] == "nps.csv changed"


@pytest.mark.slow
def test_answers_of_a_database_are_fetched(tmp_path: Path) -> None:
    folder = project(tmp_path)
    con = sqlite3.connect(folder / "nps.db")
    con.execute("create table answers (id text, score integer)")
    con.executemany("insert into answers values (?, ?)", [(f"{n:05d}", 10) for n in range(300)])
    con.commit()
    con.close()
    spec = (folder / "mlpipe.yaml").read_text()
    spec = spec.replace("path: nps.csv, join", 'database: "sqlite:///nps.db", table: answers, join')
    (folder / "mlpipe.yaml").write_text(spec.replace("types: {id: string, score: integer}", ""))
    document = run(folder)
    assert document["exit_code"] == 0, document
    assert document["answer"]["business"]["feedback"][0]["value"] == 100.0
    record = json.loads(next((folder / "runs" / "small").glob("*/run.json")).read_text())
    assert "evaluate nps" in record["sources"]


@pytest.mark.parametrize(
    ("written", "key", "message"),
    [
        ("nps.csv, delimitr: ';'", "feedback.delimitr", "unknown key"),
        ("'https://u:hunter2@x.org/a.csv'", "feedback.path", "a secret stands in the spec"),
    ],
)
def test_the_source_of_answers_is_checked_like_any(
    tmp_path: Path, written: str, key: str, message: str
) -> None:
    folder = project(tmp_path)
    spec = (folder / "mlpipe.yaml").read_text().replace("path: nps.csv", f"path: {written}")
    (folder / "mlpipe.yaml").write_text(spec)
    with pytest.raises(SpecError) as caught:
        load(folder / "mlpipe.yaml", environ={})
    (problem,) = caught.value.problems
    assert problem.key.endswith(key)
    assert message in problem.message
    assert problem.place.startswith(str(folder / "mlpipe.yaml"))


def test_what_customers_say_is_not_what_a_threshold_maximizes(tmp_path: Path) -> None:
    folder = project(tmp_path)
    spec = (folder / "mlpipe.yaml").read_text()
    spec = spec.replace("  folds: 3", "  folds: 3\n  decide: {maximize: nps}")
    (folder / "mlpipe.yaml").write_text(spec)
    with pytest.raises(SpecError, match="'nps' cannot be maximized by a threshold"):
        load(folder / "mlpipe.yaml", environ={})
