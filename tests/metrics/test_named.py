import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from mlpipe.metrics.family import Family, Parameter
from mlpipe.metrics.metric import NUMBERS, Metric
from mlpipe.metrics.named import Vocabulary
from mlpipe.metrics.scores import METRICS


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("f1", "f1"),
        ("fbeta_0.50", "fbeta_0.5"),
        ({"fbeta": 2}, "fbeta_2"),
        ("precision_at_1e-20", "precision_at_1e-20"),
        ({"precision_at": 0.1}, "precision_at_0.1"),
        ({"precision_at": 500}, "precision_at_500"),
        ({"precision_at": {"share": 0.1}}, "precision_at_0.1"),
        ({"precision_at": {"rows": 500}}, "precision_at_500"),
        ("recall_at_fpr_0.05", "recall_at_fpr_0.05"),
        ("recall_at_0.05", "recall_at_0.05"),
        ({"top_k_accuracy": {"k": 3}}, "top_k_accuracy_3"),
        ("ndcg", "ndcg"),
        ("ndcg_10", "ndcg_10"),
        ({"pinball": {"quantile": 0.9}}, "pinball_0.9"),
        ("d2_pinball_0.25", "d2_pinball_0.25"),
        ("pinball_1e-05", "pinball_1e-05"),
    ],
)
def test_every_spelling_has_one_name(spelled: object, name: str) -> None:
    assert METRICS.canonical(spelled) == name
    assert METRICS[name].name == name


@pytest.mark.parametrize(
    ("spelled", "said", "hint"),
    [
        ("fbeta", "'fbeta' takes beta, a number above 0; not nothing", "fbeta_2"),
        ("fbeta_x", "not 'x'", "fbeta_2"),
        ("fbeta_1e300", "not '1e300'", "fbeta_2"),
        ("precision_at_" + "9" * 5000, "not '9999", "precision_at_0.1"),
        ({"precision_at": 10**400}, "not 1000", "precision_at_0.1"),
        ("fbeta_-1", "above 0", "fbeta_2"),
        ({"fbeta": 0}, "not 0", "fbeta_2"),
        ({"fbeta": True}, "not True", "fbeta_2"),
        ({"fbeta": {"gamma": 2}}, "beta", "fbeta_2"),
        ({"fbeta": None}, "not nothing", "fbeta_2"),
        ("precision_at_1.5", "share, a number above 0 and below 1, or rows", "precision_at_0.1"),
        ("precision_at_0", "whole number from 1 on", "precision_at_0.1"),
        ({"precision_at": {"share": 500}}, "share", "precision_at_0.1"),
        ({"precision_at": {"rows": 0.5}}, "rows", "precision_at_0.1"),
        ("recall_at_fpr_2", "'recall_at_fpr' takes fpr", "recall_at_fpr_0.05"),
        ("top_k_accuracy_2.5", "whole number", "top_k_accuracy_3"),
        ("pinball_inf", "quantile", "pinball_0.9"),
        ("f1_2", "'f1_2' is not a metric", ""),
        ("recal", "not a metric", "'recall'"),
        ("precison_at_0.2", "not a metric", "'precision_at_0.2'"),
        ({"f1": 2}, "'f1' takes no parameter", "alone"),
        ({"f2": 2}, "'f2' is not a metric", ""),
        (7, "expected the name of a metric", "{fbeta: 2}"),
        ({"fbeta": 2, "pinball": 0.5}, "expected the name of a metric", ""),
    ],
)
def test_a_wrong_name_is_told_what_is_right(spelled: object, said: str, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        METRICS.canonical(spelled)
    assert said in caught.value.message()
    assert hint in (caught.value.context or {})["hint"]


@given(st.floats(1e-12, 1, exclude_max=True))
def test_a_name_keeps_its_parameter(share: float) -> None:
    name = METRICS.canonical({"pinball": share})
    assert METRICS.canonical(name) == name
    assert float(name.removeprefix("pinball_")) == share


def test_the_vocabulary_grows_beside_itself() -> None:
    mine = Metric("my_cost", NUMBERS, "value", False, "cost", lambda *_: 1.0, "never")
    more = METRICS.beside([mine])
    assert more["my_cost"] is mine
    assert "my_cost" not in METRICS
    assert more["fbeta_2"].name == "fbeta_2"
    assert len(more) == len(METRICS) + 1


def test_the_shapes_are_those_of_the_task() -> None:
    assert "fbeta_BETA" in METRICS.shapes("binary")
    assert "fbeta_BETA" not in METRICS.shapes("multiclass")
    assert "roc_auc" not in METRICS.shapes("binary", "label")


def test_every_example_of_a_family_is_one_of_it() -> None:
    for family in METRICS.families.values():
        assert METRICS[f"{family.word}_{family.example}"].name == family.sample.name


def test_the_longest_word_claims_a_name() -> None:
    def make(name: str, _: float) -> Metric:
        return Metric(name, NUMBERS, "value", True, "", lambda *_: 0.0, "never")

    short = Family("a", (Parameter("x"),), make, "1")
    long = Family("a_b", (Parameter("x"),), make, "1")
    for rows in ((short, long), (long, short)):
        found = Vocabulary(rows).family("a_b_1")
        assert found is long
