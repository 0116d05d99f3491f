"""docs/explain.md cannot drift: its examples are specs, and its commands are run."""

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from mlpipe.bundle.spec import Bundle
from mlpipe.evaluate.spec import Evaluate
from mlpipe.explain.spec import Explain, asked
from mlpipe.run.explaining import MOST_ROWS
from tests.project import mlpipe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
LINES = "".join(re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)).splitlines()
READERS = {"evaluate": Evaluate, "bundle": Bundle}


@pytest.mark.parametrize("line", LINES)
def test_each_example_parses(line):
    ((name, section),) = yaml.safe_load(line).items()
    assert READERS[name].read(section).model_fields_set


def test_the_defaults_are_those_of_the_page():
    written = Evaluate.read(yaml.safe_load(LINES[2])["evaluate"])
    assert written.explain == asked(Evaluate().explain) == Explain()
    assert Bundle().background == 50
    assert f"more than {MOST_ROWS:,} rows" in PAGE


@pytest.mark.slow
def test_the_commands_run(tmp_path):
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for command in "".join(re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)).splitlines():
        done = mlpipe(tmp_path, *shlex.split(command)[1:])
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    rows = list(csv.DictReader((tmp_path / "reasons.csv").read_text().splitlines()))
    assert len(rows) == 1000
    assert {f"reason_{n}{end}" for n in (1, 2, 3) for end in ("", "_column", "_effect")} <= {
        *rows[0]
    }
    assert {"calls", "last_note", "tenure"} & {row["reason_1_column"] for row in rows}
