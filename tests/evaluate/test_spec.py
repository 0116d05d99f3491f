from typing import Any

import pytest
from pydantic import ValidationError

from mlpipe.evaluate.spec import Evaluate, Fairness, Gate


def test_the_section_of_the_design_reads() -> None:
    profit = {"value": {"tp": "0.3 * fee * 12 - 5", "fp": -5}, "currency": "EUR"}
    found = Evaluate.read(
        {
            "metrics": ["roc_auc", "f1"],
            "business": {"profit": profit},
            "fairness": {"metrics": ["demographic_parity_difference"]},
            "slices": ["plan", ["region", "plan"]],
            "gates": [
                {"metric": "roc_auc", "min": 0.75},
                {"metric": "average_precision", "versus": "champion", "margin": 0.01},
                {"metric": "average_precision", "versus": "baseline", "gain": 0.1},
                {"metric": "demographic_parity_difference", "across": "gender", "max": 0.1},
                {"metric": "profit", "min": 0, "slice": {"plan": "pro"}},
                {"metric": "bias", "min": -1, "max": 1},
            ],
        }
    )
    assert found.slice_columns == (("plan",), ("region", "plan"))
    assert found.gates[3].groups == ("gender",)
    assert found.gates[4].slice_value == {"plan": "pro"}
    assert found.gates[4].slice_columns == ("plan",)
    assert found.gates[0].slice_columns == ()
    assert Evaluate.model_validate(found.model_dump(by_alias=True)) == found


def test_one_column_or_several_compare_groups() -> None:
    assert Fairness.read({"across": "gender"}).columns == ("gender",)
    assert Fairness.read({"across": ["a", "b"]}).columns == ("a", "b")
    assert Fairness.read({}).columns is None


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ({}, "either min or max, or versus"),
        ({"min": 0.1, "versus": "baseline"}, "either min or max, or versus"),
        ({"min": 0.1, "gain": 0.2}, "go with versus"),
        ({"versus": "champion", "gain": 0.1, "margin": 0.1}, "exclude"),
        ({"versus": "champion", "margin": -0.1}, "greater than or equal to 0"),
        ({"max": 0.9}, "would fail an improvement"),
        ({"metric": "rmse", "min": 1}, "would fail an improvement"),
        ({"metric": "demographic_parity_ratio", "max": 1}, "would fail an improvement"),
        ({"metric": "bias", "min": 1, "max": -1}, "min is above max"),
        ({"min": 0.1, "across": "gender"}, "across goes with fairness"),
        ({"metric": "demographic_parity_difference", "versus": "baseline"}, "not versus or slice"),
        (
            {"metric": "demographic_parity_difference", "max": 1, "slice": "plan"},
            "not versus or slice",
        ),
        ({"min": 0.1, "on_missing": "warn"}, "Input should be 'pass' or 'fail'"),
        ({"min": 0.1, "on_missing": "fail"}, "on_missing goes with versus: champion"),
        ({"versus": "baseline", "on_missing": "fail"}, "on_missing goes with versus: champion"),
        (
            {"metric": "demographic_parity_difference", "max": 1, "class": "yes"},
            "compares groups, not a class",
        ),
    ],
)
def test_a_gate_has_one_kind_of_bound_on_its_worse_side(gate: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Gate.read({"metric": "f1", **gate})
    assert message in str(caught.value)


def test_every_unknown_metric_is_refused_at_its_place() -> None:
    names = ("f2", "roc_auc", "rmze")
    gates = [{"metric": name, "min": 1} for name in names]
    with pytest.raises(ValidationError) as caught:
        Evaluate.read({"gates": gates})
    errors = caught.value.errors()
    assert [error["loc"] for error in errors] == [("gates", 0, "metric"), ("gates", 2, "metric")]
    assert errors[1]["ctx"]["hint"] == "did you mean 'rmse'?"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"metrics": ["f1", "f1"]}, "named twice"),
        ({"metrics": ["f11"]}, "not a metric"),
        ({"business": {"f1": {"value": {"tp": 1}}}}, "has the name of a metric"),
        ({"fairness": {"metrics": []}}, "at least 1"),
        ({"fairness": {"metrics": ["parity"]}}, "not a fairness metric"),
    ],
)
def test_what_contradicts_itself_is_refused(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Evaluate.read(section)


def test_every_field_is_described() -> None:
    schema = Evaluate.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        assert all("description" in field for field in part["properties"].values()), part


def test_a_slice_of_no_column_is_refused() -> None:
    with pytest.raises(ValidationError, match="expected a column, or several"):
        Evaluate.read({"slices": ["plan", []]})


OWN = {"python": "m.py:f", "name": "mine", "greater_is_better": True}


@pytest.mark.parametrize(
    ("section", "place"),
    [
        ({"slices": ["plan", []]}, ("slices", 1)),
        ({"slices": [["plan", "plan"]]}, ("slices", 0)),
        ({"business": {"b": {"value": {}}, "f1": {"value": {}}}}, ("business", "f1")),
        ({"metrics": ["f1", {**OWN, "name": "roc_auc"}]}, ("metrics", 1, "name")),
        ({"metrics": [OWN], "business": {"mine": {"value": {}}}}, ("metrics", 0, "name")),
        ({"metrics": [OWN], "gates": [{"metric": "mine", "max": 1}]}, ("gates", 0)),
        ({"gates": [{"metric": "mime", "max": 1}]}, ("gates", 0, "metric")),
    ],
)
def test_what_contradicts_another_key_is_told_at_its_place(
    section: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        Evaluate.read(section)
    assert [error["loc"] for error in caught.value.errors()] == [place]
