"""docs/business.md cannot drift: its examples parse, its recipes run and say what it says."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlpipe.evaluate.spec import Evaluate
from mlpipe.train.spec import Train
from tests.project import mlpipe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "business.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
RECIPES = {block.split("\n")[0][2:]: block for block in BLOCKS if block.startswith("# ")}
LINES = [line for block in BLOCKS if not block.startswith("# ") for line in block.splitlines()]
READERS = {"train": Train, "evaluate": Evaluate}


@pytest.mark.parametrize("line", LINES)
def test_each_example_parses(line: str) -> None:
    ((name, section),) = yaml.safe_load(line).items()
    assert READERS[name].read(section).model_fields_set


def test_every_kind_has_an_example() -> None:
    read = [yaml.safe_load(line).get("evaluate") for line in LINES]
    kinds = {
        each.kind for section in read if section
        for each in Evaluate.read(section).business.values()
    }  # fmt: skip
    assert kinds == {"value", "top", "matrix", "cost", "feedback"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    shutil.copytree(ROOT / "sample_data" / "churn", folder / "sample_data" / "churn")
    for name, recipe in RECIPES.items():
        (folder / name).write_text(recipe, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> tuple[dict[str, Any], dict[str, Any]]:
    document = json.loads(mlpipe(folder, "run", "--json", *arguments).stdout)
    assert document["exit_code"] == 0, document
    paths = {step["step"]: folder / step["path"] for step in document["steps"]}
    return document, json.loads((paths["evaluate"] / "report.json").read_text())


@pytest.mark.slow
def test_revenue_impact(folder: Path) -> None:
    document, report = run(folder, "revenue.yaml")
    revenue = report["business"][0]
    assert [policy["name"] for policy in revenue["policies"]] == ["act on all", "act on none"]
    assert revenue["total"]["value"] > 0
    assert revenue["uplift"]["low"] > 0
    (listed,) = re.findall(r"each metric and part: (.*?), each with", PAGE, flags=re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) | {"policies", "curve"} <= set(revenue)
    assert any(
        "EUR a 1,000 predictions" in line for line in document["answer"]["business"]["lines"]
    )


@pytest.mark.slow
def test_user_satisfaction_is_what_the_sample_holds(folder: Path) -> None:
    document, report = run(folder, "satisfaction.yaml")
    assert {s["step"]: s["status"] for s in document["steps"]}["train"] == "reused"
    told = json.loads((ROOT / "sample_data" / "truth.json").read_text())["churn"]["survey"]
    nps = next(each for each in report["feedback"] if each["name"] == "nps")
    assert nps["answered"] == told["customers_who_answered"]
    assert round(nps["value"], 2) == told["nps"]
    read = nps["read"]
    assert (read["repeated"], read["unmatched"], read["without_answer"]) == (
        told["earlier_answers"], told["of_nobody"], told["without_answer"]
    )  # fmt: skip
    acted, alone = (group for group in nps["groups"] if group["by"] == "decision")
    assert acted["value"] < alone["value"]  # whoever leaves likes the company less


@pytest.mark.slow
def test_german_credit_costs_move_the_threshold_to_where_it_pays(folder: Path) -> None:
    credit = ("-S", "evaluate.business={credit: {value: {fp: -1, fn: -5}, currency: DM}}",
              "-S", "evaluate.gates=[]")  # fmt: skip
    _, chosen = run(folder, "revenue.yaml", *credit, "-S", "train.decide={maximize: credit}")
    document, half = run(folder, "revenue.yaml", *credit, "-S", "train.decide={threshold: 0.5}")
    assert {s["step"]: s["status"] for s in document["steps"]}["train"] == "reused"
    assert 0.08 < chosen["threshold"] < 0.35  # 1 / (1 + 5) of good probabilities
    for cheap, dear in zip(chosen["business"], half["business"], strict=True):
        assert cheap["part"] == dear["part"]
        assert cheap["total"]["value"] > dear["total"]["value"]
    # At .5 hardly anybody is acted on, and acting on none is beaten for sure.
    assert half["business"][0]["total"]["value"] == half["business"][0]["act_on_none"]
    assert chosen["business"][0]["uplift"]["low"] > 0
