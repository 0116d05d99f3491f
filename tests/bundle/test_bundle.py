from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.bundle.bundle import Bundle
from mlpipe.bundle.sealed import as_json, sealed
from mlpipe.errors import DataError, StoreError
from mlpipe.features.computed import computed
from mlpipe.features.expressions import add_expressions
from mlpipe.features.lookback import keep_state, look_back
from mlpipe.table.columns import Columns
from mlpipe.table.session import rows_in
from mlpipe.train.spec import Train
from mlpipe.train.stage import train
from tests.bundle.samples import fitted
from tests.train.samples import COLUMNS, SCHEMA, learn, parts, plan, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlpipe.table.session import Session


def made(
    session: Session,
    folder: Path,
    task: str = "binary",
    spec: dict[str, Any] | None = None,
    threshold: float | None = 0.5,
    **more: Any,
) -> Path:
    """A bundle of a linear model of the small table."""
    found = learn(session, rows(task=task), spec, task)
    families = {found["report"]["chosen"]: "linear", "unused": "trees"}
    given: dict[str, Any] = {
        "name": "demo",
        "model": found["model.skops"],
        "facts": found["model"],
        "decision": {"threshold": threshold, "how": "given"},
        "plan": plan(families, task=task),
        "columns": COLUMNS,
        "schema": [*SCHEMA, {"name": "target", "type": "string", "kind": "category"}],
        "ingest": {"sources": {"data": {"path": "x.csv"}}},
        "profile": {"rows": 200},
    }
    folder.mkdir()
    Bundle.assemble(folder, **{**given, **more})
    return folder


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mlpipe.table.session import Session

    with Session(tmp_path_factory.mktemp("scratch")) as session:
        return made(session, tmp_path_factory.mktemp("bundles") / "one")


