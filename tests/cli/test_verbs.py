"""init, predict, monitor, runs: the verbs around a run."""

import json

import pandas as pd
import pytest

from tests.project import mlpipe, run_json, statuses, write_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = write_project(tmp_path_factory.mktemp("verbs"))
    assert mlpipe(folder, "run").returncode == 0
    return folder


@pytest.mark.slow
def test_init_writes_a_spec_that_runs(tmp_path):
    write_project(tmp_path)
    (tmp_path / "mlpipe.yaml").unlink()
    done = mlpipe(tmp_path, "init", "data.csv", "--target", "left")
    assert done.returncode == 0
    text = (tmp_path / "mlpipe.yaml").read_text()
    assert 'target: {name: left, positive: "yes"}  # the rarer value' in text
    assert "key: id  # different in each of the 400 rows" in text
    assert "sensitive: [gender]" in text
    assert mlpipe(tmp_path, "run").returncode == 0


def test_init_overwrites_nothing_and_suggests_columns(project):
    before = (project / "mlpipe.yaml").read_text()
    assert mlpipe(project, "init", "data.csv", "-t", "left").returncode == 2
    assert (project / "mlpipe.yaml").read_text() == before
    done = mlpipe(project, "init", "data.csv", "-t", "lft", "-o", "-")
    assert "data.csv has no column 'lft'\n  hint: did you mean 'left'?" in done.stderr


def test_predict_scores_a_file(project):
    done = mlpipe(project, "predict", "--model", "small", "-i", "data.csv", "-o", "scores.csv")
    assert done.returncode == 0, done.stderr
    scores = pd.read_csv(project / "scores.csv", dtype={"id": str})
    assert list(scores.columns) == ["_row", "id", "prediction", "score"]
    assert len(scores) == 400
    assert scores["id"].iloc[3] == "00003"
    kept = pd.read_parquet(next((project / "runs").glob("small/0*/evaluate/predictions.parquet")))
    test = kept[kept["part"] == "test"].merge(scores, on="_row")
    assert (test["score_x"] - test["score_y"]).abs().max() < 1e-12


