from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from mlpipe.bundle.model import Model
from mlpipe.errors import ComputeError, DataError, SpecError, StoreError
from mlpipe.table.columns import Columns
from mlpipe.train.rows import read_rows
from tests.train.samples import CLASSES, COLUMNS, NUMBERS, learn, parts, plan, rows, teaching

if TYPE_CHECKING:
    from mlpipe.table.session import Session

PAIR = {
    "models": {
        "linear": "logistic_regression",
        "boosted": {"type": "hist_gradient_boosting", "max_iter": 8},
    }
}
RAW_NUMBERS = ({"columns": ["age", "fee"], "steps": [{"scale": {}}]},)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_outputs_are_aligned_and_json(session: Session, task: str) -> None:
    frame = rows(task=task)
    found = learn(session, frame, task=task)
    names = {
        "binary": ["score"],
        "multiclass": ["score_high", "score_low", "score_mid"],
        "regression": ["prediction"],
    }[task]
    assert list(found["out_of_fold"]) == ["_row", "truth", *names]
    assert found["out_of_fold"]["_row"].tolist() == list(range(160))
    assert found["valid"]["_row"].tolist() == list(range(160, 200))
    for name in ("report", "candidates", "model"):
        json.dumps(found[name], allow_nan=False)
    if task == "multiclass":
        assert np.allclose(found["valid"][names].sum(axis=1), 1)
        truth = found["valid"]["truth"].map(dict(enumerate(["high", "low", "mid"])))
        assert truth.tolist() == frame["target"][160:200].tolist()
    if task == "regression":
        assert found["valid"]["truth"].tolist() == frame["target"][160:200].tolist()


def test_no_row_is_scored_by_a_model_that_saw_it(session: Session) -> None:
    """A target of pure noise cannot be told, however well a forest learns it by heart."""
    frame = rows(400)
    frame["target"] = np.random.default_rng(1).choice(["no", "yes"], 400)
    forest = {"type": "random_forest", "min_samples_leaf": 1, "n_estimators": 30}
    spec = {"models": {"forest": forest}}
    found = learn(session, frame, spec)
    for part in ("out_of_fold", "valid"):
        assert roc_auc_score(found[part]["truth"], found[part]["score"]) < 0.68
    final = Model.loads(found["model.skops"])
    on = frame[:360]
    assert roc_auc_score(on["target"] == "yes", final.scores(on)) > 0.99
    assert any(
        "no better than the naive baseline" in each for each in found["report"]["warnings"]
    ) == (found["report"]["score"] <= 0.5)


