"""The page about reports cannot drift: its commands are run, its options are looked up."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.project import mlpipe as run_mlpipe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "report.md").read_text()
COMMANDS = "".join(re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)).splitlines()


@pytest.mark.slow
def test_every_command_does_what_the_page_says(tmp_path):
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    told = {}
    for command in COMMANDS:
        done = run_mlpipe(tmp_path, *shlex.split(command)[1:])
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        told[command] = done.stdout

    assert len(told) >= 8
    assert "train.models.linear.C: 10.0 → 0.3" in told["mlpipe runs diff support/0001 support/0002"]
    for written in ("runs/report.html", "runs/compare.html", "comparison.html", "diff.md"):
        assert (tmp_path / written).stat().st_size < 3_000_000


def test_every_option_of_the_page_is_one_of_its_commands():
    import typer

    from mlpipe.cli import app

    commands = typer.main.get_command(app).commands
    both = (commands["report"], commands["runs"].commands["diff"])
    known = {name for command in both for option in command.params for name in option.opts}

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= known
