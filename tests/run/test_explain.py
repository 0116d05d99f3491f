"""Explain on the real command line: when it runs, what it tells, and what predict makes of it."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.project import SPEC, mlpipe, run_json, statuses, write_project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = write_project(tmp_path_factory.mktemp("explained"))
    return folder, run_json(folder, "run")


@pytest.fixture
def project(told: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    shutil.copytree(told[0], tmp_path / "project")
    return tmp_path / "project"


def report(folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    path = folder / "runs" / document["run"] / "explain" / "report.json"
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_it_names_what_the_target_is_made_of(told: tuple[Path, dict[str, Any]]) -> None:
    folder, document = told
    found = report(folder, document)
    assert [each["column"] for each in found["importance"]] == ["plan", "age"]
    assert (found["part"], found["metric"], found["seen"]) == ("test", "roc_auc", False)
    assert found["warnings"] == []
    assert document["answer"]["uses"].startswith("plan 0.")
    assert document["answer"]["uses"].endswith("(worse roc_auc when shuffled)")
    plan = next(each for each in found["curves"] if each["column"] == "plan")
    chance = dict(zip(plan["at"], plan["lines"][0]["mean"], strict=True))
    assert chance["basic"] > 0.6 > 0.4 > max(chance["plus"], chance["pro"])


def test_the_worst_rows_stand_where_it_says(told: tuple[Path, dict[str, Any]]) -> None:
    folder, document = told
    lines = (folder / "data.csv").read_text().splitlines()
    rows = report(folder, document)["worst"]["rows"]
    assert len(rows) == 20
    for row in rows:
        assert row["file"] == "data.csv"
        fields = next(csv.reader([lines[row["line"] - 1]]))
        assert (fields[0], fields[4]) == (row["key"]["id"], row["truth"])
        assert row["truth"] != row["prediction"]
        values = {each["column"]: each["value"] for each in row["reasons"]}
        assert values.get("plan", fields[2]) == fields[2]
    assert "gender" not in json.dumps(rows)


def test_it_is_told_in_the_terminal_and_on_the_page(project: Path) -> None:
    said = mlpipe(project, "run").stdout
    assert "\nuses     plan 0." in said
    page = next((project / "runs" / "small").glob("0001*")) / "report.html"
    assert "What the model uses" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_more_of_it_learns_nothing_anew_and_none_of_it_is_a_step_less(project: Path) -> None:
    spec = project / "mlpipe.yaml"
    spec.write_text(SPEC.replace("  gates:", "  explain: {repeats: 2, worst: 1}\n  gates:"))
    document = run_json(project, "run")
    assert statuses(document)["evaluate"] == "reused"
    assert statuses(document)["explain"] == "computed"
    found = report(project, document)
    assert (found["repeats"], len(found["worst"]["rows"])) == (2, 1)
    spec.write_text(SPEC.replace("  gates:", "  explain: false\n  gates:"))
    without = run_json(project, "run")
    assert "explain" not in statuses(without)
    assert "uses" not in without["answer"]


def test_predict_gives_reasons(project: Path) -> None:
    done = mlpipe(project, "predict", "-i", "data.csv", "-o", "said.csv", "--explain", "1")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((project / "said.csv").read_text().splitlines()))
    plans = {
        row["id"]: row["plan"]
        for row in csv.DictReader((project / "data.csv").read_text().splitlines())
    }
    assert len(rows) == 400
    by_plan = [row for row in rows if row["reason_1_column"] == "plan"]
    assert len(by_plan) > 300
    for row in by_plan:
        assert row["reason_1"].startswith(f"plan={plans[row['id']]} (")
        assert (float(row["reason_1_effect"]) > 0) == (plans[row["id"]] == "basic")


@pytest.mark.slow
def test_a_bundle_that_keeps_no_rows_of_train(project: Path) -> None:
    spec = project / "mlpipe.yaml"
    spec.write_text(f"{SPEC}bundle: {{background: 0}}\n")
    document = run_json(project, "run")
    bundle = project / "runs" / document["run"] / "bundle"
    assert not (bundle / "background.parquet").exists()
    assert not any("reasons" in each for each in report(project, document)["worst"]["rows"])
    done = mlpipe(project, "predict", "-i", "data.csv", "--explain", "2")
    assert done.returncode == 4
    assert "keeps no rows to compare with" in done.stderr
    assert "bundle: {background: 50}" in done.stderr


@pytest.mark.slow
def test_without_a_test_part_valid_is_explained_and_it_is_said(tmp_path: Path) -> None:
    folder = write_project(tmp_path, spec=SPEC.replace("test: 0.3", "test: 0, valid: 0.3"))
    found = report(folder, run_json(folder, "run"))
    assert (found["part"], found["seen"]) == ("valid", True)
    assert found["importance"][0]["column"] == "plan"


def test_the_rows_that_a_bundle_keeps_are_of_train_and_have_no_key(
    told: tuple[Path, dict[str, Any]],
) -> None:
    import pandas as pd

    folder, document = told
    run = folder / "runs" / document["run"]
    kept = pd.read_parquet(run / "bundle" / "background.parquet")
    assert list(kept) == ["age", "plan"]  # neither id, nor gender, nor the target
    assert len(kept) == 50
    parts = pd.read_parquet(run / "split" / "parts.parquet")
    rows = pd.read_csv(folder / "data.csv").iloc[parts[parts["part"] == "train"]["_row"]]
    there = rows.groupby(["age", "plan"]).size()
    assert (kept.groupby(["age", "plan"]).size() <= there.reindex_like(
        kept.groupby(["age", "plan"]).size()
    )).all()  # fmt: skip
