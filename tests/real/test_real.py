"""Real data, dirt included; skipped where the folder is not there."""

import json
from pathlib import Path

import pytest

import mlpipe
from tests.project import run_json

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real data is not there: no folder {DATA}"
)


def _run(name, tmp_path):
    """Run a config from the project's folder, with runs of its own."""
    runs = str(tmp_path / "runs")
    spec = str(Path("tests") / "real" / f"{name}.yaml")
    document = run_json(ROOT, "run", spec, "--runs-dir", runs)
    assert document["exit_code"] == 0, document
    return mlpipe.open_run(name, runs_dir=runs), document


def _report(run, step):
    return json.loads((run.path / step / "report.json").read_text())


@pytest.mark.slow
def test_adult(tmp_path):
    run, _ = _run("adult", tmp_path)
    assert _report(run, "split")["rows"] == {"train": 32561, "valid": 0, "test": 16281, "out": 0}
    assert run.metrics["roc_auc"].value >= 0.927
    across_sex = _report(run, "evaluate")["fairness"][0]
    rates = {
        group["group"]: group["rates"]["selection_rate"]["value"] for group in across_sex["groups"]
    }
    assert rates["Male"] == pytest.approx(0.2561, abs=0.01)
    assert rates["Female"] == pytest.approx(0.0832, abs=0.01)


@pytest.mark.slow
def test_bike_sharing(tmp_path):
    run, _ = _run("bike_sharing", tmp_path)
    report = _report(run, "split")
    assert (report["by"], report["rows"]["test"]) == ("time", 4345)
    rmsle = run.metrics["rmsle"]
    assert rmsle.value <= 0.36
    assert rmsle.value < rmsle.baseline


@pytest.mark.slow
def test_sms_spam(tmp_path):
    run, _ = _run("sms_spam", tmp_path)
    assert _report(run, "ingest")["rows"] == 5574
    assert run.metrics["accuracy"].value >= 0.98


@pytest.mark.slow
def test_california_housing(tmp_path):
    run, _ = _run("california_housing", tmp_path)
    rmse = run.metrics["rmse"]
    assert rmse.value <= 48_000
    assert rmse.baseline > 2 * rmse.value


def test_the_specs_are_short():
    lengths = {
        p.name: len(p.read_text().splitlines()) for p in Path(__file__).parent.glob("*.yaml")
    }
    assert len(lengths) == 4
    assert max(lengths.values()) <= 40


def _findings(name, tmp_path, *options):
    """Return what the doctor finds, as kind and columns."""
    spec, runs = str(Path("tests") / "real" / f"{name}.yaml"), str(tmp_path / "runs")
    document = run_json(ROOT, "validate", spec, "--runs-dir", runs, *options)
    (step,) = (each for each in document["steps"] if each["step"] == "validate")
    report = json.loads((Path(step["path"]) / "report.json").read_text())
    return [(each["kind"], *each["columns"]) for each in report["findings"]]


def test_the_doctor_finds_the_sum_that_is_the_demand(tmp_path):
    everything = "select * exclude (dteday), dteday + hr * interval 1 hour as moment from hours"
    options = ("-S", f"ingest.sql={everything}", "-S", "columns.ignore=[]")
    assert _findings("bike_sharing", tmp_path, *options) == [
        ("target_sum", "casual", "registered"),
        ("identifier", "instant"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "adult",
            [("sentinel", "capital_gain")],
        ),  # 99999 stands for more than the form has room for
        ("bike_sharing", []),
        ("sms_spam", [("repeated_rows",), ("near_rows",)]),
        ("california_housing", [("capped", "median_house_value")]),
    ],
)
def test_the_doctor_finds_what_is_known_of_the_data_and_no_leak(name, found, tmp_path):
    assert _findings(name, tmp_path) == found


def test_the_real_data_is_never_copied_into_the_project():
    sizes = {path.stat().st_size for path in DATA.rglob("*") if path.suffix in (".csv", ".tsv")}
    ours = [path for path in ROOT.glob("*/**/*.csv") if ".venv" not in path.parts]
    assert ours
    assert not [path for path in ours if path.stat().st_size in sizes]
