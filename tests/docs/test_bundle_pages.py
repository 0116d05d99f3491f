"""The pages about the bundle and the registry cannot drift: their commands are run."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

import mlpipe
from tests.project import mlpipe as run_mlpipe

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BUNDLE = (ROOT / "docs" / "bundle.md").read_text()
REGISTRY = (ROOT / "docs" / "registry.md").read_text()


def _commands(page):
    return "".join(re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)).splitlines()


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a page")
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def told(newcomer):
    """Run every command of both pages in their order; return what each printed."""
    found = {}
    for command in [*_commands(BUNDLE), *_commands(REGISTRY)]:
        done = run_mlpipe(newcomer, *shlex.split(command)[1:])
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        found[command] = done.stdout
    return found


def _said(told, start):
    return next(text for command, text in told.items() if command.startswith(start))


def test_the_pages_show_what_they_promise(told):
    assert len(told) >= 16
    assert _said(told, "mlpipe runs reproduce").endswith(": identical\n")
    assert _said(told, "mlpipe runs verify").endswith(" 0 not intact\n")
    assert _said(told, "mlpipe rollback") == "churn@champion: 2 → 1\n"
    assert "churn version 1 (" in _said(told, "mlpipe predict --source")
    assert "promote 1  champion: none → 1  better on the last month" in _said(
        told, "mlpipe models log"
    )


def test_three_lines_of_python(told, newcomer, monkeypatch):
    monkeypatch.chdir(newcomer)
    block = re.search(r"```python\n(.*?)```", BUNDLE, flags=re.DOTALL)[1]
    assert len([*filter(None, block.splitlines())]) == 3
    table = next(Path("runs/artifacts/current").glob("*/table.parquet"))
    names = {"frame": pd.read_parquet(table).head(50)}
    exec(compile(block, "bundle.md", "exec"), names)
    assert len(names["scores"]) == 50
    assert {"prediction", "score"} <= set(names["scores"])
    assert names["Bundle"] is mlpipe.Bundle


def test_nothing_of_the_author_runs_without_consent(told, newcomer):
    done = run_mlpipe(newcomer, "predict", "--model", "churn-joblib", "--input", "x.csv")
    assert done.returncode == 4
    assert "runs code of its author" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_not_empty_is_refused(told, newcomer):
    before = sorted(os.listdir(newcomer / "churn-model"))
    done = run_mlpipe(newcomer, "bundle", "latest", "configs")
    assert done.returncode == 4
    assert "is not empty" in done.stderr
    assert sorted(os.listdir(newcomer / "churn-model")) == before


def test_every_option_of_the_pages_is_one_of_a_command():
    import typer

    from mlpipe.cli import app

    known = set()
    waiting = [typer.main.get_command(app)]
    while waiting:
        command = waiting.pop()
        known |= {name for option in command.params for name in option.opts}
        waiting += list(getattr(command, "commands", {}).values())
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", BUNDLE + REGISTRY)) <= known


def test_the_section_of_the_page_is_read():
    import yaml

    from mlpipe.registry.spec import Register
    from mlpipe.run.models import REGISTRY as DEFAULT

    section = yaml.safe_load(re.search(r"```yaml\n(.*?)```", REGISTRY, flags=re.DOTALL)[1])
    assert Register.read(section["register"]).promote.to == "champion"
    assert section["registry"] == DEFAULT


def test_the_package_starts_without_what_the_bundle_needs():
    import subprocess
    import sys

    probe = "import mlpipe, sys; print('pandas' in sys.modules, 'mlpipe.bundle' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
    with pytest.raises(AttributeError, match="no attribute 'Bundles'"):
        mlpipe.Bundles  # noqa: B018
