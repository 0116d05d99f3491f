"""The section as it is written."""

import pytest
from pydantic import TypeAdapter, ValidationError

from mlpipe.featurize.spec import Featurize, OfKind


def test_left_out_and_auto_mean_the_rest_is_automatic():
    assert Featurize() == Featurize.read("auto") == Featurize.read([{"rest": "auto"}])
    assert Featurize.read([{"columns": ["a"], "steps": ["scale"]}]).rest == "auto"


def test_the_section_of_the_design_is_read():
    spec = Featurize.read(
        [
            {"columns": ["tenure"], "steps": [{"impute": "median"}, {"scale": "standard"}]},
            {"columns": {"kind": "category"}, "steps": [{"one_hot": {"min_frequency": 20}}]},
            {"columns": ["month"], "steps": [{"date": {"parts": ["month"], "cyclic": True}}]},
            {"columns": "usage_*", "steps": [{"lag": [1, 3]}, {"rolling": {"windows": ["90d"]}}]},
            {"columns": ["note"], "steps": [{"tfidf": {"max_features": 2000}}], "for": ["linear"]},
            {"python": "features.py:ratios"},
            {"rest": "drop"},
        ]
    )
    assert spec.blocks[1].columns == OfKind(kind="category")
    assert spec.blocks[4].models == ("linear",)
    assert spec.paths() == ("features.py",)
    assert spec.rest == "drop"


def test_what_is_written_is_read_back():
    spec = Featurize.read([{"columns": ["a"], "steps": ["impute", {"lag": 2}][:1], "for": ["m"]}])
    assert Featurize.read(spec.model_dump(mode="json")) == spec
    assert spec.model_dump(mode="json")[0]["for"] == ["m"]


@pytest.mark.parametrize(
    ("block", "at", "said"),
    [
        ({}, (0,), "one of `columns`, `rest`, `python`, `sql` and `aggregate`"),
        (
            {"columns": ["a"], "rest": "auto"},
            (0,),
            "one of `columns`, `rest`, `python`, `sql` and `aggregate`",
        ),
        ({"rest": "auto", "steps": ["scale"]}, (0,), "`steps` go with `columns`"),
        ({"rest": "auto", "for": ["m"]}, (0,), "`rest` is for all models"),
        ({"columns": ["a"], "steps": ["scle"]}, (0, "steps"), "'scle' is not known"),
        ({"columns": ["a"], "steps": ["scale", "lag"]}, (0, "steps"), "`lag` reads the table"),
        ({"columns": []}, (0, "columns"), "at least 1 item"),
        ({"columns": {"kind": "colour"}}, (0, "columns"), "'number', 'category'"),
        ({"python": "features:ratios"}, (0, "python"), "expected path.py:function"),
        ({"python": "features.py:1"}, (0, "python"), "expected path.py:function"),
        ({"colums": ["a"]}, (0, "colums"), "Extra inputs"),
    ],
)
def test_mistakes_are_placed(block, at, said):
    with pytest.raises(ValidationError) as caught:
        Featurize.read([block])
    found = [e for e in caught.value.errors() if e["loc"][: len(at)] == at and said in e["msg"]]
    assert found, caught.value.errors()


def test_the_rest_is_said_once():
    with pytest.raises(ValidationError, match="`rest` stands twice"):
        Featurize.read([{"rest": "auto"}, {"rest": "drop"}])


def test_the_schema_knows_the_words():
    schema = TypeAdapter(Featurize).json_schema()
    assert "target_encode" in str(schema)
    assert "lag" in str(schema)
