from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlpipe.bundle.bundle import Bundle
from mlpipe.errors import DataError
from mlpipe.predict.stage import predict
from tests.train.samples import COLUMNS, SCHEMA, learn, plan, rows

if TYPE_CHECKING:
    from pathlib import Path

    from mlpipe.table.session import Session


def bundle(session: Session, folder: Path, task: str = "binary", **more: Any) -> Bundle:
    found = learn(session, rows(task=task), task=task)
    folder.mkdir()
    given: dict[str, Any] = {
        "name": "demo",
        "model": found["model.skops"],
        "facts": found["model"],
        "decision": {"threshold": 0.4 if task == "binary" else None},
        "plan": plan({"linear": "linear"}, task=task),
        "columns": COLUMNS,
        "schema": SCHEMA,
        "ingest": {"sources": {"data": {"path": "x.csv"}}},
    }
    Bundle.assemble(folder, **{**given, **more})
    return Bundle.load(folder)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_table_is_scored_as_a_frame_is(session: Session, tmp_path: Path, task: str) -> None:
    model = bundle(session, tmp_path / "b", task)
    frame = rows(157, task, seed=4)
    expected = model.predict(frame)
    found = session.pandas(predict(model, session.frame(frame), session))
    assert found["_row"].tolist() == list(range(157))
    pd.testing.assert_frame_equal(found.drop(columns="_row"), expected, check_dtype=False)


def test_batches_change_nothing(session: Session, tmp_path: Path) -> None:
    model, table = bundle(session, tmp_path / "b"), session.frame(rows(157))
    told: list[tuple[int, int, str]] = []
    whole = session.pandas(predict(model, table, session))
    small = predict(model, table, session, batch=20, on_progress=lambda *each: told.append(each))
    pd.testing.assert_frame_equal(session.pandas(small), whole, check_exact=False, rtol=1e-12)
    assert told[-1][:2] == (157, 157)
    assert len(told) > 1


def test_the_order_and_the_keys_are_those_of_the_table(session: Session, tmp_path: Path) -> None:
    model, frame = bundle(session, tmp_path / "b"), rows(50).sample(frac=1, random_state=0)
    frame["id"] = [f"c{row}" for row in frame["_row"]]
    found = session.pandas(predict(model, session.frame(frame), session, keys=["id", "plan"]))
    assert found["id"].tolist() == [f"c{row}" for row in range(50)]
    assert list(found) == ["_row", "id", "plan", "prediction", "score"]


def test_out_of_scope(session: Session, tmp_path: Path) -> None:
    model, frame = bundle(session, tmp_path / "b"), rows(50)
    frame["_scope"] = (frame["_row"] % 3 > 0).where(frame["_row"] % 7 > 0, None)
    inside = (frame["_row"] % 3 > 0) & (frame["_row"] % 7 > 0)
    found = session.pandas(predict(model, session.frame(frame), session, batch=8))
    assert found["in_scope"].tolist() == inside.tolist()
    assert found["score"].notna().tolist() == inside.tolist()
    assert found["prediction"].notna().tolist() == inside.tolist()
    free = session.pandas(predict(model, session.frame(frame.drop(columns="_scope")), session))
    assert found["score"][inside].tolist() == pytest.approx(free["score"][inside].tolist())
    none = session.pandas(predict(model, session.frame(frame.assign(_scope=False)), session))
    assert none["prediction"].isna().all()


def test_no_rows(session: Session, tmp_path: Path) -> None:
    model = bundle(session, tmp_path / "b")
    table = session.frame(rows(5)).filter(False)
    found = session.pandas(predict(model, table, session))
    assert (len(found), list(found)) == (0, ["_row", "prediction", "score"])


def test_columns_that_do_not_fit(session: Session, tmp_path: Path) -> None:
    model = bundle(session, tmp_path / "b")
    frame = rows(5).rename(columns={"plan": "plann"}).assign(age="old")
    with pytest.raises(DataError) as caught:
        predict(model, session.frame(frame), session)
    one, two = caught.value.problems
    assert (one.key, two.key) == ("age", "plan")
    assert "expected integer, not string" in one.message
    assert two.hint == "did you mean 'plann'?"


def test_a_column_of_nulls_has_any_type(session: Session, tmp_path: Path) -> None:
    model = bundle(session, tmp_path / "b")
    table = session.frame(rows(9).assign(fee=np.nan)).mutate(plan=None)
    expected = session.pandas(predict(model, table, session))
    assert expected["score"].notna().all()
    read = table.mutate(fee=table["fee"].cast("string"))  # as an empty column of CSV is
    pd.testing.assert_frame_equal(session.pandas(predict(model, read, session)), expected)


def test_the_same_rows_give_the_same_bytes(session: Session, tmp_path: Path) -> None:
    model = bundle(session, tmp_path / "b")
    written = []
    for name in ("one", "two"):
        session.write(predict(model, session.frame(rows(80)), session), tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_memory_is_bounded_by_the_batch(session: Session, tmp_path: Path, monkeypatch: Any) -> None:
    model, sizes = bundle(session, tmp_path / "b"), []
    answer = Bundle.answer
    monkeypatch.setattr(
        Bundle, "answer", lambda self, frame: sizes.append(len(frame)) or answer(self, frame)
    )
    found = predict(model, session.frame(rows(5000)), session, batch=100)
    assert max(sizes) <= 2048
    assert sum(sizes) == 5000
    (path,) = [p for p in tmp_path.iterdir() if "predictions" in p.name]
    assert pq.read_metadata(path).num_rows == session.con.to_pyarrow(found.count()).as_py()
