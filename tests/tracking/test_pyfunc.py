"""What MLflow loads is the bundle, as strict as ever."""

import pandas as pd
import pytest

import mlpipe
from mlpipe.bundle.bundle import Bundle
from mlpipe.errors import StoreError
from mlpipe.tracking import pyfunc


def test_it_predicts_as_the_bundle_does(project):
    run = mlpipe.open_run("latest", runs_dir=str(project / "runs"))
    frame = pd.DataFrame({"age": [40.0, None], "plan": ["pro", "basic"]})
    scorer = pyfunc._load_pyfunc(str(run.path / "bundle"))
    assert scorer.predict(frame, None).equals(run.bundle.predict(frame))


def test_it_refuses_a_bundle_that_was_changed(project, tmp_path):
    import shutil

    run = mlpipe.open_run("latest", runs_dir=str(project / "runs"))
    shutil.copytree(run.path / "bundle", tmp_path / "bundle")
    model = tmp_path / "bundle" / "model.skops"
    model.chmod(0o644)
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="not what the bundle says"):
        pyfunc._load_pyfunc(str(tmp_path / "bundle"))


@pytest.mark.parametrize(
    ("environ", "trust", "allow_code"),
    [
        ({}, [], False),
        ({"MLPIPE_TRUST": "lightgbm,xgboost", "MLPIPE_ALLOW_CODE": "1"},
         ["lightgbm", "xgboost"], True),
        ({"MLPIPE_TRUST": "", "MLPIPE_ALLOW_CODE": "yes"}, [], False),
    ],
)  # fmt: skip
def test_trust_comes_from_whoever_serves_it_alone(monkeypatch, environ, trust, allow_code):
    asked = {}
    for name in ("MLPIPE_TRUST", "MLPIPE_ALLOW_CODE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Bundle, "load", lambda path, **given: asked.update(given))
    pyfunc._load_pyfunc("somewhere")
    assert asked == {"trust": trust, "allow_code": allow_code}