def reseal(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Edit bundle.json as somebody does who knows how the digests are made."""
    about = json.loads((folder / "bundle.json").read_bytes())
    change(about)
    files = {name: (folder / name).read_bytes() for name in about["files"]}
    (folder / "bundle.json").write_bytes(as_json(sealed(about, files)))


def test_what_it_says_of_itself(path: Path) -> None:
    bundle = Bundle.load(path)
    assert (bundle.name, bundle.task, bundle.threshold) == ("demo", "binary", 0.5)
    assert (bundle.classes, bundle.positive) == (("no", "yes"), "yes")
    assert [each["name"] for each in bundle.inputs] == ["age", "fee", "plan", "paid"]
    assert [each["nullable"] for each in bundle.inputs] == [False, True, False, False]
    assert list(bundle.plan["models"]) == ["linear"]
    assert bundle.columns == COLUMNS
    assert bundle.profile == {"rows": 200}
    assert bundle.state is None
    assert bundle.warnings == []
    assert set(bundle.about["libraries"]) >= {"scikit-learn", "numpy"}


def test_predict_a_frame(path: Path) -> None:
    bundle = Bundle.load(path)
    frame = rows(50, seed=5).drop(columns=["target", "_row"]).set_index(pd.Index(range(100, 150)))
    before = frame.copy(deep=True)
    found = bundle.predict(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert list(found) == ["prediction", "score"]
    assert found.index.equals(frame.index)
    assert found["score"].tolist() == bundle.model.scores(frame).tolist()
    assert ((found["prediction"] == "yes") == (found["score"] >= 0.5)).all()
    assert set(found["prediction"]) == {"yes", "no"}


def test_one_row_is_as_many(path: Path) -> None:
    bundle, frame = Bundle.load(path), rows(30, seed=5)
    bulk = bundle.predict(frame)
    for at in range(30):
        one = bundle.predict(frame.iloc[[at]])
        assert one["score"].iloc[0] == pytest.approx(bulk["score"].iloc[at], rel=1e-12)
    assert bundle.predict(frame[::-1])["score"][::-1].tolist() == pytest.approx(
        bulk["score"].tolist()
    )
    nothing = bundle.predict(frame[:0])
    assert (len(nothing), list(nothing)) == (0, ["prediction", "score"])


def test_what_reading_makes_of_types_does_not_matter(path: Path) -> None:
    bundle, frame = Bundle.load(path), rows(30, seed=5)
    other = frame.assign(
        age=frame["age"].astype(float),
        plan=frame["plan"].astype(object),
        paid=frame["paid"].astype(object),
        fee=frame["fee"].astype("Float64"),
        more="ignored",
    )
    assert bundle.predict(other)["score"].tolist() == bundle.predict(frame)["score"].tolist()


def test_unseen_levels_and_nulls_are_answered(path: Path) -> None:
    frame = rows(3).assign(plan=["new", None, "pro"], fee=np.nan)
    assert Bundle.load(path).predict(frame)["score"].notna().all()


def test_the_threshold_is_the_decisions(session: Session, tmp_path: Path) -> None:
    strict = Bundle.load(made(session, tmp_path / "b", threshold=0.9))
    found = strict.predict(rows(200, seed=3))
    assert ((found["prediction"] == "yes") == (found["score"] >= 0.9)).all()
    assert ((found["score"] > 0.5) & (found["prediction"] == "no")).any()


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("multiclass", ["prediction", "score_high", "score_low", "score_mid"]),
        ("regression", ["prediction"]),
    ],
)
def test_other_tasks(session: Session, tmp_path: Path, task: str, names: list[str]) -> None:
    bundle = Bundle.load(made(session, tmp_path / "b", task, threshold=None))
    frame = rows(40, task, seed=2)
    found = bundle.predict(frame)
    assert list(found) == names
    assert bundle.threshold is None
    if task == "multiclass":
        best = found[names[1:]].idxmax(axis=1).str.removeprefix("score_")
        assert found["prediction"].tolist() == best.tolist()
    else:
        assert np.corrcoef(found["prediction"], frame["target"])[0, 1] > 0.7


def test_rows_that_do_not_fit(path: Path) -> None:
    bundle = Bundle.load(path)
    with pytest.raises(DataError, match="missing"):
        bundle.predict(rows(5).drop(columns="plan"))
    with pytest.raises(DataError, match="expected integer"):
        bundle.predict(rows(5).assign(age="old"))


@pytest.mark.parametrize("scope", ["fee > 50", "since >= TIMESTAMP '2025-01-01' AND plan <> 'pro'"])
def test_out_of_scope(session: Session, tmp_path: Path, scope: str) -> None:
    bundle = Bundle.load(made(session, tmp_path / "b", ingest={"scope": scope}))
    frame = rows(60, seed=4).set_index(pd.Index(range(7, 67)))
    found = bundle.predict(frame)
    wanted = (
        frame["fee"] > 50
        if "fee" in scope
        else (frame["since"] >= pd.Timestamp("2025-01-01")) & (frame["plan"] != "pro")
    )
    assert found["in_scope"].tolist() == wanted.tolist()
    assert found["score"].notna().tolist() == wanted.tolist()
    assert found["prediction"].notna().tolist() == wanted.tolist()
    free = Bundle.load(made(session, tmp_path / "c")).predict(frame)
    assert found["score"][wanted].tolist() == pytest.approx(free["score"][wanted].tolist())
    roles = {each["name"]: each["role"] for each in bundle.inputs}
    assert roles.get("since", "scope") == "scope"
    said = bundle.predict(frame.assign(_scope=False))
    assert not said["in_scope"].any()
    assert said["prediction"].isna().all()


def test_the_same_parts_give_the_same_bytes(session: Session, tmp_path: Path) -> None:
    one, two = made(session, tmp_path / "a"), made(session, tmp_path / "b")
    assert {f.name: f.read_bytes() for f in one.iterdir()} == {
        f.name: f.read_bytes() for f in two.iterdir()
    }


@pytest.mark.parametrize(
    "name", ["model.skops", "plan.json", "ingest.json", "profile.json", "schema.json"]
)
def test_a_changed_or_missing_file(session: Session, tmp_path: Path, name: str) -> None:
    folder = made(session, tmp_path / "b")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(StoreError, match="not what the bundle says") as caught:
        Bundle.load(folder)
    assert name in caught.value.problems[0].place
    (folder / name).unlink()
    with pytest.raises(StoreError, match="lacks a file"):
        Bundle.load(folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "no bundle here"), ("{", "damaged"), ("{}", "damaged"), ('{"format": 2}', "newer")],
)
def test_no_bundle(tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "bundle.json").write_text(text)
    with pytest.raises(StoreError, match=says):
        Bundle.load(tmp_path)


def test_another_version_is_told(path: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(path, tmp_path / "copy")
    reseal(copy, lambda about: about["libraries"].update({"scikit-learn": "1.2.0"}))
    (said,) = Bundle.load(copy).warnings
    assert said.startswith("trained with scikit-learn 1.2.0; this is ")


def test_python_functions_need_consent(session: Session, tmp_path: Path) -> None:
    source = "def twice(frame):\n    return frame.assign(double=frame['age'] * 2)\n"
    frame, section = rows(), Train.read({"models": {"linear": "logistic_regression"}})
    whole = plan({"linear": "linear"}, ({"columns": ["double"], "steps": [{"scale": {}}]},))
    output = {"name": "double", "kind": "number", "type": "python"}
    whole["python"] = [{"path": "f.py", "function": "twice", "source": source, "outputs": [output]}]
    found = train(
        section, "binary", COLUMNS, 0, whole, session.frame(frame), session.frame(parts(240)),
        "crossed", 3, session,
    )  # fmt: skip
    folder = made(
        session, tmp_path / "b", model=found["model.skops"], facts=found["model"], plan=whole
    )
    with pytest.raises(StoreError, match="Python code"):
        Bundle.load(folder)
    bundle = Bundle.load(folder, allow_code=True)
    assert bundle.predict(frame)["score"].tolist() == bundle.model.scores(frame).tolist()
    assert bundle.plan["python"][0]["source"] == source


def history(count: int = 240) -> pd.DataFrame:
    """Rows of 12 entities, month by month; the fee before says it all."""
    frame = rows(count)
    frame["who"] = np.arange(count) % 12
    frame["since"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(30 * (frame["_row"] // 12), "D")
    before = frame.groupby("who")["fee"].shift(1)
    return frame.assign(target=np.where(before.fillna(50) > 50, "yes", "no"))


def test_look_back_at_the_kept_state(session: Session, tmp_path: Path) -> None:
    """Rows that come later see the rows of training before them, alone or all together."""
    columns = Columns.read({"target": "target", "time": "since", "entity": "who"})
    lag = {
        "name": "fee_lag_1", "column": "fee", "does": "lag", "rows": 1, "span": None,
        "known_after": None, "kind": "number",
    }  # fmt: skip
    steps = [{"impute": {}}, {"scale": {}}]
    whole = plan(
        {"linear": "linear"}, ({"columns": ["fee_lag_1"], "steps": steps},), look_back=[lag]
    )
    frame = history()
    past = frame[:228]
    table = session.frame(past)
    looked = look_back(whole, table, columns, session)
    split = parts(228, valid=0, test=0)
    section = Train.read({"models": {"linear": "logistic_regression"}})
    found = train(
        section, "binary", columns, 0, whole, looked, session.frame(split), "crossed", 3, session
    )
    assert found["report"]["score"] > 0.95
    kept = keep_state(whole, table, columns)
    assert kept is not None
    session.write(kept, tmp_path / "state.parquet")
    folder = made(
        session,
        tmp_path / "b",
        model=found["model.skops"],
        facts=found["model"],
        plan=whole,
        columns=columns,
        schema=[*SCHEMA, {"name": "who", "type": "integer", "kind": "number"}],
        state=(tmp_path / "state.parquet").read_bytes(),
    )
    bundle = Bundle.load(folder)
    assert {each["name"]: each["role"] for each in bundle.inputs} == {
        "who": "history",
        "since": "history",
        "fee": "history",
    }
    new = frame[228:].drop(columns=["_row", "target"])
    bulk = bundle.predict(new)
    assert bulk.index.equals(new.index)
    assert (bulk["prediction"] == frame["target"][228:]).mean() > 0.9
    for at in range(0, 12, 5):
        assert bundle.predict(new.iloc[[at]])["score"].iloc[0] == bulk["score"].iloc[at]


def test_expressions_and_all_earlier_rows(session: Session, tmp_path: Path) -> None:
    """What SQL makes of a row, and what all earlier rows come to, are the same for one new row."""
    columns = Columns.read({"target": "target", "time": "since", "entity": "who"})
    share = {"name": "share", "expression": "fee / nullif(age, 0)", "type": "DOUBLE",
             "reads": {"fee": "DOUBLE", "age": "BIGINT"}}  # fmt: skip
    past = {
        "name": "share_mean_all", "column": "share", "does": "mean", "rows": None, "span": None,
        "known_after": None, "kind": "number",
    }  # fmt: skip
    blocks = ({"columns": ["share", "share_mean_all"], "steps": [{"impute": {}}, {"scale": {}}]},)
    whole = plan({"linear": "linear"}, blocks, look_back=[past])
    whole["sql"] = [share]
    whole["inputs"] = [
        *whole["inputs"], {"name": "share", "kind": "number", "type": "sql"},
    ]  # fmt: skip
    frame = history()
    table = session.frame(frame[:228])
    looked = computed(whole, table, columns, session)
    section = Train.read({"models": {"linear": "logistic_regression"}})
    split = session.frame(parts(228, valid=0, test=0))
    found = train(section, "binary", columns, 0, whole, looked, split, "crossed", 3, session)
    assert found["model"]["lineage"] == {
        "share": ["fee", "age"],
        "share_mean_all": ["fee", "age"],
    }
    assert [each["words"] for each in found["model"]["feature_map"]] == [
        ["sql", "impute", "scale"],
        ["sql", "expanding mean", "impute", "scale"],
    ]
    kept = keep_state(whole, add_expressions(whole, table, session), columns)
    assert kept is not None
    session.write(kept, tmp_path / "state.parquet")
    assert rows_in(tmp_path / "state.parquet") == 12
    folder = made(
        session,
        tmp_path / "b",
        model=found["model.skops"],
        facts=found["model"],
        plan=whole,
        columns=columns,
        schema=[*SCHEMA, {"name": "who", "type": "integer", "kind": "number"}],
        state=(tmp_path / "state.parquet").read_bytes(),
    )
    bundle = Bundle.load(folder)
    assert {each["name"] for each in bundle.inputs} == {"fee", "age", "who", "since"}
    new = frame[228:].drop(columns=["_row", "target"])
    every = session.frame(frame)
    expected = bundle.answer(
        session.pandas(computed(whole, every, columns, session).order_by("_row"))[228:]
    )
    for at in range(0, 12, 4):
        one = bundle.predict(new.iloc[[at]])["score"].iloc[0]
        assert one == pytest.approx(expected["score"].iloc[at], rel=1e-12)


def test_levels_that_training_did_not_have() -> None:
    """Left out silently where featurize says so, refused with a hint where it says so."""
    new = rows(4).assign(plan="new")
    quiet = fitted("logistic_regression", "binary", one_hot({"drop": "first"}))
    assert len(quiet.scores(new)) == 4
    strict = fitted("logistic_regression", "binary", one_hot({"unknown": "error"}))
    with pytest.raises(DataError, match="unknown categories") as caught:
        strict.scores(new)
    assert "unknown:" in caught.value.problems[0].hint


def test_nulls_that_training_did_not_have() -> None:
    scaled = {"columns": ["age"], "steps": [{"scale": {}}]}
    model = fitted("logistic_regression", "binary", scaled)
    with pytest.raises(DataError, match="NaN") as caught:
        model.scores(rows(4).assign(age=np.nan))
    assert "impute" in caught.value.problems[0].hint


def one_hot(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"columns": ["plan"], "steps": [{"one_hot": parameters}]}
