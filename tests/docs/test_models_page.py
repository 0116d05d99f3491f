"""Every example of docs/models.md is a spec that trains, and the page names every model."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from mlpipe.bundle.model import Model
from mlpipe.table.session import Session
from mlpipe.train.misfits import misfits
from mlpipe.train.models.named import NAMES
from mlpipe.train.models.single import TYPED
from mlpipe.train.models.table import TABLE
from mlpipe.train.spec import Train
from tests.docs.test_checks import _as_text
from tests.train.samples import CLASSES, learn, parts, rows

TEXT = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
BLOCKS = ({"columns": ["age", "fee"], "steps": [{"impute": {}}, {"scale": {}}]}, CLASSES)


def _written(example):
    return _as_text(yaml.safe_load(example)["train"])


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_trains(example, tmp_path):
    written = _written(example)
    task = "regression" if "target" in written else "binary"
    assert list(misfits(Train.read(written), task)) == []
    frame = rows(task=task)
    if task == "regression":
        frame["target"] = np.exp(frame["target"])
    folds = written["folds"]
    with Session(tmp_path) as session:
        found = learn(
            session, frame, written, task, blocks=BLOCKS, split=parts(240, folds), folds=folds
        )
    assert len(Model.loads(found["model.skops"]).scores(frame)) == len(frame)


def test_the_page_names_every_model_by_its_tasks():
    table = TEXT.partition("| tasks | names |")[2].partition("\n\n")[0]
    said = {
        tasks: set(re.findall(r"`(\w+)`", names))
        for tasks, names in re.findall(r"^\| (\w+) \| (`.*) \|$", table, flags=re.MULTILINE)
    }
    wanted = {"all": set(), "classes": set(), "regression": set()}
    for name in set(NAMES) - set(TYPED):
        entry = TABLE[name]
        kind = "classes" if not entry.regressor else "regression"
        wanted["all" if entry.classifier and entry.regressor else kind].add(name)
    assert said == wanted
    assert all(f"`{word}`" in TEXT for word in TYPED)
