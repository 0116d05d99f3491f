"""What the spec names beside itself is part of keys: data files and what reads them."""

import pytest

from mlpipe.pipeline import Pipeline
from mlpipe.run.named import (
    current_readers,
    feature_code,
    feature_libraries,
    ingest_files,
    ingest_readers,
    judging_code,
    model_libraries,
    trusted,
    user_code,
)
from mlpipe.run.steps import OF_LOG, STEPS


def pipeline(ingest, **sections) -> Pipeline:
    values = {"version": 1, "name": "x", "task": "binary", "columns": {"target": "y"}}
    return Pipeline.read({**values, "ingest": ingest, **sections})


def test_a_folder_of_hive_files_is_a_pattern():
    assert ingest_files(pipeline({"path": "data", "hive": True})) == ("data/**/[!._]*",)
    assert ingest_files(pipeline({"path": "data"})) == ("data",)


def test_the_version_of_the_spreadsheet_reader_counts_where_it_reads():
    assert ingest_readers(pipeline({"path": "x.csv"})) == ()
    assert ingest_readers(pipeline({"path": "x.XLSX"})) == ("python-calamine",)
    assert ingest_readers(pipeline({"path": "x.dat", "format": "excel"})) == ("python-calamine",)
    labelled = pipeline({"path": "x.csv", "labels": {"path": "y.ods"}})
    assert ingest_readers(labelled) == ("python-calamine",)


def test_so_does_it_for_current_data():
    assert current_readers(pipeline({"path": "x.csv"})) == ()
    later = pipeline({"path": "x.csv"}, monitor={"current": {"path": "later.xlsx"}})
    assert current_readers(later) == ("python-calamine",)
    assert ingest_readers(later) == ()


def transforming(name):
    steps = [{"transform": name}]
    return pipeline({"path": "x.csv"}, featurize=[{"columns": ["x"], "steps": steps}])


def test_a_public_transformer_of_scikit_learn_needs_no_trust():
    named = transforming("sklearn.preprocessing.MaxAbsScaler")
    assert (trusted(named), feature_libraries(named), user_code(named)) == ((), (), ())


def test_a_transformer_of_another_package_is_consented_to_and_its_version_counts():
    pytest.importorskip("skl2onnx")
    named = transforming("skl2onnx.sklapi.CastTransformer")
    assert trusted(named) == ("skl2onnx",)
    assert feature_libraries(named) == model_libraries(named) == ("skl2onnx",)
    assert user_code(named) == ()


def test_a_transformer_of_the_users_own_is_code_of_features_and_train(tmp_path, monkeypatch):
    text = """
from sklearn.preprocessing import MaxAbsScaler

class Own(MaxAbsScaler):
    pass
"""
    (tmp_path / "own_features.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    named = transforming("own_features.Own")
    assert trusted(named) == ("own_features",)
    assert feature_code(named) == user_code(named) == (str(tmp_path / "own_features.py"),)
    assert feature_libraries(named) == model_libraries(named) == ()


def test_a_metric_of_the_users_own_is_code_of_evaluate_alone():
    own = {"python": "metrics.py:my_cost", "name": "my_cost", "greater_is_better": False}
    named = pipeline({"path": "x.csv"}, evaluate={"metrics": ["f1", own]})
    assert judging_code(named) == ("metrics.py",)
    assert user_code(named) == ()
    (step,) = (step for step in STEPS if step.name == "evaluate")
    assert step.code is judging_code


def test_the_version_of_a_booster_counts_where_a_model_is_of_it():
    def libraries(**models):
        return model_libraries(pipeline({"path": "x.csv"}, train={"models": models}))

    assert libraries(a="logistic_regression", b="svc") == ()
    assert libraries(a="lightgbm", b={"type": "catboost"}) == ("catboost", "lightgbm")
    stack = {"type": "stacking", "of": ["a", "b"], "final": "xgboost"}
    assert [name[:7] for name in libraries(a="svc", b="mlp", c=stack)] == ["xgboost"]


def test_what_the_words_of_featurize_call_counts_in_every_step_that_makes_features(tmp_path):
    section = [{"columns": ["since"], "steps": [{"holidays": "DE"}]}]
    found, without = pipeline({"path": "x.csv"}, featurize=section), pipeline({"path": "x.csv"})
    calls = [step.name for step in STEPS if "holidays" in step.distributions(found)]
    assert calls == [s.name for s in STEPS if {"featurize", "bundle"} & {s.name, *s.needs}]
    assert {"featurize", "train", "evaluate", "observe"} <= set(calls)
    assert not [step for step in STEPS if "holidays" in step.distributions(without)]


def test_the_files_of_a_text_model_are_part_of_the_key(tmp_path):
    model = tmp_path / "model [1]"
    (model / "pooling").mkdir(parents=True)
    for name in ("weights", "pooling/config.json"):
        (model / name).write_text("x")
    section = [{"columns": ["note"], "steps": [{"sentence_embed": str(model)}]}]
    found = pipeline({"path": "x.csv"}, featurize=section)
    featurize = next(step for step in STEPS if step.name == "featurize")
    assert set(featurize.files(found)) == {model / "weights", model / "pooling" / "config.json"}
    split = next(step for step in STEPS if step.name == "split")
    assert split.files(found) == []


def test_what_decides_over_nights_and_reads_percentiles_is_in_the_key():
    """Decay sums with numpy to a limit of scipy; percentiles of a log are ranks of scipy."""
    (monitor,) = [step for step in STEPS if step.name == "monitor"]
    for step in (monitor, OF_LOG):
        assert {"numpy", "scipy"} <= set(step.libraries)
