"""A transformer of the user's own, from the spec to a prediction elsewhere."""

import pytest

from tests.project import SPEC, mlpipe, run_json, statuses, write_project

pytestmark = pytest.mark.slow

OWN = """
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

class Halve(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X / 2
"""
FEATURIZE = """
featurize:
  - {columns: [age], steps: [impute: mean, transform: own_features.Halve]}
  - {columns: [plan, gender], steps: [one_hot, select: {by: mutual_information, keep: 2}]}
  - {columns: [plan], steps: [embed: {from: target}]}
"""
INPUT = "id,age,plan,gender\n90001,30,basic,f\n90002,55,pro,m\n90003,,other,\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = write_project(tmp_path_factory.mktemp("own"), spec=SPEC + FEATURIZE)
    (folder / "own_features.py").write_text(OWN)
    (folder / "new.csv").write_text(INPUT)
    return folder


@pytest.fixture(scope="module")
def first(world):
    return run_json(world, "run")


def _predict(world, *more):
    return mlpipe(world, "predict", "--input", "new.csv", "--output", "out.csv", *more)


def test_it_runs_and_is_reused(world, first):
    assert first["exit_code"] == 0, first
    again = run_json(world, "evaluate", "--force", "evaluate")
    assert statuses(again)["train"] == "reused"


@pytest.mark.usefixtures("first")
def test_a_bundle_with_it_asks_for_trust(world):
    refused = _predict(world)
    assert refused.returncode == 4
    assert "not trusted: own_features.Halve" in refused.stderr
    assert "--trust" in refused.stderr
    done = _predict(world, "--trust", "own_features")
    assert done.returncode == 0, done.stderr
    assert len((world / "out.csv").read_text().splitlines()) == 4


@pytest.mark.usefixtures("first")
def test_its_code_is_part_of_the_keys(world):
    (world / "own_features.py").write_text(OWN.replace("X / 2", "X / 3"))
    changed = run_json(world, "run")
    assert statuses(changed)["split"] == "reused"
    assert [statuses(changed)[step] for step in ("featurize", "train")] == ["computed"] * 2


def test_a_parameter_that_it_does_not_have_is_said_with_its_line(world):
    path = "transform: {type: own_features.Halve, by: 3}"
    (world / "other.yaml").write_text(
        (SPEC + FEATURIZE).replace("transform: own_features.Halve", path)
    )
    done = mlpipe(world, "check", "other.yaml")
    assert done.returncode == 2
    assert "own_features.Halve has no parameter 'by'" in done.stderr + done.stdout
    assert "other.yaml:" in done.stderr + done.stdout
