"""The whole spec: all problems of a file at once, each at its place, word for word."""

import json
from pathlib import Path

import pytest

from mlpipe.errors import SpecError
from mlpipe.ingest.other_files import over_other_files
from mlpipe.ingest.spec import Ingest
from mlpipe.pipeline import json_schema, load, resolved_values
from tests.project import SPEC

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_17_to_20_every_problem_is_told_at_its_place(path, monkeypatch):
    monkeypatch.chdir(GOLDEN)
    with pytest.raises(SpecError) as caught:
        load(Path(path.name), environ={})
    told = "".join(f"error: {problem}\n" for problem in caught.value.problems)
    assert told == path.with_suffix(".txt").read_text()


def _load(folder, text, **options):
    (folder / "x.yaml").write_text(text)
    return load(folder / "x.yaml", environ={}, **options)


def test_21_a_newer_version_is_told_alone(tmp_path):
    with pytest.raises(SpecError) as caught:
        _load(tmp_path, "version: 2\nnewthing: 1\n")
    (problem,) = caught.value.problems
    assert problem.place == f"{tmp_path}/x.yaml:1:10"
    assert problem.message == "this spec is version 2; this mlpipe reads version 1"


def test_no_sections_but_the_data_are_needed(tmp_path):
    loaded = _load(
        tmp_path,
        "version: 1\nname: a\ntask: binary\ncolumns: {target: y}\ningest: {path: d.csv}\n",
    )
    assert loaded.pipeline.train.folds == 5
    assert loaded.pipeline.monitor is None


def test_a_target_is_needed(tmp_path):
    with pytest.raises(SpecError, match="columns: there is no target"):
        _load(tmp_path, "version: 1\nname: a\ntask: binary\ncolumns: {}\ningest: {path: d}\n")


def test_what_is_printed_reads_back_as_the_same_spec(tmp_path):
    from mlpipe.spec.dump import to_yaml

    loaded = _load(tmp_path, SPEC)
    again = _load(tmp_path, to_yaml(resolved_values(loaded)))
    assert again.pipeline == loaded.pipeline


def test_a_secret_in_clear_is_refused_and_not_shown(tmp_path):
    with pytest.raises(SpecError) as caught:
        _load(tmp_path, SPEC + 'vars: {api_key: "hunter2", where: "db://u:hunter2@h/x"}\n')
    assert [problem.key for problem in caught.value.problems] == ["vars.api_key", "vars.where"]
    assert "hunter2" not in str(caught.value)
    assert caught.value.problems[0].hint == "write ${secret:API_KEY} and set that variable"


def test_a_placeholder_of_a_secret_stays_one(tmp_path):
    (tmp_path / "x.yaml").write_text(SPEC + 'vars: {api_key: "${secret:KEY}"}\n')
    loaded = load(tmp_path / "x.yaml", environ={"KEY": "hunter2"})
    shown = json.dumps(resolved_values(loaded))
    assert "${secret:KEY}" in shown
    assert "hunter2" not in shown


def test_one_shaped_table_is_read_like_the_training_table(tmp_path):
    ingest = _load(tmp_path, SPEC).pipeline.ingest
    over = over_other_files(ingest, {"path": "new.csv"}, None)
    assert over.sources["data"].path == "new.csv"
    assert over.sources["data"].types == {"id": "string"}
    assert over.max_bad_rows == 2


def test_current_sources_replace_those_of_the_same_name(tmp_path):
    loaded = load(ROOT / "configs" / "churn.yaml", environ={})
    ingest = loaded.pipeline.ingest
    over = over_other_files(ingest, {"sources": {"usage": {"path": "new.parquet"}}}, None)
    assert over.sources["usage"].path == "new.parquet"
    assert over.sources["customers"] == ingest.sources["customers"]
    assert over.sql == ingest.sql
    assert over.labels is None


def test_how_many_rows_a_source_of_training_has_is_not_asked_of_other_files():
    checks = [{"rows": {"min": 1000}}, {"unique": ["id"]}]
    section = {"sources": {
        "a": {"path": "a.csv", "checks": checks}, "b": {"path": "b.csv", "checks": checks},
    }, "sql": "from a join b using (id)"}  # fmt: skip
    now = {"a": {"path": "now.csv"}}
    over = over_other_files(Ingest.read(section), {"sources": now}, None)
    words = {name: [each.word for each in over.sources[name].checks] for name in "ab"}
    assert words == {"a": ["unique"], "b": ["rows", "unique"]}, "b is the same file as before"
    own = {"a": {"path": "now.csv", "checks": [{"rows": {"min": 3}}]}}
    over = over_other_files(Ingest.read(section), {"sources": own}, None)
    assert [each.min for each in over.sources["a"].checks] == [3]
    one = Ingest.read({"sources": {"a": section["sources"]["a"]}})
    over = over_other_files(one, {"path": "now.csv"}, None)
    assert [each.word for each in over.sources["data"].checks] == ["unique"]


def test_an_unknown_current_source_is_told(tmp_path):
    text = SPEC + "monitor: {current: {sources: {data: {pth: x.csv}}}}\n"
    with pytest.raises(SpecError, match=r"monitor\.current\.sources\.data\.pth"):
        _load(tmp_path, text)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("{path: ''}", "monitor.labels.path: must not be empty"),
        ("{path: x.csv, nope: 3}", "monitor.labels.nope: unknown key"),
        ("{database: [1]}", "monitor.labels.database: expected text, got a list"),
    ],
)
def test_what_current_labels_cannot_be_is_said_where_they_are(tmp_path, labels, said):
    with pytest.raises(SpecError) as caught:
        _load(tmp_path, SPEC + f"monitor: {{current: {{path: x.csv}}, labels: {labels}}}\n")
    (problem,) = caught.value.problems
    assert f"{problem.key}: {problem.message}" == said
    assert problem.place.count(":") == 2


def test_a_check_that_is_ignored_and_is_none_is_told_where_it_stands(tmp_path):
    section = "monitor: {current: {path: x.csv}, checks: {ignore: [age.min, agee]}}\n"
    with pytest.raises(SpecError) as caught:
        _load(tmp_path, SPEC + section)
    (problem,) = caught.value.problems
    assert problem.message == "no check has the name 'agee'"
    assert problem.hint == "did you mean 'age'?"
    assert problem.place.count(":") == 2


def test_the_schema_knows_every_section():
    schema = json_schema()
    sections = schema["properties"].keys()
    assert {"ingest", "split", "validate", "featurize", "train", "evaluate", "monitor"} <= sections
    assert {"extends", "profiles"} <= sections


def test_a_metric_of_another_task_is_not_estimated(tmp_path):
    text = SPEC + "monitor: {estimate: {metrics: [f1, mae]}}\n"
    with pytest.raises(SpecError, match="'mae' is not a metric of the task binary"):
        _load(tmp_path, text)
