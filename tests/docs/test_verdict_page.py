"""docs/verdict.md cannot drift: its gates are judged, its commands run, its example is checked."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from mlpipe.evaluate.gate import Gate
from mlpipe.evaluate.spec import Evaluate
from tests.bad_inputs.learning import SPEC, rows, write
from tests.evaluate import conftest
from tests.project import mlpipe
from tests.report.junit_schema import violations

churn = conftest.churn
PAGE = (Path(__file__).parents[2] / "docs" / "verdict.md").read_text(encoding="utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)[1]


SECTION = yaml.safe_load(block("yaml"))["evaluate"]
EXAMPLE = json.loads(block("json"))


def test_every_word_of_a_gate_is_explained():
    section = Evaluate.read(SECTION)
    assert len(section.gates) == 9
    words = {field.alias or name for name, field in Gate.model_fields.items()}
    table = PAGE[PAGE.index("| word |") : PAGE.index("## What a gate says")]
    named = re.findall(
        r"`(\w+)`", " ".join(line.split("|")[1] for line in table.splitlines()[2:-1])
    )
    assert set(named) == words


def test_the_example_is_what_evaluate_writes(churn):
    case = churn()
    gates = [{"metric": "roc_auc", "min": 0.8, "slice": "plan"}]
    found = case.run({"gates": gates})["verdict"]
    assert list(found) == list(EXAMPLE)
    assert found["status"] in {"passed", "failed", "inconclusive"}
    shown = EXAMPLE["gates"][0]
    for gate in found["gates"]:
        assert list(gate) == list(shown)
    open_ = next(gate for gate in found["gates"] if gate["status"] == "inconclusive")
    assert {key: type(value) for key, value in open_.items()} == {
        key: type(value) for key, value in shown.items()
    }
    pattern = re.sub(r"[\d.,]+", r"[\\d.,]+", shown["why"])
    assert re.fullmatch(pattern, open_["why"])


def test_every_key_of_the_example_is_explained():
    table = PAGE[PAGE.index("| key |") :]
    named = set(
        re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in table.splitlines()[2:]))
    )
    assert named == {*EXAMPLE, *EXAMPLE["gates"][0]}


@pytest.mark.slow
def test_the_commands_run_and_write_what_they_say(tmp_path):
    table = [{**row, "gender": "fm"[at % 2]} for at, row in enumerate(rows(900))]
    columns = {**SPEC["columns"], "sensitive": ["gender"]}
    write(tmp_path, table, columns=columns, evaluate=SECTION)
    for command in block("sh").splitlines():
        done = mlpipe(tmp_path, *shlex.split(command)[1:])
        assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"]["verdict"]["gates"]
    assert violations((tmp_path / "junit.xml").read_text(encoding="utf-8")) == []
    assert "| metric | value |" in (tmp_path / "summary.md").read_text(encoding="utf-8")
