"""Reasons beside predictions: they are those of the model, and of no column that is withheld."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlpipe.errors import StoreError
from mlpipe.predict.stage import predict
from mlpipe.table.columns import Columns
from tests.predict.test_stage import bundle
from tests.train.samples import rows

if TYPE_CHECKING:
    from pathlib import Path

    from mlpipe.table.session import Session

FEATURES = ["age", "fee", "plan", "paid", "note", "since"]


def background(task: str = "binary", count: int = 8) -> bytes:
    out = io.BytesIO()
    rows(count, task, seed=9)[FEATURES].to_parquet(out)
    return out.getvalue()


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_all_reasons_add_up_to_the_prediction(session: Session, tmp_path: Path, task: str) -> None:
    model, frame = (
        bundle(session, tmp_path / "b", task, background=background(task)),
        rows(12, task, seed=4),
    )
    found = session.pandas(predict(model, session.frame(frame), session, explain=6))
    effects = found[[f"reason_{n}_effect" for n in range(1, 7)]].fillna(0).sum(axis=1)
    usual = model.predict(rows(8, task, seed=9))
    if task == "multiclass":
        said = [(f"score_{label}", at) for at, label in enumerate(found["prediction"])]
        moved = [found[name][at] - usual[name].mean() for name, at in said]
    else:
        name = "score" if task == "binary" else "prediction"
        moved = (found[name] - usual[name].mean()).tolist()
    assert effects.tolist() == pytest.approx(moved, abs=1e-9)


def test_the_words_say_the_column_its_value_and_its_effect(
    session: Session, tmp_path: Path
) -> None:
    model, frame = bundle(session, tmp_path / "b", background=background()), rows(30, seed=5)
    frame["plan"] = "pro"
    found = session.pandas(predict(model, session.frame(frame), session, explain=2))
    assert list(found)[3:] == [
        f"reason_{number}{end}" for number in (1, 2) for end in ("", "_column", "_effect")
    ]
    pro = found[found["reason_1_column"] == "plan"]
    assert len(pro)
    effect = pro["reason_1_effect"].iloc[0]
    assert pro["reason_1"].iloc[0] == f"plan=pro ({effect:+.2g})"
    assert effect > 0  # pro makes the target likelier
    first, second = (found[f"reason_{n}_effect"].abs().fillna(0) for n in (1, 2))
    assert (first >= second).all()
    assert found["reason_1_column"].isin(["fee", "plan"]).mean() > 0.9


def test_a_row_has_the_same_reasons_whatever_is_beside_it(session: Session, tmp_path: Path) -> None:
    model, frame = bundle(session, tmp_path / "b", background=background()), rows(20, seed=6)
    whole = session.pandas(predict(model, session.frame(frame), session, explain=3))
    small = session.pandas(predict(model, session.frame(frame), session, explain=3, batch=7))
    last = frame.iloc[[-1]].assign(_row=0)
    alone = session.pandas(predict(model, session.frame(last), session, explain=3))
    for other, rows_ in ((small, whole), (alone, whole.iloc[[-1]])):
        for name in [each for each in whole if str(each).endswith("column")]:
            assert other[name].tolist() == rows_[name].tolist()
        assert other["reason_1_effect"].tolist() == pytest.approx(
            rows_["reason_1_effect"].tolist(), rel=1e-9
        )


def test_out_of_scope_there_are_no_reasons(session: Session, tmp_path: Path) -> None:
    model, frame = bundle(session, tmp_path / "b", background=background()), rows(9)
    frame["_scope"] = frame["_row"] % 2 > 0
    found = session.pandas(predict(model, session.frame(frame), session, explain=1))
    assert found["reason_1"].notna().tolist() == frame["_scope"].tolist()
    empty = session.frame(frame.iloc[:0])
    none = session.pandas(predict(model, empty, session, explain=1))
    assert len(none) == 0
    assert "reason_1_effect" in none


def test_values_of_sensitive_columns_are_not_shown(session: Session, tmp_path: Path) -> None:
    columns = Columns.read({"target": {"name": "target"}, "sensitive": ["plan"], "ignore": ["f*"]})
    model = bundle(session, tmp_path / "b", background=background(), columns=columns)
    found = session.pandas(predict(model, session.frame(rows(40)), session, explain=4))
    words = found[[f"reason_{n}" for n in range(1, 5)]].stack()
    assert words.str.startswith("plan (").any()
    assert words.str.startswith("fee (").any()
    assert not words.str.contains("plan=|fee=|fee missing").any()
    assert words.str.contains("age=").any()


def test_without_rows_to_compare_with_it_is_refused(session: Session, tmp_path: Path) -> None:
    model = bundle(session, tmp_path / "b")
    with pytest.raises(StoreError) as caught:
        predict(model, session.frame(rows(5)), session, explain=3)
    (problem,) = caught.value.problems
    assert "keeps no rows to compare with" in problem.message
    assert "bundle: {background: 50}" in problem.hint


def test_without_reasons_nothing_changes(session: Session, tmp_path: Path) -> None:
    model, frame = bundle(session, tmp_path / "b", background=background()), rows(7)
    found: Any = session.pandas(predict(model, session.frame(frame), session))
    assert list(found) == ["_row", "prediction", "score"]
    assert np.isfinite(found["score"]).all()
