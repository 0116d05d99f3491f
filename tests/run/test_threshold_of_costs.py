"""The threshold that money chooses: from rows that are not the test part, whatever it holds."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.project import mlpipe, write_project

CREDIT = """\
  business: {credit: {matrix: {"yes": {"no": -5}, "no": {"yes": -1}}, currency: DM}}
  metrics: [roc_auc]"""


@pytest.fixture
def credit(tmp_path: Path) -> Path:
    write_project(tmp_path)
    spec = (tmp_path / "mlpipe.yaml").read_text()
    spec = spec.replace("  folds: 3", "  folds: 3\n  decide: {maximize: credit}")
    spec = spec.replace("  metrics: [roc_auc, accuracy]", CREDIT)
    (tmp_path / "mlpipe.yaml").write_text(spec.replace("  gates:\n", "").rsplit("    - ", 1)[0])
    return tmp_path


def run(folder: Path) -> dict[str, Path]:
    document = json.loads(mlpipe(folder, "run", "--json").stdout)
    assert document["exit_code"] == 0, document
    return {step["step"]: folder / step["path"] for step in document["steps"]}


def lie(folder: Path, rows: "pd.Series[int]") -> None:
    """Turn the labels of some rows round."""
    table = pd.read_csv(folder / "data.csv", dtype=str)
    table.loc[rows, "left"] = table.loc[rows, "left"].map({"yes": "no", "no": "yes"})
    table.to_csv(folder / "data.csv", index=False)


@pytest.mark.slow
def test_the_labels_of_the_test_part_do_not_move_it(credit: Path) -> None:
    first = run(credit)
    before = json.loads((first["bundle"] / "decision.json").read_text())
    assert before["learned_on"] == "train, out of fold"
    assert before["threshold"] < 0.5
    parts = pd.read_parquet(first["split"] / "parts.parquet")["part"]
    lie(credit, parts.index[parts == "test"])
    second = run(credit)
    assert (pd.read_parquet(second["split"] / "parts.parquet")["part"] == parts).all()
    assert json.loads((second["bundle"] / "decision.json").read_text()) == before
    one, other = (
        json.loads((paths["evaluate"] / "report.json").read_text())["business"][0]["total"]["value"]
        for paths in (first, second)
    )
    assert other < one  # the test part is another one, and only the report says so


@pytest.mark.slow
def test_the_labels_of_train_do(credit: Path) -> None:
    first = run(credit)
    parts = pd.read_parquet(first["split"] / "parts.parquet")["part"]
    lie(credit, parts.index[parts == "train"][::3])
    second = run(credit)
    one, other = (
        json.loads((paths["bundle"] / "decision.json").read_text())["threshold"]
        for paths in (first, second)
    )
    assert one != other
