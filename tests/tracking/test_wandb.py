"""An offline run of Weights & Biases, read back out of its own file."""

import json
import struct
from pathlib import Path

import pytest

import mlpipe
from tests.project import mlpipe as run_mlpipe
from tests.project import run_json

pytestmark = pytest.mark.slow

BLOCK, HEAD = 32768, 7
"""LevelDB's log: blocks of 32 kB, each piece of a record with checksum, length and kind."""


def _records(path):
    """Yield what wandb wrote: after 7 bytes of its own, records framed as in LevelDB's log."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, at, pieces = path.read_bytes(), HEAD, b""
    while at + HEAD <= len(data):
        if BLOCK - at % BLOCK < HEAD:
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + HEAD])
        pieces += data[at + HEAD : at + HEAD + length]
        at += HEAD + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            record = Record()
            record.ParseFromString(pieces)
            pieces = b""
            yield record


def _values(items):
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


@pytest.fixture(scope="module")
def told(project):
    """Send the run that is there: the spec names the project only now."""
    where = "tracking={wandb: {project: leavers, alias: challenger, tags: [growth], timeout: 300}}"
    document = run_json(project, "run", "-S", where)
    assert document["exit_code"] == 0, document
    (entry,) = document["tracking"]
    assert entry["status"] == "sent", entry
    return entry


@pytest.fixture(scope="module")
def records(project, told):
    (file,) = (project / told["link"]).glob("run-*.wandb")
    return list(_records(file))


@pytest.fixture(scope="module")
def run(project):
    return mlpipe.open_run("latest", runs_dir=str(project / "runs"))


def test_the_run_is_that_of_the_record(records, run, told):
    (found,) = [each.run for each in records if each.HasField("run")]
    assert found.run_id == told["run"] == run.record["digest"][:16]
    assert found.project == "leavers"
    assert found.display_name == f"leavers/{run.record['run']}"
    assert sorted(found.tags) == ["binary", "growth", "leavers", "passed"]
    assert not found.git.remote_url


def test_the_config_holds_params_tags_and_data(project, records):
    from hashlib import sha256

    (found,) = [each.run for each in records if each.HasField("run")]
    config = _values(found.config.update)
    assert config["train.models.linear.C"] == 1.0
    assert config["split.test"] == 0.3
    digest = sha256((project / "data.csv").read_bytes()).hexdigest()
    assert config["mlpipe.inputs"] == {"data.csv": digest}
    assert config["mlpipe.verdict"] == "passed"


def test_the_history_is_that_of_the_folds(records, run):
    candidates = json.loads((run.path / "train" / "candidates.json").read_bytes())
    rows = [_values(each.history.item) for each in records if each.HasField("history")]
    assert [row["_step"] for row in rows] == [1, 2, 3]
    for model in candidates["models"]:
        name = f"candidates/{model['name']}/roc_auc"
        assert [row[name] for row in rows] == [fold["value"] for fold in model["folds"]]
        if model["name"] == candidates["chosen"]:
            assert [row["folds/roc_auc"] for row in rows] == [f["value"] for f in model["folds"]]


def test_the_summary_holds_the_metrics_with_interval_and_baseline(records, run):
    summary = {}
    for each in records:
        if each.HasField("summary"):
            summary |= _values(each.summary.update)
    assert run.metrics
    for name, estimate in run.metrics.items():
        assert summary[f"test/{name}"] == estimate.value
        assert summary[f"test/{name}_low"] == estimate.low
        assert summary[f"test/{name}_high"] == estimate.high
        assert summary[f"test/{name}_baseline"] == estimate.baseline


def test_the_page_and_the_bundle_are_artifacts(project, records, run):
    found = {each.artifact.name: each.artifact for each in records if each.HasField("artifact")}
    assert set(found) == {"leavers-report", "leavers-bundle"}
    report = {entry.path for entry in found["leavers-report"].manifest.contents}
    assert {"report.html", "spec.yaml", "figures/roc.svg"} <= report
    bundle = found["leavers-bundle"]
    assert bundle.type == "model"
    assert sorted(bundle.aliases) == ["challenger", "latest"]
    contents = {entry.path: entry for entry in bundle.manifest.contents}
    assert set(run.bundle.about["files"]) <= set(contents)
    # `wandb sync` sends these files later: they have to be where they are said to be.
    staged = [Path(entry.local_path) for entry in contents.values()]
    assert all(path.exists() and path.is_relative_to(project) for path in staged)


def test_nothing_of_it_was_sent(records):
    """Offline, no server has answered: there is no address of the run."""
    (found,) = [each.run for each in records if each.HasField("run")]
    assert not found.entity
    assert not [each for each in records if each.HasField("use_artifact")]


def test_sending_twice_makes_one_run(project, told):
    before = sorted((project / "wandb").glob("offline-run-*"))
    where = "tracking={wandb: {project: leavers, alias: challenger}}"
    done = run_mlpipe(project, "runs", "track", "-S", where)
    assert done.returncode == 0, done.stderr
    assert "it was there already" in done.stdout
    assert sorted((project / "wandb").glob("offline-run-*")) == before
    assert len(before) == 1


def test_a_sending_that_was_interrupted_is_done_anew_beside_the_run_where_that_is_asked(project):
    (run,) = (project / "runs" / "leavers").glob("0*")
    half = run / "wandb" / f"offline-run-20260101_000000-{_id(run)}"
    half.mkdir(parents=True)
    (half / "half").touch()
    where = "tracking={wandb: {project: beside, beside_run: true, timeout: 300}}"
    document = run_json(project, "run", "-S", where)
    (entry,) = document["tracking"]
    assert entry["status"] == "sent", entry
    assert not half.exists()
    assert [path.name for path in (run / "wandb").glob("offline-run-*")] == [
        Path(entry["link"]).name
    ]
    assert run_mlpipe(project, "runs", "show", "--json").returncode == 0


def _id(run):
    return json.loads((run / "run.json").read_bytes())["digest"][:16]
