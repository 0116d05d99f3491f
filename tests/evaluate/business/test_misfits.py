from typing import Any

import pytest

from mlpipe.evaluate.business.misfits import misfits
from mlpipe.evaluate.spec import Evaluate

ASKED = {"feedback": {"path": "nps.csv", "join": "id", "column": "score"}}
BUSINESS: dict[str, dict[str, Any]] = {
    "cells": {"value": {"tp": 1}},
    "best": {"value": {"tp": 1}, "top": 5},
    "table": {"matrix": {"a": {"b": -1}}},
    "stock": {"cost": {"under": 1}},
    "nps": ASKED,
}


@pytest.mark.parametrize(
    ("task", "refused"),
    [
        ("binary", {"stock"}),
        ("multiclass", {"cells", "best", "stock"}),
        ("regression", {"cells", "best", "table"}),
    ],
)
def test_each_kind_is_for_its_tasks(task: str, refused: set[str]) -> None:
    found = list(misfits(Evaluate.read({"business": BUSINESS}), task))
    assert {place for place, _, _ in found} == {("business", name) for name in refused}
    assert all(task in message for _, message, _ in found)


def test_a_gate_that_an_improvement_fails_is_refused_and_so_is_a_rival_of_customers() -> None:
    gates = [
        {"metric": "cells", "max": 5},
        {"metric": "nps", "versus": "champion"},
        {"metric": "nps", "min": 5},
        {"metric": "cells", "versus": "champion", "margin": 10},
    ]
    found = list(misfits(Evaluate.read({"business": BUSINESS, "gates": gates}), "binary"))
    places = [place for place, _, _ in found if place[0] == "gates"]
    assert places == [("gates", 0, "max"), ("gates", 1, "versus")]


def test_a_threshold_can_maximize_what_decisions_are_worth() -> None:
    spec = Evaluate.read({"business": BUSINESS})
    assert spec.decidable == ("cells", "table")
    assert spec.feedback_sources() == {"nps": {"path": "nps.csv"}}
