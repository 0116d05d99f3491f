"""What the spec names beside itself is part of keys: data files and what reads them."""

from mlpipe.pipeline import Pipeline
from mlpipe.run.named import current_readers, ingest_files, ingest_readers
from mlpipe.run.steps import STEPS


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


def test_what_the_words_of_featurize_call_counts_in_every_step_that_makes_features(tmp_path):
    section = [{"columns": ["since"], "steps": [{"holidays": "DE"}]}]
    found, without = pipeline({"path": "x.csv"}, featurize=section), pipeline({"path": "x.csv"})
    calls = [step.name for step in STEPS if "holidays" in step.distributions(found)]
    assert calls == [s.name for s in STEPS if {"featurize", "bundle"} & {s.name, *s.needs}]
    assert {"featurize", "train", "evaluate", "monitor"} <= set(calls)
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
