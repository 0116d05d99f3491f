"""Every example of the page on features is fitted, and every word has one."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mlpipe.features.pipeline import build, lineage, needed
from mlpipe.features.words import LOOK_BACKS, TRANSFORMS
from mlpipe.featurize.spec import Featurize
from mlpipe.featurize.stage import featurize
from mlpipe.table.columns import Columns
from mlpipe.table.kinds import infer_kinds, type_word
from mlpipe.table.session import Session

PAGE = (Path(__file__).parents[2] / "docs" / "features.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
COLUMNS = Columns.read(
    {
        "key": ["customer", "month"],
        "entity": "customer",
        "time": "month",
        "target": "churned",
        "kinds": {"text": ["note"], "category": ["job_title", "city", "region", "plan"]},
    }
)
ROWS = 300


def _rows():
    rng = np.random.default_rng(0)
    titles = ["engineer", "senior engineer", "sales engineer", "nurse", "head nurse", "driver"]
    words = ["late", "early", "call", "again", "refund", "thanks"]
    month = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS), "D")
    frame = pd.DataFrame(
        {
            "_row": np.arange(ROWS),
            "customer": pd.Series([f"c{number % 25}" for number in range(ROWS)], dtype="str"),
            "month": month,
            "tenure": rng.integers(0, 60, ROWS),
            "charges": rng.gamma(2.0, 30.0, ROWS),
            "calls": rng.poisson(4, ROWS),
            "minutes": rng.gamma(3.0, 10.0, ROWS),
            "plan": pd.Series(rng.choice(["basic", "plus", "pro"], ROWS), dtype="str"),
            "city": pd.Series(rng.choice(list("abcdefgh"), ROWS), dtype="str"),
            "region": pd.Series(rng.choice(["north", "south"], ROWS), dtype="str"),
            "job_title": pd.Series(rng.choice(titles, ROWS), dtype="str"),
            "signup": month - pd.to_timedelta(rng.integers(1, 900, ROWS), "D"),
            "note": pd.Series([" ".join(rng.choice(words, 5)) for _ in range(ROWS)], dtype="str"),
            "churned": pd.Series(rng.choice(["no", "yes"], ROWS), dtype="str"),
        }
    )
    frame.loc[::9, ["charges", "plan", "note"]] = None
    return frame


def _events():
    rng = np.random.default_rng(1)
    when = pd.Timestamp("2023-11-01") + pd.to_timedelta(rng.integers(0, 360 * 24, 900), "h")
    return pd.DataFrame(
        {
            "customer": pd.Series([f"c{number % 25}" for number in range(900)], dtype="str"),
            "event_time": when,
            "amount": rng.gamma(2.0, 20.0, 900),
            "channel": pd.Series(rng.choice(["web", "phone"], 900), dtype="str"),
        }
    )


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with Session(tmp_path_factory.mktemp("session"), threads=1) as session:
        yield session


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_can_be_fitted(example, session):
    if "sentence_embed" in example:
        Featurize.read(yaml.safe_load(example)["featurize"])
        pytest.skip("its model is fetched by `make text` alone")
    frame = _rows()
    table = session.frame(frame)
    parts = session.frame(pd.DataFrame({"_row": frame["_row"], "part": "train"}))
    inputs = [
        {"name": name, "type": type_word(table.schema()[name]), "kind": kind}
        for name, kind in infer_kinds(session, table, COLUMNS).items()
    ]
    spec = Featurize.read(yaml.safe_load(example)["featurize"])
    models = {"linear": "linear", "boosted": "trees"}
    events = {"events": session.frame(_events())}
    made = featurize(
        spec, COLUMNS, inputs, models, table, parts, session, 7, task="binary", events=events
    )
    rows = session.con.to_pyarrow(made["table"].order_by("_row")).to_pandas()
    for model in models:
        features = build(made["plan"], model, 7)
        found = features.fit_transform(rows[needed(made["plan"], model)], rows["churned"])
        assert found.shape == (ROWS, len(lineage(features)))
        assert found.shape[1] > 0


def test_every_word_has_an_example():
    written = [yaml.safe_load(example)["featurize"] for example in EXAMPLES]
    steps = [step for blocks in written for block in blocks for step in block.get("steps", [])]
    used = {step if isinstance(step, str) else next(iter(step)) for step in steps}
    assert used == {word.word for word in (*TRANSFORMS, *LOOK_BACKS)}
