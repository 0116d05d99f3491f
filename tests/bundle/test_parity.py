"""A graph is kept only where it says what the model says; else the report says why not."""

from __future__ import annotations

import builtins
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.bundle.bundle import Bundle
from mlpipe.bundle.calibration import learn
from mlpipe.bundle.onnx import parity as module
from mlpipe.bundle.onnx.parity import beside, unusual
from mlpipe.bundle.onnx.session import require_extra
from mlpipe.bundle.spec import Bundle as Spec
from mlpipe.errors import SpecError, StoreError
from tests.bundle.samples import fitted
from tests.bundle.test_bundle import made as bundled
from tests.train.samples import INPUTS, rows

if TYPE_CHECKING:
    from pathlib import Path

    from mlpipe.bundle.model import Model
    from mlpipe.table.session import Session

NAMES = ["age", "fee", "plan", "paid"]
FACTS: dict[str, Any] = {
    "model": {"name": "m", "type": "a model"},
    "classes": ["no", "yes"],
    "inputs": [
        {"name": name, "type": INPUTS[name][1], "nullable": name == "fee"} for name in NAMES
    ],
}


def report(model: Model, threshold: float | None = 0.5, **more: Any) -> Any:
    frame = rows(task=model.task)[NAMES]
    given = {"threshold": threshold, "tolerance": 1e-6, "part": "valid", **more}
    return beside(model, FACTS, frame, rows(150, model.task, seed=4)[NAMES], **given)


@pytest.mark.parametrize(
    ("word", "task"),
    [
        ("logistic_regression", "binary"),
        ("hist_gradient_boosting", "binary"),
        ("hist_gradient_boosting", "multiclass"),
        ("ridge", "regression"),
        ("random_forest", "regression"),
    ],
)
def test_a_graph_that_says_the_same_is_kept(word: str, task: str) -> None:
    facts = {**FACTS, "classes": ["high", "low", "mid"]} if task == "multiclass" else FACTS
    model = fitted(word, task)
    frame, held_out = rows(task=task)[NAMES], rows(150, task, seed=4)[NAMES]
    data, found = beside(model, facts, frame, held_out, threshold=None, tolerance=1e-6, part="test")
    assert data is not None
    assert (found["kept"], found["why"], found["flipped"]) == (True, "", 0)
    assert (found["rows"], found["unusual"], found["part"]) == (150, 150, "test")
    assert found["largest_difference"] < 1e-12
    assert [each["name"] for each in found["inputs"]] == [*NAMES[:2], "paid", "plan"]
    json.dumps(found, allow_nan=False)


def test_scores_that_differ_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    right = module.raw_scores
    monkeypatch.setattr(module, "raw_scores", lambda *given: right(*given) + 1e-4)
    data, found = report(fitted("logistic_regression", "binary"))
    assert data is None
    assert found["kept"] is False
    assert found["why"] == "scores differ by up to 0.0001, more than 1e-06"
    data, found = report(fitted("logistic_regression", "binary"), tolerance=1e-3)
    assert data is not None
    assert found["largest_difference"] == pytest.approx(1e-4)


def test_one_flipped_label_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted("logistic_regression", "binary")
    frame = rows(150, seed=4)[NAMES]
    at = float(np.sort(model.scores(frame))[70])
    right = module.raw_scores
    monkeypatch.setattr(module, "raw_scores", lambda *given: right(*given) - 1e-9)
    data, found = report(model, threshold=at)
    assert data is None
    assert found["flipped"] == 1
    assert found["why"].startswith("1 label differs")
    assert report(model, threshold=at - 1e-3)[1]["kept"]


def test_what_is_undefined_on_one_side_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    right = module.raw_scores

    def torn(*given: Any) -> Any:
        scores = right(*given).copy()
        scores[3] = np.nan
        return scores

    monkeypatch.setattr(module, "raw_scores", torn)
    data, found = report(fitted("ridge", "regression"), None)
    assert data is None
    assert found["why"] == "1 row has no score in one of the two"


def test_what_cannot_be_converted_says_so() -> None:
    data, found = report(fitted("dummy", "binary"))
    assert data is None
    assert found["kept"] is False
    assert found["why"].startswith("DummyClassifier has no converter that works")
    assert "inputs" not in found


