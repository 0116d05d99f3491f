"""The ONNX graph through the command line: kept, left out with the reason, or its extra missing."""

import os
import shutil

import pytest

from tests.project import SPEC, mlpipe, run_json, statuses, write_project


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A project that has been run once, without ONNX."""
    folder = write_project(tmp_path_factory.mktemp("a project"))
    assert run_json(folder, "train")["exit_code"] == 0
    return folder


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project, that asks for ONNX."""
    folder = shutil.copytree(finished, tmp_path / "copy", symlinks=True)
    (folder / "mlpipe.yaml").write_text(f"{SPEC}bundle: {{onnx: true}}\n")
    return folder


def _bundle(document):
    return next(step for step in document["steps"] if step["step"] == "bundle")


@pytest.mark.slow
def test_asking_for_onnx_refits_nothing(project):
    document = run_json(project, "run")
    assert statuses(document)["train"] == "reused"
    assert "ONNX equal within" in _bundle(document)["summary"]
    assert (project / _bundle(document)["path"] / "model.onnx").exists()


@pytest.mark.slow
def test_a_model_without_a_graph_is_told_and_kept(project):
    spec = (project / "mlpipe.yaml").read_text()
    given = "type: logistic_regression, C: 1.0"
    assert given in spec
    (project / "mlpipe.yaml").write_text(spec.replace(given, "type: dummy"))
    document = run_json(project, "run")
    bundle = _bundle(document)
    assert "; no ONNX: DummyClassifier has no converter that works" in bundle["summary"]
    assert any("not kept as ONNX: DummyClassifier" in line for line in document["warnings"])
    assert not (project / bundle["path"] / "model.onnx").exists()
    assert (project / bundle["path"] / "model.skops").exists()


def test_without_the_extra_nothing_is_computed(project):
    """Said in one line, with the command that installs it, before any step runs."""
    hidden = project / "hidden"
    hidden.mkdir()
    code = "import importlib.util as u\nfind = u.find_spec\n"
    code += "u.find_spec = lambda name, *a: None if name == 'onnxruntime' else find(name, *a)\n"
    (hidden / "sitecustomize.py").write_text(code)
    paths = os.pathsep.join([str(hidden), os.environ.get("PYTHONPATH", "")])
    done = mlpipe(project, "run", env={"PYTHONPATH": paths})
    assert done.returncode == 2
    assert "pip install 'mlpipe[onnx]'" in done.stderr
    assert "there is no onnxruntime" in done.stderr
    assert "Traceback" not in done.stderr
    assert "computed" not in done.stderr
