"""Every example of docs/search.md is a spec that trains, and every word has an example there."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from mlpipe.table.session import Session
from mlpipe.train.misfits import misfits
from mlpipe.train.search.domain import Choices, Integers, LogUniform, Uniform
from mlpipe.train.search.spec import Method, Search
from mlpipe.train.spec import Train
from tests.train.samples import learn, rows

TEXT = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
EXAMPLES = [
    yaml.safe_load(block)["train"] for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
]


@pytest.mark.slow
@pytest.mark.parametrize("section", EXAMPLES, ids=lambda section: section["search"]["method"])
def test_each_example_trains(section, tmp_path):
    assert list(misfits(Train.read(section), "binary")) == []
    with Session(tmp_path) as session:
        found = learn(session, rows(120), section)
    trials = section["search"].get("trials")
    assert trials is None or len(found["trials"]["trials"]) == trials


def test_each_method_and_word_has_an_example():
    assert {section["search"]["method"] for section in EXAMPLES} == set(get_args(Method))
    used = {
        type(domain) for section in EXAMPLES for domain in Train.read(section).search.space.values()
    }
    assert used == {Choices, Uniform, LogUniform, Integers}


def test_each_key_is_told_of():
    for name in Search.model_fields:
        assert re.search(rf"\b{name}\b", TEXT), name


def test_the_shares_are_as_told():
    (section, *_) = EXAMPLES
    search = Train.read(section).search
    from mlpipe.train.search.sampling import random

    names = [name for name, _ in random(search, ["linear", "boosted"], 0)]
    assert names.count("linear") == names.count("boosted") == 9
