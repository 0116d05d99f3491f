"""The page about data diff cannot drift: its commands are run."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.project import mlpipe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "data_diff.md").read_text()


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a clone")
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.slow
def test_every_command_of_the_page_works(newcomer):
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) >= 7
    for at, command in enumerate(commands):
        done = mlpipe(newcomer, *shlex.split(command)[1:])
        differs = at == 0  # the first one shows an answer that says no
        assert done.returncode == int(differs), f"{command}\n{done.stdout}{done.stderr}"
    assert {"key_customer_id", "change", "column", "a", "b"} == set(
        pd.read_parquet(newcomer / "changes.parquet").columns
    )
    assert (newcomer / "diff.md").read_text().startswith("## Data diff: they differ")


def test_every_option_of_the_page_is_one_of_the_command():
    from typer.main import get_command

    from mlpipe.cli import app

    command = get_command(app).commands["data"].commands["diff"]
    known = {name for option in command.params for name in option.opts}
    assert set(re.findall(r"--[a-z][a-z-]*", PAGE)) <= known
