"""The stage: a table in, a table and a plan out."""

import json

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import ComputeError, DataError, SpecError
from mlpipe.features.pipeline import build, lineage, needed
from mlpipe.featurize.spec import Featurize
from mlpipe.featurize.stage import featurize
from mlpipe.table.columns import Columns
from mlpipe.table.kinds import infer_kinds, type_word

COLUMNS = Columns.read(
    {
        "key": ["customer", "month"],
        "entity": "customer",
        "time": "month",
        "target": "churned",
        "sensitive": ["gender"],
        "ignore": ["*_internal"],
    }
)
MODELS = {"linear": "linear", "boosted": "trees", "near": "other"}
ROWS = 400


def _frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "_row": np.arange(ROWS),
            "customer": rng.integers(0, 20, ROWS),
            "month": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(ROWS), "D"),
            "calls": rng.normal(size=ROWS),
            "plan": pd.Series(rng.choice(["basic", "plus"], ROWS), dtype="str"),
            "code": pd.Series([f"c{number}" for number in range(ROWS)], dtype="str"),
            "empty": pd.Series([None] * ROWS, dtype="float64"),
            "gender": pd.Series(rng.choice(["f", "m"], ROWS), dtype="str"),
            "score_internal": rng.normal(size=ROWS),
            "churned": pd.Series(rng.choice(["no", "yes"], ROWS), dtype="str"),
        }
    )
    frame.loc[::7, ["calls", "plan"]] = None
    return frame


def _stage(session, blocks="auto", frame=None, columns=COLUMNS, models=MODELS, **more):
    frame = _frame() if frame is None else frame
    table = session.frame(frame)
    part = np.where(frame["_row"] < len(frame) * 0.75, "train", "test")
    parts = session.frame(pd.DataFrame({"_row": frame["_row"], "part": part}))
    kinds = infer_kinds(session, table, columns)
    found = [
        {"name": name, "type": type_word(table.schema()[name]), "kind": kind}
        for name, kind in kinds.items()
    ]
    spec = Featurize.read(blocks)
    return featurize(spec, columns, found, models, table, parts, session, 7, **more)


def _read(session, table):
    return session.con.to_pyarrow(table.order_by("_row")).to_pandas()


def _used(outputs, model):
    return needed(outputs["plan"], model)


def test_automatic_features_leave_roles_out(session):
    outputs = _stage(session, task="binary")
    for model in MODELS:
        assert _used(outputs, model) == ["month", "calls", "plan"]
    dropped = outputs["report"]["models"]["linear"]["dropped"]
    assert [one["column"] for one in dropped] == ["code", "empty"]
    assert outputs["report"]["warnings"] == ["empty: train has no value"]


def test_plan_and_report_are_json(session):
    outputs = _stage(session, [{"columns": ["calls"], "steps": [{"lag": 1}]}], task="binary")
    for name in ("plan", "report"):
        assert json.loads(json.dumps(outputs[name], allow_nan=False)) == outputs[name]


def test_the_same_inputs_give_the_same_plan_and_bytes(session, tmp_path):
    blocks = [{"columns": ["calls"], "steps": [{"rolling": {"windows": [3, "30d"]}}]}]
    first, again = (_stage(session, blocks) for _ in range(2))
    assert first["plan"] == again["plan"]
    assert first["report"] == again["report"]
    for name in ("table", "state"):
        session.write(first[name], tmp_path / "first.parquet")
        session.write(again[name], tmp_path / "again.parquet")
        assert (tmp_path / "first.parquet").read_bytes() == (
            tmp_path / "again.parquet"
        ).read_bytes()


def test_choices_look_at_train_only(session):
    frame = _frame()
    changed = frame.copy()
    late = changed["_row"] >= ROWS * 0.75
    changed.loc[late, "plan"] = [f"new{number}" for number in range(late.sum())]
    changed.loc[late, "empty"] = 1.0
    assert _stage(session, frame=frame)["plan"] == _stage(session, frame=changed)["plan"]


def test_the_table_keeps_roles_features_and_look_back(session):
    outputs = _stage(session, [{"columns": ["calls"], "steps": [{"lag": 1}]}, {"rest": "drop"}])
    table = _read(session, outputs["table"])
    assert list(table.columns) == [
        "_row", "customer", "month", "churned", "gender", "calls", "calls_lag_1",
    ]  # fmt: skip
    assert list(table["_row"]) == list(range(ROWS))
    assert _used(outputs, "boosted") == ["calls_lag_1"]
    state = session.con.to_pyarrow(outputs["state"])
    assert state.num_rows == _frame()["customer"].nunique()


def test_a_column_looked_back_at_stays_with_the_rest(session):
    outputs = _stage(session, [{"columns": ["calls"], "steps": [{"lag": 1}]}])
    assert _used(outputs, "linear") == ["month", "calls", "plan", "calls_lag_1"]


