"""A function that shapes the table, from training to a prediction elsewhere."""

import shutil

import pandas as pd
import pytest

from tests.project import SPEC, mlpipe, run_json, statuses, write_project

SHAPE = '''
"""One row a customer, with the first letter of the plan."""


def shape(sources, variables):
    rows = sources["data"]
    return rows.assign(letter=rows["plan"].str[0], floor=int(variables["floor"]))
'''
SHAPED = SPEC.replace("seed: 3\n", "seed: 3\nvars: {floor: 18}\n").replace(
    "  path: data.csv\n  types: {id: string}\n",
    "  sources: {data: {path: data.csv, types: {id: string}}}\n  python: shape.py:shape\n",
)


@pytest.mark.slow
def test_the_bundle_carries_the_function_and_asks_before_it_runs(tmp_path):
    folder = write_project(tmp_path, spec=SHAPED)
    (folder / "shape.py").write_text(SHAPE)
    trained = run_json(folder, "evaluate")
    assert trained["exit_code"] == 0, trained["problems"]
    assert set(statuses(run_json(folder, "evaluate")).values()) == {"reused"}
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder / "runs" / trained["run"] / "bundle", elsewhere / "bundle")
    shutil.copy(folder / "data.csv", elsewhere / "new.csv")
    asked = ["predict", "--model", "bundle", "--source", "data=new.csv", "-o", "out.csv"]
    refused = mlpipe(elsewhere, *asked)
    assert refused.returncode == 4
    assert "--allow-code" in refused.stderr
    assert not (elsewhere / "out.csv").exists()
    done = mlpipe(elsewhere, *asked, "--allow-code")
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(elsewhere / "out.csv")) == 400
    (folder / "shape.py").write_text(SHAPE.replace('"floor"])', '"floor"]) + 1'))
    assert statuses(run_json(folder, "evaluate"))["ingest"] == "computed"
