"""The examination as a whole: what is passed over, how serious it is, and how much is looked at."""

import json

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import SpecError
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.session import Session
from mlpipe.validate.doctor import rows as reading
from mlpipe.validate.doctor.examine import examine
from mlpipe.validate.doctor.rows import Parting, Setting
from mlpipe.validate.doctor.spec import Doctor
from mlpipe.validate.spec import Validate
from mlpipe.validate.stage import validate


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    y = rng.choice(["yes", "no"], 300)
    return {"copy": y, "id": np.arange(300), "x": rng.normal(size=300), "y": y}


def report(session, setting, data, doctor=True, **roles):
    table, columns, told = setting(data, target="y", **roles)
    spec = Validate.read({"doctor": doctor})
    return validate(spec, columns, table, session, setting=told)["report"]


def test_findings_count_for_the_verdict(session, setting, data):
    found = report(session, setting, data)
    assert [(each["kind"], each["status"]) for each in found["findings"]] == [
        ("target_copy", "failed"),
        ("identifier", "warned"),
    ]
    assert found["status"] == "failed"
    assert found["doctor"] == {"rows": 300, "of": 300}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("doctor", "status", "kinds"),
    [
        ({"ignore": ["copy"]}, "warned", ["identifier"]),
        ({"ignore": ["target_copy", "id"]}, "passed", []),
        ({"severity": {"target_copy": "warn"}}, "warned", ["target_copy", "identifier"]),
        (
            {"ignore": ["target_copy"], "severity": {"identifier": "error"}},
            "failed",
            ["identifier"],
        ),
        (False, "passed", []),
    ],
)
def test_the_spec_says_what_is_passed_over(session, setting, data, doctor, status, kinds):
    found = report(session, setting, data, doctor)
    assert ([each["kind"] for each in found["findings"]], found["status"]) == (kinds, status)


def test_without_a_setting_nobody_looks(session, setting, data):
    table, columns, _ = setting(data, target="y")
    found = validate(Validate(), columns, table, session)["report"]
    assert (found["status"], found["findings"]) == ("passed", [])


def test_a_name_that_is_neither_column_nor_kind_is_refused(session, setting, data):
    with pytest.raises(SpecError) as caught:
        report(session, setting, data, {"ignore": ["copi"]})
    assert caught.value.problems[0].key == "validate.doctor.ignore[0]"
    assert "copy" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    "written", ["yes", 1, {"leakage": {"auc": 0.2}}, {"severity": {"x": "warn"}}]
)
def test_a_section_that_makes_no_sense_is_refused(written):
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        Validate.read({"doctor": written})


def test_a_long_table_is_sampled_the_same_way_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 5_000)
    rng = np.random.default_rng(0)
    n = 60_000
    frame = pd.DataFrame({ROW: np.arange(n), "x": rng.normal(size=n), "y": rng.integers(0, 2, n)})
    frame["leak"] = frame["y"] * 2
    parts = pd.DataFrame({ROW: frame[ROW], "part": rng.choice(["train", "test"], n)})
    found = []
    for threads in (1, 2):
        (folder := tmp_path / str(threads)).mkdir()
        with Session(folder, threads=threads) as session:
            kinds = dict.fromkeys(["x", "y", "leak"], "number")
            told = Setting(session.frame(parts), Parting(), "binary", kinds)
            roles = Columns.read({"target": "y"})
            found.append(examine(Doctor(), session.frame(frame), roles, told, session))
    assert found[0] == found[1]
    assert found[0]["doctor"]["of"] == n
    assert 4_500 < found[0]["doctor"]["rows"] < 5_500
    assert [each["kind"] for each in found[0]["findings"]] == ["target_copy"]


def test_any_type_and_any_name_is_read(session, setting):
    n = 50
    data = {
        'a"b': np.arange(n) % 3,
        "it's {0}": pd.Series([1.5, np.nan] * 25),
        "none": pd.Series([None] * n, dtype="string"),
        "flag": pd.Series([True, None] * 25, dtype="boolean"),
        "zoned": pd.date_range("2026-01-01", periods=n, tz="UTC"),
        "list": [[1, 2]] * n,
        "y": ["a", "b"] * 25,
    }
    table, columns, told = setting(data, target="y", key='a"b')
    found = examine(Doctor(), table, columns, told, session)
    assert [(each["kind"], each["columns"]) for each in found["findings"]] == [
        ("target_copy", ["it's {0}"]),
        ("target_copy", ["flag"]),
    ]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("count", [1, 2, 25])
def test_small_tables_and_no_target_are_no_trouble(session, setting, task, count):
    data = {
        "x": np.arange(count) * 1.5,
        "s": ["a"] * count,
        "t": pd.date_range("2026-01-01", periods=count),
    }
    for target in ("x", None):
        table, columns, told = setting(data, task=task, target=target, time="t")
        assert examine(Doctor(), table, columns, told, session)["doctor"]["rows"] == count
