"""Against a real MLflow server, asked over HTTP: what it has is what it was told."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

import mlpipe
from tests.project import mlpipe as run_mlpipe
from tests.project import run_json
from tests.servers import free_port

pytestmark = pytest.mark.slow

ENV = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
ENV["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), ENV["PATH"]])
ENV["PYTHONPATH"] = str(Path(__file__).parents[2])


@contextmanager
def _serving(arguments, folder, address, **env):
    """Start an mlflow command and wait until it answers; end it with all that it started."""
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *arguments],
            cwd=folder, env={**ENV, **env}, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        end = time.monotonic() + 120
        while not _answers(address):
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < end, (folder / "server.log").read_text()
            time.sleep(0.3)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module", autouse=True)
def patient():
    """Wait for a server that is slow because other tests run beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    arguments = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
                 "--backend-store-uri", f"sqlite:///{folder}/server.db",
                 "--artifacts-destination", str(folder / "artifacts")]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with _serving(arguments, folder, f"{address}/health"):
        yield address


def _where(server, **more):
    section = {"uri": server, "alias": "challenger", "timeout": 300, **more}
    return f"tracking={json.dumps({'mlflow': section})}"


@pytest.fixture(scope="module")
def told(project, server):
    """Send the run that is there: the spec names the server only now."""
    document = run_json(project, "run", "-S", _where(server, tags={"team": "growth"}))
    assert document["exit_code"] == 0, document
    assert {step["status"] for step in document["steps"]} == {"reused"}
    (entry,) = document["tracking"]
    assert entry["status"] == "sent", entry
    return entry