def test_the_past_of_the_target_is_a_feature_and_the_target_is_not(session):
    outputs = _stage(session, [{"columns": ["churned"], "steps": ["lag"]}])
    assert "churned_lag_1" in _used(outputs, "linear")
    assert "churned" not in _used(outputs, "linear")
    table = _read(session, outputs["table"]).sort_values(["customer", "month"])
    expected = table.groupby("customer")["churned"].shift(1)
    pd.testing.assert_series_equal(table["churned_lag_1"], expected, check_names=False)


def test_blocks_are_for_their_models(session):
    blocks = [
        {"columns": ["plan"], "steps": [{"one_hot": 5}], "for": ["linear"]},
        {"columns": ["calls"], "steps": "drop", "for": ["boosted"]},
        {"columns": ["gender"], "steps": ["ordinal"], "for": ["near"]},
    ]
    models = _stage(session, blocks)["plan"]["models"]
    steps = {
        model: {name: block["steps"] for block in plan["blocks"] for name in block["columns"]}
        for model, plan in models.items()
    }
    assert steps["linear"]["plan"][0]["one_hot"]["min_frequency"] == 5
    assert "ordinal" in steps["boosted"]["plan"][0]
    assert "calls" not in steps["boosted"]
    assert "calls" in steps["linear"]
    assert "gender" in steps["near"]
    assert "gender" not in steps["linear"]


def test_rest_keep_takes_numbers_only(session):
    outputs = _stage(session, [{"rest": "keep"}], models={"boosted": "trees"})
    assert _used(outputs, "boosted") == ["calls", "empty"]


def test_every_family_can_be_fitted(session):
    outputs = _stage(session, task="binary")
    table = _read(session, outputs["table"])
    for model in MODELS:
        pipeline = build(outputs["plan"], model, 7)
        made = pipeline.fit_transform(table[_used(outputs, model)], table["churned"])
        trial = outputs["report"]["trial"][model]
        assert made.shape == (ROWS, sum(one["count"] for one in trial["features"]))


def test_no_feature_left_is_said_with_the_reasons(session):
    with pytest.raises(DataError, match="no feature is left for the model 'linear'"):
        _stage(session, [{"rest": "drop"}])


