"""Heavy libraries load only inside what needs them."""

import subprocess
import sys

import pytest

from tests.project import run_json, write_project

HEAVY = {
    "pandas", "numpy", "scipy", "sklearn", "ibis", "duckdb", "pyarrow", "skops", "joblib",
    "matplotlib", "jinja2", "sqlglot",
}  # fmt: skip
SPEC_ONLY = HEAVY
NOTHING = HEAVY | {"yaml", "rich"}  # typer itself brings pydantic

PROBE = """
import sys, runpy
sys.argv = ["mlpipe", *{arguments!r}]
try:
    runpy.run_module("mlpipe", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def _loaded(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=list(arguments))],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split("LOADED ")[-1].split())


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("lazy"))


def test_version_loads_nothing_heavy(project):
    assert not _loaded(project, "--version") & NOTHING


def test_help_loads_nothing_heavy_but_what_draws_it(project):
    assert not _loaded(project, "--help") & (NOTHING - {"rich"})


@pytest.mark.parametrize("verb", ["check", "config", "schema"])
def test_reading_a_spec_loads_no_engine(project, verb):
    arguments = [verb] if verb == "schema" else [verb, "mlpipe.yaml"]
    assert not _loaded(project, *arguments) & SPEC_ONLY


@pytest.mark.slow
def test_a_run_with_nothing_to_do_loads_nothing_heavy(project):
    import time

    run_json(project, "run")
    time.sleep(2.1)  # the inputs have to have been quiet for a receipt to be trusted
    run_json(project, "run")
    assert not _loaded(project, "run") & NOTHING


@pytest.mark.slow
def test_a_run_loads_what_it_needs(project, tmp_path):
    """The negative control: the probe does see heavy libraries."""
    assert _loaded(project, "ingest", "--runs-dir", str(tmp_path / "r")) & HEAVY
