"""Behaviour tests of a real small model that looks back, from the spec to the verdict."""

import json
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from tests.project import mlpipe, run_json, statuses

SPEC = """\
name: shops
task: regression
seed: 5
columns: {key: [shop, day], entity: shop, time: day, target: sales}
ingest: {path: sales.csv, types: {shop: string, day: date, sales: number}}
split: {by: time, test: 0.2}
featurize:
  - {columns: [price], steps: [difference: 1, impute: mean]}
  - {columns: [sales], steps: [lag: 1, impute: mean]}
  - {columns: [price], steps: [scale]}
  - {rest: drop}
train: {models: {linear: {type: ridge, alpha: 0.001}}, folds: 2}
"""
TESTS = """\
evaluate:
  metrics: [mae]
  behaviour:
    - {name: dearer sells less, direction: {add: {price: 1}, expect: down}, tolerance: 2.9}
    - {name: and not much less, direction: {add: {price: 1}, expect: down}, tolerance: 3.1,
       severity: warn}
    - {name: weather does not matter, invariance: {set: {weather: [sun, rain]}}, tolerance: 0.01}
    - {name: cheap sells, given: [{price: 1, day: "2026-06-01", shop: new}],
       expect: {prediction: {min: 5}}}
    - {name: rounding, invariance: {python: changes.py:rounded}, tolerance: 2}
"""
CHANGES = "def rounded(frame):\n    return frame.assign(price=frame['price'].round(1))\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Shops whose sales fall by 2 for a price that is 1 higher, and by 1 more as it has risen."""
    folder, generator = tmp_path_factory.mktemp("shops"), np.random.default_rng(8)
    frames = []
    for shop in range(12):
        price = generator.uniform(1, 5, 50)
        rise = np.diff(price, prepend=price[0])
        days = pd.date_range("2026-01-01", periods=50).strftime("%Y-%m-%d")
        noise = generator.normal(0, 0.01, 50)
        frames.append(
            pd.DataFrame(
                {
                    "shop": f"s{shop:02d}", "day": days, "price": price.round(4),
                    "weather": generator.choice(["sun", "rain"], 50),
                    "sales": (20 - 2 * price - rise + noise).round(4),
                }
            )
        )  # fmt: skip
    pd.concat(frames).sort_values(["day", "shop"]).to_csv(folder / "sales.csv", index=False)
    (folder / "mlpipe.yaml").write_text(SPEC + TESTS)
    (folder / "changes.py").write_text(CHANGES)
    return folder


@pytest.fixture(scope="module")
def first(world):
    done = mlpipe(world, "run", "--json", "--junit", "j.xml", "--markdown", "m.md")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def _tests(document):
    return {test["gate"]: test for test in document["answer"]["verdict"]["behaviour"]}


def test_a_changed_row_is_predicted_with_its_own_history(first):
    """A price that is 1 higher is also a rise of 1 more: both effects, and no other row's."""
    found = _tests(first)
    assert found["dearer sells less"]["status"] == "pass"
    assert found["dearer sells less"]["failing"] == 0
    assert found["and not much less"]["status"] == "fail"
    falls = [
        each["before"]["prediction"] - each["after"]["prediction"]
        for each in found["and not much less"]["examples"]
    ]
    np.testing.assert_allclose(falls, 3.0, atol=0.05)


def test_the_rows_are_those_of_the_file(world, first):
    lines = (world / "sales.csv").read_text().splitlines()
    for example in _tests(first)["and not much less"]["examples"]:
        shop, day, price, *_ = lines[example["line"] - 1].split(",")
        assert example["file"] == "sales.csv"
        assert example["key"]["shop"] == shop
        assert str(example["key"]["day"]).startswith(day)
        assert example["changed"]["price"][0] == float(price)


def test_what_the_model_does_not_read_and_what_is_given(first):
    found = _tests(first)
    weather = found["weather does not matter"]
    assert weather["status"] == "pass"
    assert weather["note"] == "the model does not read weather: nothing could change"
    assert found["cheap sells"]["status"] == "pass"
    assert found["rounding"]["status"] == "pass"
    assert found["rounding"]["rows"] > 30


@pytest.mark.slow
def test_they_are_part_of_the_verdict_of_junit_markdown_and_the_page(world, first):
    assert first["exit_code"] == 0  # the one that fails only warns
    assert first["answer"]["verdict"]["status"] == "passed"
    suite = ET.parse(world / "j.xml").getroot().find("testsuite[@name='evaluate']")
    cases = [case for case in suite if case.get("classname") == "evaluate.behaviour"]
    skipped = [case.get("name") for case in cases if case.find("skipped") is not None]
    assert (len(cases), skipped) == (5, ["and not much less"])
    assert "sales.csv:" in (world / "m.md").read_text(encoding="utf-8")
    page = (world / first["page"]).read_text(encoding="utf-8")
    assert 'id="behaviour"' in page
    assert "and not much less: the rows that are furthest off" in page
    failing = run_json(world, "run", "-S", "evaluate.behaviour.1.severity=error")
    assert (failing["exit_code"], failing["answer"]["verdict"]["status"]) == (1, "failed")
    assert statuses(failing)["bundle"] == "reused"


@pytest.mark.slow
@pytest.mark.usefixtures("first")
def test_the_users_function_is_part_of_the_key(world):
    (world / "changes.py").write_text(CHANGES.replace("round(1)", "round(0) + 3"))
    found = run_json(world, "run")
    (world / "changes.py").write_text(CHANGES)
    assert statuses(found) | {"evaluate": "reused"} == dict.fromkeys(statuses(found), "reused")
    assert statuses(found)["evaluate"] == "computed"
    assert _tests(found)["rounding"]["status"] == "fail"


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("add: {price: 1}, expect: down}, tolerance: 2.9", "add: {pric: 1}, expect: up}",
         "the table has no column 'pric'"),
        ("set: {weather: [sun, rain]}", "set: {weather: [1]}", "expected string"),
        ("set: {weather: [sun, rain]}", 'set: {day: "2026-01-01"}', "may not be changed"),
        ("price: 1, day", "day", "the model needs price"),
        ("expect: {prediction: {min: 5}}", "expect: {label: many}", "regression has no classes"),
        ("add: {price: 1}, expect: down}, tolerance: 2.9", "add: {sales: 1}, expect: up}",
         "is the target"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_spec_is_said_at_its_line(world, old, new, message):
    text = SPEC + TESTS
    (world / "wrong.yaml").write_text(text.replace(old, new, 1))
    found = run_json(world, "run", "wrong.yaml")
    assert found["exit_code"] == 2
    (problem,) = found["problems"]
    assert message in problem["message"]
    line = text[: text.index(old)].count("\n") + 1
    assert problem["place"].startswith(f"wrong.yaml:{line}:")


@pytest.mark.slow
@pytest.mark.usefixtures("first")
def test_a_model_that_looks_back_can_be_measured(world):
    asked = (
        "  operational: {rows: 9, batch: 9, repetitions: 6, batches: 6, starts: 1, warm_up: 0}\n"
    )
    (world / "timed.yaml").write_text(SPEC + TESTS + asked)
    found = run_json(world, "run", "timed.yaml")
    assert found["answer"]["operational"]["why"] == ""
    assert found["answer"]["operational"]["metrics"][0]["value"] > 0