def test_calibration_stays_with_the_bundle() -> None:
    model = fitted("hist_gradient_boosting", "binary")
    frame = rows()
    curves = learn("isotonic", model.scores(frame), (frame["target"] == "yes").to_numpy() * 1)
    data, found = report(replace(model, curves=curves))
    assert data is not None
    assert found["calibration"] == "after the graph, by the bundle"
    assert report(model)[1]["calibration"] is None


def test_unusual_rows_have_what_held_out_rows_may_lack() -> None:
    frame = rows(100)[NAMES].fillna(1.0)
    odd = unusual(frame, FACTS["inputs"])
    changed = (odd.astype(object) != frame.astype(object)) | odd.isna()
    assert changed.sum(axis=1).tolist() == [1] * 100
    assert odd["fee"].isna().sum() == 50
    assert (~odd["plan"].isin(["basic", "plus", "pro"])).sum() == 50
    assert frame["fee"].notna().all()


def test_rows_that_the_model_refuses_are_not_made() -> None:
    """A level that the encoder refuses cannot be compared: so it is not convertible either."""
    block = {"columns": ["plan"], "steps": [{"one_hot": {"unknown": "error"}}]}
    data, found = report(fitted("logistic_regression", "binary", block))
    assert data is None
    assert "refuses new levels" in found["why"]


def kept(session: Session, folder: Path) -> Bundle:
    first = Bundle.load(bundled(session, folder / "plain"))
    frame = rows()[[each["name"] for each in first.inputs]]
    facts = {**first.about, "inputs": first.inputs}
    graph, found = beside(
        first.model, facts, frame, frame, threshold=0.5, tolerance=1e-6, part="valid"
    )
    return Bundle.load(bundled(session, folder / "both", onnx=graph, parity=found))


def test_a_bundle_predicts_by_its_graph(session: Session, tmp_path: Path) -> None:
    bundle = kept(session, tmp_path)
    assert bundle.onnx == tmp_path / "both" / "model.onnx"
    assert bundle.parity is not None
    frame = rows(80, seed=6).drop(columns=["target"])
    frame.loc[2, "plan"] = "new"
    ours, theirs = bundle.predict(frame), bundle.predict(frame, engine="onnx")
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=bundle.parity["tolerance"])
    assert bundle.predict(frame.head(0), engine="onnx").empty


def test_a_changed_graph_is_refused(session: Session, tmp_path: Path) -> None:
    path = kept(session, tmp_path).path / "model.onnx"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(StoreError, match="not what the bundle says"):
        Bundle.load(path.parent)


def test_a_bundle_without_a_graph_says_why(session: Session, tmp_path: Path) -> None:
    bundle = Bundle.load(bundled(session, tmp_path / "one"))
    assert (bundle.onnx, bundle.parity) == (None, None)
    with pytest.raises(StoreError, match="no ONNX graph: it was not asked for"):
        bundle.predict(rows(3), engine="onnx")
    why = {"kept": False, "why": "no converter"}
    bundle = Bundle.load(bundled(session, tmp_path / "two", parity=why))
    assert bundle.onnx is None
    with pytest.raises(StoreError, match="no ONNX graph: no converter"):
        bundle.predict(rows(3), engine="onnx")


def test_the_extra_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    require_extra()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SpecError) as caught:
        require_extra()
    (problem,) = caught.value.problems
    assert problem.hint == "pip install 'mlpipe[onnx]'"
    assert problem.key == "bundle.onnx"
    assert "\n" not in problem.message


def test_the_core_needs_no_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle with a graph predicts where the extra is not installed."""
    real = builtins.__import__

    def barred(name: str, *given: Any) -> Any:
        if name.partition(".")[0] in ("onnx", "skl2onnx", "onnxruntime"):
            raise ImportError(name)
        return real(name, *given)

    monkeypatch.setattr(builtins, "__import__", barred)
    assert len(fitted("logistic_regression", "binary").scores(rows())) == 240


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [(False, None), (True, 1e-6), ({"tolerance": 0.001}, 0.001), ({"rows": 10}, 1e-6)],
)
def test_the_section(written: Any, tolerance: float | None) -> None:
    asked = Spec.read({"onnx": written}).asked_onnx()
    assert (asked.tolerance if asked else None) == tolerance


@pytest.mark.parametrize("written", [{"tolerance": 0.0}, {"rows": 0}, {"other": 1}, "yes", 1])
def test_a_wrong_section(written: Any) -> None:
    with pytest.raises(ValueError, match="onnx"):
        Spec.read({"onnx": written})