def test_a_one_hot_that_explodes_is_refused(session):
    rows = 4000
    frame = pd.DataFrame(
        {
            "_row": range(rows),
            "code": pd.Series([f"c{number}" for number in range(rows)], dtype="str"),
            "churned": pd.Series(["no", "yes"] * (rows // 2), dtype="str"),
        }
    )
    columns = Columns.read({"target": "churned"})
    block = {"columns": ["code"], "steps": ["one_hot"]}
    with pytest.raises(DataError, match="code: one_hot would make 3000 features"):
        _stage(session, [block], frame, columns)
    limited = {"columns": ["code"], "steps": [{"one_hot": {"max_levels": 10}}]}
    assert _stage(session, [limited], frame, columns)["plan"]["models"]


def test_steps_that_cannot_be_fitted_are_said_early(session):
    blocks = [{"columns": ["calls"], "steps": [{"power": "box_cox"}]}]
    with pytest.raises(ComputeError, match="'boosted' cannot be fitted: The Box-Cox"):
        _stage(session, blocks, models={"boosted": "trees"})


@pytest.mark.parametrize("word", ["bin", "normalize", "polynomial", "spline"])
def test_gaps_that_a_word_does_not_take_are_said_with_their_column(session, word):
    columns = Columns.read({"target": "churned"})
    frame = _frame().assign(whole=1.0)
    block = {"columns": ["whole", "calls"], "steps": [word]}
    with pytest.raises(SpecError, match=f"`{word}` takes no nulls, .* have some: calls") as caught:
        _stage(session, [block], frame, columns, {"boosted": "trees"})
    assert f"before `{word}`" in caught.value.problems[0].hint
    block["steps"] = [{"impute": "median"}, word]
    assert _stage(session, [block], frame, columns, {"boosted": "trees"})["plan"]["models"]


def test_an_age_reads_the_column_that_it_is_counted_to(session):
    frame = _frame().assign(signup=pd.Timestamp("2019-12-25"))
    blocks = [
        {"columns": ["signup"], "steps": ["age"], "for": ["linear"]},
        {"columns": ["calls"], "steps": ["keep"]},
        {"rest": "drop"},
    ]
    outputs = _stage(session, blocks, frame, models={"linear": "linear", "boosted": "trees"})
    assert _used(outputs, "linear") == ["month", "calls", "signup"]
    assert _used(outputs, "boosted") == ["calls"]
    (block, _) = outputs["plan"]["models"]["linear"]["blocks"]
    # Nothing is left open in the plan: it says which column.
    assert block["steps"] == [{"age": {"at": "month", "date": None, "unit": "days"}}]
    table = _read(session, outputs["table"])
    fitted = build(outputs["plan"], "linear", 0)
    made = fitted.fit_transform(table[_used(outputs, "linear")])
    np.testing.assert_array_equal(np.asarray(made)[:, 0], np.arange(ROWS) + 7.0)
    assert lineage(fitted)["signup__age_days_at_month"] == ["signup", "month"]


def test_an_age_of_an_earlier_date_is_the_time_since_then(session):
    frame = _frame().assign(ordered=lambda rows: rows["month"] - pd.Timedelta(days=1))
    blocks = [{"columns": ["ordered"], "steps": [{"lag": 1}, "age"]}, {"rest": "drop"}]
    outputs = _stage(session, blocks, frame, models={"linear": "linear"})
    table = _read(session, outputs["table"])
    made = np.asarray(build(outputs["plan"], "linear", 0).fit_transform(table))[:, 0]
    before = table.groupby("customer")["ordered"].shift(1)
    np.testing.assert_array_equal(made, (table["month"] - before) / pd.Timedelta(days=1))


def _script(tmp_path, body):
    path = tmp_path / "own.py"
    path.write_text(f"import pandas as pd\n\ndef made(frame):\n    {body}\n")
    return [{"python": f"{path}:made"}, {"rest": "drop"}]


def test_a_function_makes_features(session, tmp_path):
    blocks = _script(tmp_path, "return frame.assign(double=frame['calls'] * 2)")
    outputs = _stage(session, blocks, models={"boosted": "trees"})
    (python,) = outputs["plan"]["python"]
    assert [(one["name"], one["kind"]) for one in python["outputs"]] == [("double", "number")]
    assert "def made" in python["source"]
    table = _read(session, outputs["table"])
    made = build(outputs["plan"], "boosted", 7).fit_transform(table)
    np.testing.assert_array_equal(made[:, 0], table["calls"] * 2)


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("return frame.assign(c=frame['calls'].rank())", ComputeError, "other rows"),
        ("return frame", SpecError, "makes no new column"),
        ("return frame['churned'].to_frame('c')", ComputeError, "KeyError"),
        ("return 1 +", SpecError, "cannot be imported: SyntaxError"),
    ],
)  # fmt: skip
def test_a_function_that_is_not_row_by_row_is_refused(session, tmp_path, body, error, said):
    with pytest.raises(error, match=said):
        _stage(session, _script(tmp_path, body))


def test_a_function_that_is_nowhere_is_said(session):
    with pytest.raises(SpecError, match=r"featurize\.0\.python: there is no file"):
        _stage(session, [{"python": "nowhere.py:made"}])


def test_sql_makes_columns_that_other_blocks_name(session):
    blocks = [
        {"sql": {"double": "calls * 2", "kind": "plan || '!'", "spare": "calls / 0"}},
        {"columns": ["double"], "steps": [{"lag": 1}]},
        {"columns": ["kind"], "steps": ["one_hot"]},
        {"columns": ["spare"], "steps": "drop"},
        {"rest": "drop"},
    ]
    outputs = _stage(session, blocks, models={"boosted": "trees"})
    assert _used(outputs, "boosted") == ["double", "kind", "double_lag_1"]
    reasons = {
        name: block["reason"]
        for block in outputs["plan"]["models"]["boosted"]["blocks"]
        for name in block["columns"]
    }
    assert reasons["double"] == "trees take numbers and gaps as they are"
    assert reasons["kind"] == "the spec says so"
    table = _read(session, outputs["table"])
    calls = _frame()["calls"]
    np.testing.assert_array_equal(table["double"], calls * 2)
    assert "_entity" in outputs["state"].columns
    missing = int(calls.notna().sum())
    said = f"spare: no value in {missing} rows, though all that it reads is there"
    assert any(warning.startswith(said) for warning in outputs["report"]["warnings"])


def test_sql_is_for_its_models(session):
    blocks = [{"sql": {"double": "calls * 2"}, "for": ["linear"]}]
    outputs = _stage(session, blocks)
    assert "double" in _used(outputs, "linear")
    assert "double" not in _used(outputs, "boosted")


def test_a_change_from_nothing_is_said(session):
    frame = _frame().assign(calls=[0.0, 1.0] * (ROWS // 2))
    outputs = _stage(session, [{"columns": ["calls"], "steps": ["change"]}], frame)
    table = _read(session, outputs["table"]).sort_values(["customer", "month"])
    zeros = int((table.groupby("customer")["calls"].shift(1) == 0).sum())
    said = f"calls_change_1: no value in {zeros} rows"
    assert any(warning.startswith(said) for warning in outputs["report"]["warnings"])
