"""The README cannot drift: its commands are run, its names are looked up."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

import mlpipe
from mlpipe.cli import app
from tests.project import mlpipe as run_mlpipe

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def _commands():
    """Return every ``mlpipe …`` of the README, in its order: code blocks and the table."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL))
    lines = [line.split("#")[0].strip() for line in blocks.splitlines()]
    inline = re.findall(r"\| `(mlpipe [^`]+)` \|", README)
    return [line for line in [*lines, *inline] if line.startswith("mlpipe ")]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """A fresh folder, with a space in its path, holding what a clone holds."""
    folder = tmp_path_factory.mktemp("fresh clone")
    for name in ("configs", "sample_data", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.slow
def test_every_command_of_the_readme_works(newcomer):
    commands = _commands()
    assert len(commands) >= 14
    for command in commands:
        done = run_mlpipe(newcomer, *shlex.split(command)[1:])
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert len(list((newcomer / "runs" / "churn").glob("0*"))) >= 1
    _python_block_works(newcomer)


def _python_block_works(folder):
    block = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)[1]
    runs = str(folder / "runs")
    code = block.replace('open_run("churn")', f'open_run("churn", runs_dir={runs!r})')
    run = mlpipe.open_run("churn", runs_dir=runs)
    import pandas as pd

    frame = pd.read_parquet(run.path / "current" / "table.parquet").head(5)
    names = {"frame": frame}
    exec(compile(code, "README.md", "exec"), names)
    assert 0.5 < run.metrics["roc_auc"].low < run.metrics["roc_auc"].high < 1
    assert len(run.predictions) > 100
    assert list(names["bundle"].predict(frame).columns[:1]) == ["prediction"]


def test_every_verb_has_help_and_a_line_in_the_readme():
    import typer

    commands = typer.main.get_command(app).commands
    assert len(commands) >= 14
    for name, command in commands.items():
        assert command.help, name
        assert f"| `{name}` |" in README, name


def test_the_spec_of_the_readme_is_the_shipped_one():
    block = re.search(r"```yaml\n(.*?)```", README, flags=re.DOTALL)[1]
    assert block == (ROOT / "configs" / "churn.yaml").read_text()


def test_the_exit_codes_of_the_readme_are_those_of_the_code():
    from mlpipe import errors

    table = README.split("## Exit codes")[1].split("##")[0]
    for error in (errors.SpecError, errors.DataError, errors.StoreError, errors.MlpipeError):
        assert f"| {error.exit_code} |" in table


def test_the_schema_that_editors_read_is_current():
    from mlpipe.pipeline import json_schema

    assert json.loads((ROOT / "docs" / "schema.json").read_text()) == json_schema()


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda p: p.stem)
def test_each_config_names_the_schema_of_editors(path):
    first = path.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../docs/schema.json"


def test_links_of_the_docs_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("https:") or (page.parent / target).exists(), (page, target)
