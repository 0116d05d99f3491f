"""Cases 76 to 97: what cannot be learned from, or judged, through the command line."""

import csv

import pytest

from tests.bad_inputs.learning import SPEC, command, rows, write

TRAIN = SPEC["train"]
RANDOM = SPEC["split"]


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def _with(table, **values):
    """Set columns of every row: a text, or what a function of the row number gives."""
    return [
        {**row, **{k: v(i) if callable(v) else v for k, v in values.items()}}
        for i, row in enumerate(table)
    ]


REFUSED = {
    # case: rows, sections of the spec, exit code, what it says
    "82 one-hot of thousands of levels": (
        _with(rows(1600), plan=lambda i: f"p{i}"),
        {"featurize": [{"columns": ["plan"], "steps": ["one_hot"]}]},
        3, ("plan: one_hot would make", "min_frequency or max_levels"),
    ),
    "83 the target as a feature": (
        rows(), {"featurize": [{"columns": ["left"], "steps": ["one_hot"]}]},
        2, ("mlpipe.yaml:1:", "left"),
    ),
    "83 a copy of the target": (
        [{**row, "gone": row["left"]} for row in rows()], {},
        1, ("gone is a copy of the target 'left'",),
    ),
    "87 one row": (rows(1), {"split": {"by": "random", "test": 0.0, "valid": 0.5}}, 3, ("row",)),
    "88 one class": (
        _with(rows(), left="yes"), {}, 3, ("left: the target is 'yes' in every row of train",),
    ),
    "89 a class with one member": (
        _with(rows(), left=lambda i: "rare" if i == 50 else "yn"[i % 2]),
        {"task": "multiclass", "columns": {"key": "id", "target": "left"},
         "evaluate": {"metrics": ["accuracy"]},
         "split": {"by": "random", "test": {"where": "id > '00100'"}}},
        3, ("left: train has one row only of: rare", "join rare classes"),
    ),
    "90 a null target": (
        _with(rows(), left=lambda i: "" if i == 7 else "yn"[i % 2]),
        {"columns": {"key": "id", "target": "left"}},
        3, ("left: the target is null in 1 row (row 7)", "left is not null"),
    ),
    "91 a constant target": (
        _with(rows(), paid="5.0"),
        {"task": "regression", "columns": {"key": "id", "target": "paid"},
         "train": {"models": {"m": "ridge"}, "folds": 2}, "evaluate": {"metrics": ["rmse"]}},
        3, ("paid: the target is 5 in every row of train",),
    ),
    "92 null into an estimator that takes none": (
        _with(rows(), paid=lambda i: "" if i % 9 == 0 else f"{i}"),
        {"featurize": [{"columns": ["age", "paid"], "steps": ["scale"]}, {"rest": "drop"}]},
        2, ("mlpipe.yaml:1:", "paid", "impute: median"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_learned_is_refused(case, tmp_path):
    table, sections, code, words = REFUSED[case]
    write(tmp_path, table, **sections)
    found, said = command(tmp_path, "run")
    assert [word for word in words if word not in said] == [], said
    assert found == code, said


WARNED = {
    "79 a column without values": (
        _with(rows(), paid=""), {}, "paid: train has no value",
    ),
    "80 a constant column": (
        _with(rows(), paid="5.0"), {}, "paid: train has one value only",
    ),
    "85 a logarithm of what is negative": (
        _with(rows(), paid=lambda i: f"{i - 50.5}"),
        {"featurize": [{"columns": ["paid"], "steps": ["log", "impute", "scale"]}]},
        "log of paid: ",
    ),
    "93 no convergence": (
        rows(),
        {"train": {**TRAIN, "models": {"m": {"type": "logistic_regression", "max_iter": 1}}}},
        "did not converge: raise max_iter",
    ),
    "95 a metric that is not defined": (
        _with(rows(), left=lambda i: "yes" if i >= 80 else ["yes", "no"][i % 2]),
        {"split": {"by": "random", "test": {"where": "id >= '00080'"}}},
        "roc_auc is not defined on test: only one class among the true values",
    ),
    "96 an empty slice": (
        _with(rows(), plan=lambda i: "pro" if i == 0 else ["basic", "plus"][i % 2]),
        {"split": {"by": "random", "test": {"where": "id > '00080'"}},
         "evaluate": {"metrics": ["roc_auc"], "slices": ["plan"]}},
        "warning: evaluate: slice plan=pro has no rows",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", WARNED)
def test_what_can_be_learned_all_the_same_is_said(case, tmp_path):
    table, sections, words = WARNED[case]
    write(tmp_path, table, **sections)
    found, said = command(tmp_path, "run", "-v")
    assert found == 0, said
    assert words in said


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    steps = [{"columns": ["plan"], "steps": [{"one_hot": {"unknown": "error"}}], "for": ["strict"]}]
    models = {"m": "logistic_regression", "strict": "logistic_regression"}
    for name in models:
        chosen = {"models": {name: models[name]}, "folds": 2}
        write(
            folder, rows(), name=name, featurize=steps if name == "strict" else "auto", train=chosen
        )
        assert command(folder, "train")[0] == 0
    return folder


GIVEN = {
    # case: model, rows, exit code, what it says
    "76 a missing column": (
        "m", [{k: v for k, v in row.items() if k != "paid"} for row in rows()],
        3, "error: paid: there is no column 'paid' in the files",
    ),
    "77 an extra column": (
        "m", _with(rows(), more="1"), 0, "warning: not known to the model: more",
    ),
    "78 the type of a column drifts": (
        "m", _with(rows(), paid="cheap"), 3, "(given.csv:2) paid: 'cheap' is not a number",
    ),
    "81 an unseen level, ignored": ("m", _with(rows(), plan="new"), 0, "120 rows scored"),
    "81 an unseen level, an error": ("strict", _with(rows(), plan="new"), 3, "new"),
}  # fmt: skip


@pytest.mark.parametrize("case", GIVEN)
def test_rows_that_training_did_not_have(case, trained, monkeypatch):
    model, table, code, words = GIVEN[case]
    monkeypatch.chdir(trained)
    with open("given.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table)
    out = ("-i", "given.csv", "-o", f"{model}.csv")
    found, said = command(trained, "predict", "--model", model, *out)
    assert words in said
    assert found == code, said


TEST_OF_ONE_CLASS = {
    "split": {"by": "random", "test": {"where": "id >= '00080'"}},
}
JUDGED = {
    # case: rows, gate, exit code, what it says
    "95 a gate on a metric that is not defined": (
        _with(rows(), left=lambda i: "yes" if i >= 80 else ["yes", "no"][i % 2]),
        {"metric": "roc_auc", "min": 0.1},
        1, ("fail         roc_auc >= 0.1: undefined: only one class", "verdict  failed"),
    ),
    "96 a gate on a slice that has no rows": (
        _with(rows(), plan=lambda i: "pro" if i == 0 else ["basic", "plus"][i % 2]),
        {"metric": "accuracy", "min": 0.1, "slice": {"plan": "pro"}},
        3, ("mlpipe.yaml:1:", "evaluate.gates.0.slice: no row of test has plan = 'pro'"),
    ),
    "96 a gate on a slice that is nowhere": (
        rows(), {"metric": "accuracy", "min": 0.1, "slice": {"plan": "por"}},
        3, ("evaluate.gates.0.slice: no row has plan = 'por'", "did you mean 'pro'?"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", JUDGED)
def test_what_cannot_be_judged_is_no_pass(case, tmp_path):
    table, gate, code, words = JUDGED[case]
    gates = {"metrics": ["accuracy"], "gates": [gate]}
    write(tmp_path, table, evaluate=gates, **TEST_OF_ONE_CLASS)
    found, said = command(tmp_path, "run")
    assert [word for word in words if word not in said] == [], said
    assert found == code, said


@pytest.mark.slow
def test_97_a_comparison_on_a_changed_test_set_is_refused(tmp_path):
    gates = {"gates": [{"metric": "accuracy", "versus": "champion", "margin": 0.5}]}
    write(tmp_path, rows(), evaluate=gates)
    assert command(tmp_path, "run")[0] == 0
    assert command(tmp_path, "register", "latest", "--alias", "champion")[0] == 0
    code, said = command(tmp_path, "run", "-S", "seed=9")
    assert code == 3, said
    assert "evaluate.gates.0.versus: spoiled version 1 was fitted on " in said
    assert "rows of test (row " in said
    assert "mlpipe.yaml:1:" in said


COLUMN, VALUE = "=cmd()|<b>", "<script>alert(1)</script>"


@pytest.mark.slow
def test_86_hostile_names_are_harmless_in_a_verdict(tmp_path):
    from xml.etree import ElementTree as ET

    table = [{**row, COLUMN: [VALUE, "b"][i % 2]} for i, row in enumerate(rows(400))]
    gates = [
        {"metric": "accuracy", "min": 0.1, "slice": COLUMN},
        {"metric": "accuracy", "min": 0.1, "slice": {COLUMN: "b"}},
        {"metric": "demographic_parity_difference", "max": 0.9, "across": COLUMN},
    ]
    judged = {"metrics": ["accuracy"], "gates": gates, "slices": [COLUMN]}
    split = {"by": "random", "test": 0.6}
    write(tmp_path, table, evaluate=judged, split=split)
    code, said = command(tmp_path, "run", "--junit", "j.xml", "--markdown", "m.md")
    assert code == 0, said
    suites = ET.parse(tmp_path / "j.xml").getroot()
    assert any(VALUE in (case.get("name") or "") for case in suites.iter("testcase"))
    page = next(tmp_path.glob("runs/spoiled/0001-*/report.html")).read_text()
    for text in (page, (tmp_path / "m.md").read_text()):
        assert "<script>alert" not in text
        assert "|<b>" not in text