def _ask(server, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{server}/api/2.0/mlflow/{path}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def _runs(server, experiment="leavers"):
    found = _ask(server, f"experiments/get-by-name?experiment_name={experiment}")
    ids = [found["experiment"]["experiment_id"]]
    return _ask(server, "runs/search", {"experiment_ids": ids}).get("runs", [])


def _one(server, told):
    return _ask(server, f"runs/get?run_id={told['run']}")["run"]


def _pairs(rows):
    return {row["key"]: row["value"] for row in rows}


def _history(server, run, metric):
    found = _ask(server, f"metrics/get-history?run_id={run}&metric_key={metric}")
    assert len({point["step"] for point in found["metrics"]}) == len(found["metrics"])
    return {point["step"]: point["value"] for point in found["metrics"]}


def _aliased(server, name="leavers", alias="challenger"):
    found = _ask(server, f"registered-models/alias?name={name}&alias={alias}")
    return found["model_version"]


def test_the_params_are_those_of_the_spec(server, told):
    params = _pairs(_one(server, told)["data"]["params"])
    assert params["train.models.linear.C"] == "1.0"
    assert params["train.models.forest.max_depth"] == "2"
    assert params["split.test"] == "0.3"
    assert params["featurize.0.rest"] == "auto"
    assert params["seed"] == "3"
    assert params["model"] in ("linear", "forest")


def test_the_metrics_are_those_of_the_run_with_interval_and_baseline(project, server, told):
    run = mlpipe.open_run("latest", runs_dir=str(project / "runs"))
    metrics = _pairs(_one(server, told)["data"]["metrics"])
    assert run.metrics
    for name, estimate in run.metrics.items():
        ends = ("", "_low", "_high", "_baseline")
        values = (estimate.value, estimate.low, estimate.high, estimate.baseline)
        for end, value in zip(ends, values, strict=True):
            assert metrics[f"test/{name}{end}"] == pytest.approx(value, rel=1e-12)


def test_each_fold_is_a_step_of_each_candidate(project, server, told):
    run = mlpipe.open_run("latest", runs_dir=str(project / "runs"))
    candidates = json.loads((run.path / "train" / "candidates.json").read_bytes())
    for model in candidates["models"]:
        points = {fold["fold"]: fold["value"] for fold in model["folds"]}
        name = f"candidates/{model['name']}/roc_auc"
        assert _history(server, told["run"], name) == pytest.approx(points, rel=1e-12)
        if model["name"] == candidates["chosen"]:
            assert _history(server, told["run"], "folds/roc_auc") == pytest.approx(points)
    assert len(_history(server, told["run"], "folds/roc_auc_baseline")) == 3


def test_the_tags_say_data_code_and_dependencies(project, server, told):
    from hashlib import sha256
    from importlib.metadata import version

    tags = _pairs(_one(server, told)["data"]["tags"])
    digest = sha256((project / "data.csv").read_bytes()).hexdigest()
    assert tags["mlpipe.data.data.csv"] == digest
    assert tags["mlpipe.library.scikit-learn"] == version("scikit-learn")
    assert tags["mlpipe.run"].startswith("leavers/0001-")
    assert tags["mlpipe.verdict"] == "passed"
    assert tags["mlpipe.version"].startswith(mlpipe.__version__)
    assert tags["team"] == "growth"
    (dataset,) = _one(server, told)["inputs"]["dataset_inputs"]
    assert digest.startswith(dataset["dataset"]["digest"])


def test_the_page_its_figures_and_the_environment_go_along(project, server, told):
    listed = _ask(server, f"artifacts/list?run_id={told['run']}")["files"]
    names = {each["path"] for each in listed}
    assert {"report.html", "spec.yaml", "requirements.txt", "inputs.json", "figures"} <= names
    listed = _ask(server, f"artifacts/list?run_id={told['run']}&path=figures")["files"]
    assert {"figures/roc.svg", "figures/confusion.svg"} <= {each["path"] for each in listed}
    address = f"{server}/get-artifact?run_id={told['run']}&path=report.html"
    with urllib.request.urlopen(address, timeout=30) as answer:
        page = mlpipe.open_run("latest", runs_dir=str(project / "runs")).path / "report.html"
        assert answer.read() == page.read_bytes()


def test_sending_twice_makes_one_run_and_one_version(project, server, told):
    where = _where(server)
    done = run_mlpipe(project, "runs", "track", "-S", where)
    assert done.returncode == 0, done.stderr
    assert told["run"] in done.stdout
    assert "it was there already" in done.stdout
    assert len(_runs(server)) == 1
    assert len(_history(server, told["run"], "folds/roc_auc")) == 3
    assert _aliased(server)["version"] == "1"


def test_a_sending_that_was_interrupted_goes_on(project, server, told):
    _ask(server, "runs/delete-tag", {"run_id": told["run"], "key": "mlpipe.complete"})
    for path in (project / "runs").glob("leavers/*/tracking.json"):
        path.unlink()
    where = _where(server)
    document = run_json(project, "run", "-S", where)
    assert document["tracking"][0]["run"] == told["run"]
    assert len(_runs(server)) == 1
    assert len(_history(server, told["run"], "folds/roc_auc")) == 3
    assert _pairs(_one(server, told)["data"]["tags"])["mlpipe.complete"] == "true"
    found = _ask(server, "model-versions/search?filter=name%3D%27leavers%27")
    assert len(found["model_versions"]) == 1


def test_the_served_model_answers_as_the_bundle_does(project, server, told, tmp_path):
    rows = [{"age": None, "plan": "pro"}, {"age": 30, "plan": "basic"}, {"age": 71, "plan": None}]
    port = free_port()
    arguments = ["models", "serve", "-m", "models:/leavers@challenger", "--env-manager", "local",
                 "--host", "127.0.0.1", "-p", str(port)]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with _serving(arguments, tmp_path, f"{address}/ping", MLFLOW_TRACKING_URI=server):
        body = json.dumps({"dataframe_records": rows}).encode()
        request = urllib.request.Request(
            f"{address}/invocations", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            served = json.loads(answer.read())["predictions"]
    run = mlpipe.open_run("latest", runs_dir=str(project / "runs"))
    assert {c["name"]: (c["type"], c["nullable"]) for c in run.bundle.inputs}["age"] == (
        "integer",
        True,
    )
    expected = run.bundle.predict(pd.DataFrame(rows))
    assert [row["prediction"] for row in served] == list(expected["prediction"])
    assert [row["score"] for row in served] == pytest.approx(list(expected["score"]), rel=1e-12)


def test_the_logged_model_holds_no_pickle_and_pins_what_it_needs(project, server, told):
    found = _aliased(server)
    folder = project / "copy"
    subprocess.run(
        [sys.executable, "-m", "mlflow", "artifacts", "download", "-u",
         f"models:/leavers/{found['version']}", "-d", str(folder)],
        env={**ENV, "MLFLOW_TRACKING_URI": server}, check=True, capture_output=True,
    )  # fmt: skip
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"MLmodel", "model.skops", "bundle.json"} <= names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
    pins = (folder / "requirements.txt").read_text().splitlines()
    assert f"mlpipe=={mlpipe.__version__}" in pins
    assert all("==" in line for line in pins)


def test_an_alias_moves_on_and_never_back(project, server, told):
    where = _where(server)
    document = run_json(project, "run", "-S", "train.models.linear.C=0.1", "-S", where)
    assert document["tracking"][0]["model"] == "leavers version 2 @challenger"
    assert _aliased(server)["version"] == "2"
    done = run_mlpipe(project, "runs", "track", "1", "-S", where)
    assert "the alias challenger did not move: version 2 is of a later run" in done.stdout
    assert _aliased(server)["version"] == "2"


def test_a_model_whose_verdict_says_no_gets_no_alias(project, server, told):
    where = _where(server, alias="gated")
    no = "evaluate.gates=[{metric: roc_auc, min: 0.999}]"
    document = run_json(project, "run", "-S", no, "-S", where)
    assert document["exit_code"] == 1
    (entry,) = document["tracking"]
    assert entry["status"] == "sent"
    assert entry["note"] == "the alias gated did not move: the verdict is failed"
    with pytest.raises(urllib.error.HTTPError):
        _aliased(server, alias="gated")
    tags = _pairs(_one(server, entry)["data"]["tags"])
    assert tags["mlpipe.verdict"] == "failed"


def test_a_database_needs_no_server_and_keeps_its_files_beside_it(project):
    import sqlite3

    document = run_json(project, "run", "-S", "tracking={mlflow: {model: false, timeout: 300}}")
    (entry,) = document["tracking"]
    assert (entry["status"], entry["to"]) == ("sent", "sqlite:///mlflow.db")
    with sqlite3.connect(project / "mlflow.db") as database:
        runs = database.execute("select run_uuid, status from runs").fetchall()
        (location,) = database.execute(
            "select artifact_location from experiments where name = 'leavers'"
        ).fetchone()
    database.close()
    assert runs == [(entry["run"], "FINISHED")]
    assert location == (project / "mlartifacts").as_uri()
    assert list((project / "mlartifacts").rglob("report.html"))
    assert not (project / "mlruns").exists()
