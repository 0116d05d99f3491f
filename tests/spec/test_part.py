"""Parts and words: what they accept, and the schema that editors get."""

import json
import re
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mlpipe.spec.part import OneOf, Part, frozen
from mlpipe.spec.reference import file_schema
from tests.spec.sample import Impute, Inner, OneHot, Sample, Step, Tfidf

STEP: TypeAdapter[Any] = TypeAdapter(Step)


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("impute", Impute()),
        ({"impute": "mean"}, Impute(strategy="mean")),
        ({"impute": {"strategy": "mean"}}, Impute(strategy="mean")),
        ({"impute": None}, Impute()),
        ({"one_hot": {"inner": {"size": 2}}}, OneHot(inner=Inner(size=2))),
        (Tfidf(max_features=3), Tfidf(max_features=3)),
    ],
)
def test_a_word_in_each_of_its_forms(written: object, part: Part) -> None:
    assert STEP.validate_python(written) == part


@pytest.mark.parametrize("part", [Impute(), OneHot(min_frequency=3), Tfidf(max_features=9)])
def test_a_word_reads_back_as_it_is_written(part: Part) -> None:
    written = STEP.dump_python(part, mode="json")
    assert list(written) == [part.word]
    assert STEP.validate_python(frozen(written)) == part


@pytest.mark.parametrize("written", [3, None, [], {}, {"a": 1, "b": 2}, "unknown", {"x": 1}])
def test_what_is_no_word(written: object) -> None:
    with pytest.raises(ValidationError):
        STEP.validate_python(written)


def test_a_part_is_frozen_strict_and_closed() -> None:
    with pytest.raises(ValidationError):
        Inner.read({"size": "1"})
    with pytest.raises(ValidationError):
        Inner.read({"size": 1, "more": 2})
    with pytest.raises(ValidationError):
        Inner().size = 3  # type: ignore[misc]


def references(schema: Any) -> set[str]:
    return set(re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(schema)))


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    for model in (STEP.json_schema(), Sample.model_json_schema()):
        assert references(model) == set(model["$defs"])
        assert json.dumps(model).count('"$defs"') == 1


def accepts(schema: dict[str, Any], whole: dict[str, Any], value: Any) -> bool:
    """Validate by the few keywords of JSON Schema that words use."""
    if "$ref" in schema:
        return accepts(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, value)
    if "anyOf" in schema:
        return any(accepts(each, whole, value) for each in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "integer":
        return isinstance(value, int) and value >= schema.get("minimum", value)
    if schema["type"] != "object" or not isinstance(value, dict):
        return False
    known = schema["properties"]
    return {*schema.get("required", ())} <= {*value} <= {*known} and all(
        accepts(known[key], whole, item) for key, item in value.items()
    )


@pytest.mark.parametrize(
    "written",
    [
        "impute", "one_hot", "tfidf", "x", 3, {}, {"impute": "mean"}, {"impute": "x"},
        {"impute": {"strategy": "median"}}, {"impute": {"strategy": 3}}, {"impute": {"x": 1}},
        {"one_hot": {"min_frequency": 2}}, {"one_hot": 3}, {"one_hot": {"inner": {"size": 0}}},
        {"one_hot": {"inner": {"size": 1}}}, {"tfidf": {}}, {"tfidf": {"max_features": 3}},
        {"impute": "mean", "one_hot": {}},
    ],
)  # fmt: skip
def test_the_schema_accepts_what_the_words_accept(written: Any) -> None:
    schema = STEP.json_schema()
    try:
        STEP.validate_python(written)
    except ValidationError:
        assert not accepts(schema, schema, written)
    else:
        assert accepts(schema, schema, written)


def test_a_vocabulary_without_bare_words_has_no_empty_choice() -> None:
    schema = TypeAdapter(Annotated[Tfidf, OneOf(Tfidf)]).json_schema()
    assert [set(each) & {"enum", "properties"} for each in schema["anyOf"]] == [{"properties"}]


def test_fields_are_described_by_their_docstrings() -> None:
    schema = Sample.model_json_schema()
    assert schema["properties"]["task"]["description"] == "What is predicted."


def test_a_file_may_extend_others_and_hold_profiles() -> None:
    whole = file_schema(Sample.model_json_schema())
    assert {"extends", "profiles"} < set(whole["properties"])
    assert "required" not in whole
    assert whole["then"]["required"] == ["name", "target"]
    profile = whole["properties"]["profiles"]["additionalProperties"]
    assert set(profile["properties"]) == set(Sample.model_json_schema()["properties"])
    assert references(whole) == set(whole["$defs"])
