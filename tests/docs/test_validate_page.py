"""The page on checks cannot drift: its commands are run, its output is compared."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.project import mlpipe as run_mlpipe

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "validate.md").read_text()


def _blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Run the commands in their order; return what each printed."""
    folder = tmp_path_factory.mktemp("a page")
    shutil.copytree(ROOT / "sample_data" / "demand", folder / "sample_data" / "demand")
    (folder / "bikes.yaml").write_text(_blocks("yaml")[0])
    told = []
    for line in "".join(_blocks("sh")).splitlines():
        command, _, note = line.partition("#")
        done = run_mlpipe(folder, *shlex.split(command)[1:])
        wanted = 1 if "exit code 1" in note else 0
        assert done.returncode == wanted, f"{line}\n{done.stdout}{done.stderr}"
        told.append(done.stdout)
    return told


def test_every_command_of_the_page_works(told):
    assert len(told) == 6


def test_the_proposal_of_the_page_is_what_is_printed(told):
    assert _blocks("yaml")[1] in told[0]


def test_what_is_there_stays_and_the_rest_is_added(told):
    added = [line for line in told[1].splitlines() if line.startswith(("+ ", "- "))]
    assert [line.split(":")[0].strip("+ ") for line in added] == ["timestamp", "holiday", "demand"]


def test_the_patch_of_the_page_is_what_is_printed(told):
    assert _blocks("diff")[0] in told[2]
    assert "next     mlpipe validate bikes.yaml --accept station.in" in told[2]
    assert _blocks("diff")[0] in told[3]


def test_the_limits_of_the_page_are_those_of_the_code():
    from mlpipe.validate import facts, infer, patch

    assert f"2 to {facts.MOST_VALUES} values, each seen {infer.OFTEN} times or more" in PAGE
    assert f"in {infer.ENOUGH_ROWS:,} rows or more" in PAGE
    assert f"the new values, up to {patch.MOST_VALUES}" in PAGE