@pytest.mark.parametrize("shuffled", [False, True])
def test_files_are_read_row_by_row_where_their_rows_are_the_same(
    session: Session, shuffled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of a table in memory are matched, and so are those of a file in another order."""
    frame, split = rows(), parts(240)
    features, folds = plan({"linear": "linear"}), ("crossed", 3)
    in_memory = read_rows(
        "binary",
        COLUMNS,
        features,
        session.frame(frame),
        session.frame(split),
        session,
        folds=folds,
    )
    files = []
    for name, each in (("table", frame), ("parts", split)):
        path = session.path(name)
        (each[::-1] if shuffled and name == "table" else each).to_parquet(path, index=False)
        files.append(session.read(path))
    if not shuffled:
        monkeypatch.setattr("ibis.expr.types.Table.inner_join", None)
    from_files = read_rows("binary", COLUMNS, features, *files, session, folds=folds)
    np.testing.assert_array_equal(from_files.positions, in_memory.positions)
    np.testing.assert_array_equal(from_files.data.y, in_memory.data.y)
    pd.testing.assert_frame_equal(from_files.data.frame, in_memory.data.frame, check_exact=True)


def test_test_rows_change_nothing(session: Session) -> None:
    frame = rows()
    other = frame.copy()
    other.loc[200:, "fee"] = 1e6
    other.loc[200:, "target"] = "yes"
    one, two = learn(session, frame, PAIR), learn(session, other, PAIR)
    assert one["model.skops"] == two["model.skops"]
    assert one["report"] == two["report"]


def test_processes_and_repetition_change_no_byte(session: Session) -> None:
    one, two = (learn(session, rows(), PAIR, jobs=jobs) for jobs in (1, 2))
    assert one["model.skops"] == two["model.skops"]
    assert one["candidates"] == two["candidates"]
    pd.testing.assert_frame_equal(one["out_of_fold"], two["out_of_fold"], check_exact=True)


def test_the_seed_matters(session: Session) -> None:
    spec = {"models": {"forest": {"type": "random_forest", "n_estimators": 5}}}
    one, two = (learn(session, rows(), spec, seed=seed) for seed in (1, 2))
    assert one["model.skops"] != two["model.skops"]


def test_fold_scores_are_those_of_the_metric(session: Session) -> None:
    found = learn(session, rows(), {**PAIR, "select": "roc_auc"})
    entry = next(e for e in found["candidates"]["models"] if e["name"] == found["report"]["chosen"])
    oof = found["out_of_fold"]
    for fold in entry["folds"]:
        of = oof[oof["_row"] % 3 == fold["fold"] - 1]
        assert fold["rows"] == len(of)
        assert fold["value"] == pytest.approx(roc_auc_score(of["truth"], of["score"]), abs=1e-12)
    assert entry["mean"] == pytest.approx(np.mean([fold["value"] for fold in entry["folds"]]))
    assert found["report"]["score"] == entry["mean"]
    assert found["candidates"]["baseline"]["mean"] == 0.5


@pytest.mark.parametrize(("select", "wanted"), [("roc_auc", max), ("log_loss", min), ("f1", max)])
def test_the_best_is_chosen_by_the_side_of_the_metric(
    session: Session, select: str, wanted: Any
) -> None:
    models = {"dummy": "dummy", **PAIR["models"]}
    found = learn(session, rows(), {"models": models, "select": select})["candidates"]
    means = {e["name"]: e["mean"] for e in found["models"] if e["mean"] is not None}
    assert means[found["chosen"]] == wanted(means.values())
    assert found["chosen"] != "dummy"


def test_valid_is_scored_by_a_model_of_train_alone(session: Session) -> None:
    frame = rows()
    both = learn(session, frame)
    alone = learn(session, frame, {"models": {"linear": "logistic_regression"}, "refit": False})
    assert both["report"]["fitted_on"] == {"parts": ["train", "valid"], "rows": 200}
    assert alone["report"]["fitted_on"] == {"parts": ["train"], "rows": 160}
    assert both["model.skops"] != alone["model.skops"]
    valid = frame[160:200]
    by_train = Model.loads(alone["model.skops"]).scores(valid)
    assert both["valid"]["score"].tolist() == by_train.tolist() == alone["valid"]["score"].tolist()
    assert Model.loads(both["model.skops"]).scores(valid).tolist() != by_train.tolist()
    said = both["report"]["valid"]
    assert said["value"] == pytest.approx(roc_auc_score(valid["target"] == "yes", by_train))
    assert said["scored_by"] == "a model fitted on train alone"


def test_without_folds_valid_compares(session: Session) -> None:
    found = learn(session, rows(), {**PAIR, "folds": 0}, folds=0)
    assert len(found["out_of_fold"]) == 0
    assert list(found["out_of_fold"]) == ["_row", "truth", "score"]
    assert len(found["valid"]) == 40
    assert "on valid" in found["report"]["why"]
    assert "these very rows" in found["report"]["valid"]["scored_by"]
    with pytest.raises(DataError, match="nothing to compare"):
        learn(session, rows(), {"folds": 0}, split=parts(240, 0, valid=0), folds=0)


def test_expanding_folds_never_score_the_first_block(session: Session) -> None:
    split = parts(240, valid=0)
    split["fold"] = np.where(split["part"] == "train", split["_row"] // 50, -1)
    split = teaching(split)
    found = learn(session, rows(), split=split, folds=3, kind="expanding")
    assert found["out_of_fold"]["_row"].tolist() == list(range(50, 200))
    assert found["report"]["valid"] is None
    assert len(found["valid"]) == 0


@pytest.mark.parametrize("method", ["isotonic", "sigmoid"])
def test_calibration_learns_from_other_folds(session: Session, method: str) -> None:
    """Balanced class weights distort probabilities; calibration brings them back."""
    frame = rows(1500)
    frame["target"] = np.where(np.random.default_rng(3).random(1500) < 0.7, "no", frame["target"])
    model = {"models": {"linear": {"type": "logistic_regression", "class_weight": "balanced"}}}
    split = parts(1500, valid=300, test=100)
    crooked = learn(session, frame, model, split=split)
    straight = learn(session, frame, {**model, "calibrate": method}, split=split)
    for part in ("out_of_fold", "valid"):
        rate = crooked[part]["truth"].mean()
        assert abs(crooked[part]["score"].mean() - rate) > 0.1
        assert abs(straight[part]["score"].mean() - rate) < 0.06
    assert straight["report"]["calibrated"] == method
    final = Model.loads(straight["model.skops"])
    assert len(final.curves) == 1
    assert final.scores(frame).max() <= 1


def test_many_classes_calibrated_still_add_up(session: Session) -> None:
    frame = rows(task="multiclass")
    found = learn(session, frame, {"calibrate": "isotonic", "models": PAIR["models"]}, "multiclass")
    model = Model.loads(found["model.skops"])
    assert len(model.curves) == 3
    assert np.allclose(model.scores(frame).sum(axis=1), 1)


def test_weights_count(session: Session) -> None:
    """Weight 2 is the row twice, in fit and in metric; the ridge on the same folds shows it."""
    frame = rows(task="regression")
    frame["w"] = np.where(frame["_row"] % 5 == 0, 2.0, 1.0)
    columns = Columns.read({"target": "target", "weight": "w"})
    spec = {"models": {"r": "linear_regression"}, "select": "mae"}
    blocks = ({"columns": ["age", "paid"], "steps": [{"keep": {}}]},)
    heavy = learn(session, frame, spec, "regression", columns, blocks)
    twice = pd.concat([frame, frame[frame["w"] == 2]], ignore_index=True).assign(
        _row=lambda f: range(len(f))
    )
    split = parts(240).set_index("_row")
    again = split.loc[[*range(240), *frame["_row"][frame["w"] == 2]]].reset_index(drop=True)
    again.insert(0, "_row", range(len(again)))
    plain = learn(session, twice, spec, "regression", COLUMNS, blocks, split=again)
    assert heavy["report"]["score"] == pytest.approx(plain["report"]["score"], rel=1e-9)
    assert "weight" in heavy["out_of_fold"]
    assert "weight" not in plain["out_of_fold"]


def test_importance_finds_what_the_target_is_made_of(session: Session) -> None:
    found = learn(session, rows(800), split=parts(800, valid=200), spec=PAIR)["report"]
    assert {each["column"] for each in found["importance"][:2]} == {"fee", "plan"}
    assert found["importance_on"] == "valid"
    assert {each["column"] for each in found["importance"]} == {"age", "fee", "plan", "paid"}


def test_no_convergence_is_a_warning(session: Session) -> None:
    spec = {"models": {"linear": {"type": "logistic_regression", "max_iter": 1}}}
    found = learn(session, rows(), spec)
    assert found["report"]["warnings"] == [
        "linear: did not converge: raise max_iter, or scale the features (5 of 5 fits)"
    ]


def test_a_sound_model_warns_of_nothing(session: Session) -> None:
    assert learn(session, rows(), PAIR)["report"]["warnings"] == []


def test_nulls_into_a_model_that_takes_none(session: Session) -> None:
    with pytest.raises(SpecError) as caught:
        learn(session, rows(), blocks=RAW_NUMBERS)
    (problem,) = caught.value.problems
    assert "takes no nulls" in problem.message
    assert problem.message.endswith(": fee")
    assert problem.key == "train.models.linear"
    assert "impute" in problem.hint
    boosted = {"models": {"b": {"type": "hist_gradient_boosting", "max_iter": 5}}}
    assert learn(session, rows(), boosted, blocks=RAW_NUMBERS)["report"]["chosen"] == "b"


@pytest.mark.parametrize("jobs", [1, 2])
def test_errors_of_fits_keep_their_hint(session: Session, jobs: int) -> None:
    with pytest.raises(SpecError, match="takes no nulls") as caught:
        learn(session, rows(), blocks=RAW_NUMBERS, jobs=jobs)
    assert caught.value.problems[0].hint


def test_a_model_that_cannot_be_fitted_is_named(session: Session) -> None:
    spec = {
        "models": {"knn": {"type": "sklearn.neighbors.KNeighborsClassifier", "n_neighbors": 500}}
    }
    with pytest.raises(ComputeError, match=r"knn cannot score rows .*n_neighbors = 500"):
        learn(session, rows(), spec)


def test_a_dotted_path_to_a_model(session: Session) -> None:
    spec = {"models": {"knn": {"type": "sklearn.neighbors.KNeighborsClassifier", "n_neighbors": 9}}}
    found = learn(session, rows(), spec)
    assert found["model"]["model"]["type"] == "sklearn.neighbors.KNeighborsClassifier"
    assert found["report"]["score"] > 0.75
    with pytest.raises(StoreError, match="KDTree"):
        Model.loads(found["model.skops"])
    assert len(Model.loads(found["model.skops"], trust=["sklearn"]).scores(rows())) == 240


def test_a_transformer_that_plain_data_cannot_hold(session: Session) -> None:
    near = {"type": "sklearn.neighbors.KNeighborsTransformer", "algorithm": "kd_tree"}
    block = {"columns": ["age", "fee"], "steps": [{"impute": {}}, {"transform": near}]}
    with pytest.raises(ComputeError, match=r"without pickle: .*; .*KDTree\n") as caught:
        learn(session, rows(), blocks=(block,))
    assert "`transform`" in caught.value.problems[0].hint


def test_without_probabilities_calibration_makes_them(session: Session) -> None:
    models = {"models": {"svm": {"type": "sklearn.svm.LinearSVC"}}}
    with pytest.raises(SpecError, match="no probabilities") as caught:
        learn(session, rows(), models)
    assert "calibrate: sigmoid" in caught.value.problems[0].hint
    found = learn(session, rows(), {**models, "calibrate": "sigmoid"})
    scores = Model.loads(found["model.skops"]).scores(rows())
    assert 0 <= scores.min() < 0.2 < 0.8 < scores.max() <= 1


def test_weights_into_a_model_that_takes_none(session: Session) -> None:
    columns = Columns.read({"target": "target", "weight": "age"})
    spec = {"models": {"knn": "sklearn.neighbors.KNeighborsClassifier"}}
    with pytest.raises(SpecError, match="takes no row weights"):
        learn(session, rows(), spec, columns=columns)


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_bad_weights(session: Session, bad: float) -> None:
    frame = rows().assign(w=1.0)
    frame.loc[4, "w"] = bad
    with pytest.raises(DataError, match=r"rows 4\)"):
        learn(session, frame, columns=Columns.read({"target": "target", "weight": "w"}))


def test_folds_of_one_class(session: Session) -> None:
    frame = rows().sort_values("target", ignore_index=True).assign(_row=range(240))
    split = parts(240, valid=0)
    split["fold"] = np.where(split["part"] == "train", split["_row"] // 100, -1)
    split = teaching(split)
    with pytest.raises(DataError, match="one class only"):
        learn(session, frame, split=split, folds=1, kind="expanding")


def test_progress_counts_every_fit(session: Session) -> None:
    told: list[tuple[int, int, str]] = []
    learn(session, rows(), PAIR, on_progress=lambda *each: told.append(each))
    assert [done for done, _, _ in told] == list(range(1, 9))
    assert {total for _, total, _ in told} == {8}
    assert told[0][2] == "linear, fold 1 of 3"
    assert told[-1][2].endswith("on train and valid")


@pytest.mark.parametrize("valid", [40, 0])
def test_a_sole_candidate_is_fitted_beside_its_folds_as_among_others(
    session: Session, valid: int
) -> None:
    told: list[tuple[int, int, str]] = []
    split = parts(240, valid=valid)
    sole, beside = (
        learn(
            session,
            rows(),
            {"models": models, "select": "roc_auc", "calibrate": "sigmoid"},
            split=split,
            jobs=2,
            on_progress=lambda *each: told.append(each),
        )
        for models in (
            {"linear": "logistic_regression"},
            {"linear": "logistic_regression", "dummy": "dummy"},
        )
    )
    assert sole["model.skops"] == beside["model.skops"]
    assert sole["model"] == beside["model"]
    for name in ("out_of_fold", "valid"):
        pd.testing.assert_frame_equal(sole[name], beside[name], check_exact=True)
    finals = 2 if valid else 1
    assert [each[:2] for each in told[: 3 + finals]] == [
        (done, 3 + finals) for done in range(1, 4 + finals)
    ]


def test_a_sole_candidate_that_cannot_be_fitted_is_told_of_its_folds(session: Session) -> None:
    frame = rows()
    frame.loc[frame.index % 7 == 0, "fee"] = np.nan
    with pytest.raises(SpecError, match="takes no nulls"):
        learn(session, frame, blocks=RAW_NUMBERS, jobs=2)


def test_facts_for_the_bundle(session: Session) -> None:
    facts = learn(session, rows())["model"]
    assert facts["classes"] == ["no", "yes"]
    assert facts["positive"] == "yes"
    assert facts["features"] == ["age", "fee", "paid", "plan__basic", "plan__plus", "plan__pro"]
    assert facts["lineage"]["plan__pro"] == ["plan"]
    assert {each["name"]: each["nullable"] for each in facts["inputs"]} == {
        "age": False,
        "fee": True,
        "plan": False,
        "paid": False,
    }
    assert facts["trained_on"] == {"parts": ["train", "valid"], "rows": 200}


def test_the_input_stays(session: Session) -> None:
    frame = rows()
    before = frame.copy(deep=True)
    learn(session, frame, blocks=(NUMBERS,))
    pd.testing.assert_frame_equal(frame, before)


def test_nulls_in_a_sparse_matrix(session: Session) -> None:
    """Many levels make it sparse; the gap in fee is one cell among zeros."""
    frame = rows()
    frame["plan"] = [f"level {row % 60}" for row in frame["_row"]]
    with pytest.raises(SpecError, match=r": fee\n"):
        learn(session, frame, blocks=({"columns": ["fee"], "steps": [{"keep": {}}]}, CLASSES))


def test_a_killed_process_is_named(session: Session) -> None:
    with pytest.raises(ComputeError, match="was killed") as caught:
        learn(session, rows(), {"models": {"k": "tests.train.killer.Killer"}}, jobs=2)
    assert "memory" in caught.value.problems[0].hint
