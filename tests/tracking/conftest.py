"""A project with a finished run that no tracker was told of, made once, copied for each module."""

import shutil

import pytest

from tests.project import SPEC, run_json, write_project

FOREST = "    forest: {type: random_forest, n_estimators: 10, max_depth: 2}\n"
TOLD = SPEC.replace("name: small", "name: leavers").replace("  folds: 3\n", f"{FOREST}  folds: 3\n")


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Train on ages of which some are missing: an integer that may be null."""
    folder = write_project(tmp_path_factory.mktemp("trained"), spec=TOLD)
    data = folder / "data.csv"
    lines = data.read_text().splitlines()
    for row in range(3, len(lines), 9):
        key, _, *others = lines[row].split(",")
        lines[row] = ",".join([key, "", *others])
    data.write_text("\n".join(lines) + "\n")
    document = run_json(folder, "run")
    assert document["exit_code"] == 0, document
    assert document["tracking"] == []
    return folder


@pytest.fixture(scope="module")
def project(trained, tmp_path_factory):
    """Return a copy of the project for the tests of one module."""
    folder = tmp_path_factory.mktemp("project") / "leavers"
    shutil.copytree(trained, folder, symlinks=True)
    return folder