def test_predict_needs_no_store_and_no_target(project, tmp_path):
    import shutil

    bundle = next((project / "runs").glob("small/0*/bundle"))
    shutil.copytree(bundle, tmp_path / "model")
    frame = pd.read_csv(project / "data.csv", dtype=str).drop(columns="left")
    frame.to_csv(tmp_path / "new.csv", index=False)
    done = mlpipe(tmp_path, "predict", "--model", "model", "-i", "new.csv", "-o", "out.parquet")
    assert done.returncode == 0, done.stderr
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 400


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "predict: expected either --input or --source"),
        (["-i", "data.csv", "-o", "x.xls"], "x.xls: expected a name that ends in .csv or .parquet"),
        (["--source", "dta=x.csv"], "--source dta=x.csv: the spec has no source 'dta'"),
        (["--source", "data"], "--source data: expected NAME=PATH"),
        (["-i", "data.csv", "--model", "smal"], "runs: there is no run 'smal'"),
    ],
)
def test_predict_refuses_what_does_not_fit(project, arguments, text):
    done = mlpipe(project, "predict", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {text}")


def test_a_damaged_bundle_is_never_served(project, tmp_path):
    import shutil

    bundle = next((project / "runs").glob("small/0*/bundle"))
    shutil.copytree(bundle, tmp_path / "model")
    file = tmp_path / "model" / "model.skops"
    file.chmod(0o644)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = mlpipe(project, "predict", "--model", str(tmp_path / "model"), "-i", "data.csv")
    assert done.returncode == 4
    assert "the file is not what the bundle says" in done.stderr


def test_monitor_takes_a_model_and_trains_nothing(project):
    spec = (project / "mlpipe.yaml").read_text()
    (project / "watch.yaml").write_text(
        f"{spec}monitor: {{current: {{path: data.csv}}, every: file}}\n"
    )
    document = run_json(project, "monitor", "watch.yaml", "--model", "small")
    assert list(statuses(document)) == ["current", "checks", "observe", "monitor"]
    assert set(statuses(document).values()) == {"computed"}
    assert document["answer"]["monitor"]["status"] == "ok"
    assert document["exit_code"] == 0


def test_monitor_alerts_with_exit_code_1(project):
    spec = (project / "mlpipe.yaml").read_text()
    moved = pd.read_csv(project / "data.csv", dtype=str)
    moved["age"] = (moved["age"].astype(int) // 4 + 60).astype(str)
    moved.to_csv(project / "moved.csv", index=False)
    (project / "watch2.yaml").write_text(
        f"{spec}monitor: {{current: {{path: moved.csv}}, every: file}}\n"
    )
    done = mlpipe(project, "monitor", "watch2.yaml", "--model", "small")
    assert done.returncode == 1, done.stderr
    assert "alert    age" in done.stdout
    warn = ("-S", "monitor.on_alert=warn")
    assert mlpipe(project, "monitor", "watch2.yaml", "--model", "small", *warn).returncode == 0


def test_monitor_without_current_data_is_refused(project):
    done = mlpipe(project, "monitor", "--model", "small")
    assert done.returncode == 2
    assert "there is no current data to monitor" in done.stderr


@pytest.mark.slow
def test_runs_list_show_and_gc(tmp_path):
    write_project(tmp_path)
    for bound in ("0.55", "0.56", "0.57"):
        mlpipe(tmp_path, "run", "-S", f"evaluate.gates.0.min={bound}")
    rows = json.loads(mlpipe(tmp_path, "runs", "list", "--json").stdout)
    assert [row["run"].split("-")[0] for row in rows] == ["small/0001", "small/0002", "small/0003"]
    shown = mlpipe(tmp_path, "runs", "show", "2").stdout
    assert "evaluate   computed" in shown
    assert "verdict  passed" in shown
    report = json.loads(mlpipe(tmp_path, "runs", "gc", "--keep", "1", "--json").stdout)
    assert len(report["runs"]) == 2
    assert [name.split("/")[0] for name in report["artifacts"]] == ["evaluate", "evaluate"]
    assert len(json.loads(mlpipe(tmp_path, "runs", "list", "--json").stdout)) == 1
    kept = ("-S", "evaluate.gates.0.min=0.57")
    assert "computed" not in statuses(run_json(tmp_path, "run", *kept)).values()


def test_config_says_where_each_value_came_from(project):
    done = mlpipe(project, "config", "-S", "train.folds=4")
    assert "folds: 4" in done.stdout
    assert "-S train.folds=4" in done.stdout
    assert "mlpipe.yaml:" in done.stdout


@pytest.mark.slow
def test_secrets_are_never_shown_nor_kept(tmp_path):
    write_project(tmp_path)
    spec = tmp_path / "mlpipe.yaml"
    secret = "path: ${secret:DATA_FILE}"
    spec.write_text(spec.read_text().replace("path: data.csv", secret))
    (tmp_path / "data.csv").rename(tmp_path / "hunter2.csv")
    env = {"DATA_FILE": "hunter2.csv"}
    assert mlpipe(tmp_path, "run", env=env).returncode == 0
    assert "${secret:DATA_FILE}" in mlpipe(tmp_path, "config", env=env).stdout
    kept = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert len(kept) > 20
    names = {path.name for path in kept if b"hunter2" in path.read_bytes()}
    # The name of a file that was read is said in the reports; no spec, key or bundle holds it.
    assert not names & {"bundle.json", "ingest.json", "plan.json"}


@pytest.mark.slow
def test_a_password_of_an_option_is_kept_nowhere(tmp_path):
    write_project(tmp_path)
    url = "ingest.path=file://me:hunter2@localhost/x.csv"
    mlpipe(tmp_path, "run", "-S", url)
    mlpipe(tmp_path, "run")
    kept = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"hunter2" in path.read_bytes()]


def test_a_failed_run_hides_no_model(project):
    before = run_json(project, "run")["run"]
    failed = mlpipe(project, "run", "-S", "ingest.path=nope.csv")
    assert failed.returncode == 2
    assert run_json(project, "run")["run"] == before
    done = mlpipe(project, "predict", "--model", "small", "-i", "data.csv", "-o", "a.csv", "--json")
    assert json.loads(done.stdout)["model"] == f"runs/{before}/bundle"


def test_show_names_the_run_itself(project):
    run = run_json(project, "run")["run"]
    shown = mlpipe(project, "runs", "show", "small").stdout
    assert f"run      {run}\n" in shown
    assert f"page     runs/{run}/report.html\n" in shown


@pytest.mark.slow
def test_a_damaged_record_blocks_no_other(tmp_path):
    write_project(tmp_path)
    mlpipe(tmp_path, "run")
    mlpipe(tmp_path, "run", "-S", "train.models.linear.C=0.5")
    record = next((tmp_path / "runs" / "small").glob("0001-*")) / "run.json"
    record.chmod(0o644)
    record.write_text("{")
    rows = json.loads(mlpipe(tmp_path, "runs", "list", "--json").stdout)
    assert sorted(row["status"] for row in rows) == ["damaged", "passed"]
    assert mlpipe(tmp_path, "predict", "-i", "data.csv", "-o", "a.csv").returncode == 0


def test_predict_needs_a_folder_to_write_to(project):
    done = mlpipe(project, "predict", "-i", "data.csv", "-o", "none/x.csv", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["problems"][0]["message"] == "there is no such folder"


@pytest.mark.slow
def test_rows_out_of_scope_raise_no_alert(tmp_path):
    write_project(tmp_path)
    spec = (tmp_path / "mlpipe.yaml").read_text()
    spec = spec.replace("  max_bad_rows: 2", "  max_bad_rows: 2\n  scope: plan <> 'pro'")
    watch = "monitor: {current: {path: data.csv}, every: file}\n"
    (tmp_path / "mlpipe.yaml").write_text(spec + watch)
    document = run_json(tmp_path, "run")
    assert document["answer"]["monitor"]["status"] == "ok", document["answer"]["monitor"]


def _with_function(folder, body):
    (folder / "f.py").write_text(
        f"import sys\n\ndef add(frame):\n    {body}\n    return frame.assign(a=1.5)\n"
    )
    spec = (folder / "mlpipe.yaml").read_text()
    blocks = 'featurize: [{python: "f.py:add"}, {rest: auto}]\n'
    (folder / "f.yaml").write_text(spec + blocks)


def test_a_user_function_that_exits_is_an_error_and_not_success(project):
    _with_function(project, "sys.exit(0)")
    done = mlpipe(project, "featurize", "f.yaml")
    assert done.returncode == 3
    assert "f.py:add" in done.stderr


def test_what_a_user_function_prints_is_no_part_of_the_answer(project):
    _with_function(project, "print('HELLO')")
    done = mlpipe(project, "featurize", "f.yaml", "--json")
    assert json.loads(done.stdout)["status"] == "passed"
    assert "HELLO" in done.stderr


def test_a_model_of_another_pipeline_is_not_taken_by_accident(project):
    spec = (project / "mlpipe.yaml").read_text()
    watch = "monitor: {current: {path: data.csv}, every: file}\n"
    (project / "other.yaml").write_text(spec.replace("name: small", "name: other") + watch)
    done = mlpipe(project, "monitor", "other.yaml")
    assert done.returncode == 2
    done = mlpipe(project, "monitor", "other.yaml", "--model", "small")
    assert "is a model of another pipeline" in done.stderr


@pytest.mark.slow
def test_a_perfect_score_is_doubted(tmp_path):
    write_project(tmp_path)
    frame = pd.read_csv(tmp_path / "data.csv", dtype=str)
    frame["left_early"] = frame["left"]
    frame.to_csv(tmp_path / "data.csv", index=False)
    stopped = mlpipe(tmp_path, "run")
    assert stopped.returncode == 1
    assert "left_early is a copy of the target 'left'" in stopped.stdout
    done = mlpipe(tmp_path, "run", "-S", "validate.doctor=false")
    assert "warning: evaluate: roc_auc 1.0000 is too good to be true" in done.stderr


@pytest.mark.slow
def test_what_auto_chose_can_be_pinned(project):
    shown = mlpipe(project, "featurize", "mlpipe.yaml").stdout
    section = shown[shown.index("featurize:") : shown.index("run      ")]
    assert "# up to 50 levels" in section
    (project / "pinned.yaml").write_text((project / "mlpipe.yaml").read_text() + section)
    document = run_json(project, "train", "pinned.yaml")
    assert document["exit_code"] == 0
    free = run_json(project, "train", "mlpipe.yaml")
    words = [
        next(s["summary"] for s in d["steps"] if s["step"] == "train") for d in (document, free)
    ]
    assert words[0] == words[1]


@pytest.mark.parametrize("written", ["data.csv", "./dat?.csv"])
def test_predictions_are_not_written_over_their_own_rows(project, written):
    before = (project / "data.csv").read_bytes()
    done = mlpipe(project, "predict", "--model", "small", "-i", written, "-o", "data.csv")
    assert done.returncode == 2
    assert "data.csv: is one of the files that are read" in done.stderr
    assert (project / "data.csv").read_bytes() == before


def test_a_mistake_in_the_spec_is_told_at_its_place_and_shows_no_older_run(project):
    slices = "evaluate.slices=[plan, plam]"
    found = run_json(project, "evaluate", "-S", slices)
    assert (found["exit_code"], found["run"], found["page"]) == (2, "", "")
    (problem,) = found["problems"]
    assert problem["place"] == f"-S {slices}"
    assert (problem["key"], problem["hint"]) == ("evaluate.slices.1", "did you mean 'plan'?")


@pytest.mark.slow
def test_a_column_that_evaluate_names_wrongly_is_refused_before_training(tmp_path):
    folder = write_project(tmp_path)
    wrong = run_json(folder, "run", "-S", 'evaluate.slices=["plann"]')
    assert wrong["exit_code"] == 2
    done = statuses(wrong)
    assert (done["ingest"], done["evaluate"], done["train"]) == ("computed", "failed", "skipped")
    (problem,) = wrong["problems"]
    assert problem["message"] == "the table has no column 'plann'"
    alone = run_json(folder, "train", "-S", 'evaluate.slices=["plann"]')
    assert alone["exit_code"] == 0  # train does not look at it
