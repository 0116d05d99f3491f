import pytest

from mlpipe.tracking.signature import input_type, outputs


@pytest.mark.parametrize(
    ("kind", "never_null", "maybe_null"),
    [
        ("integer", "long", "double"),
        ("number", "double", "double"),
        ("decimal(9,2)", "double", "double"),
        ("string", "string", "string"),
        ("date", "datetime", "datetime"),
        ("timestamp", "datetime", "datetime"),
        ("boolean", "any", "any"),
        ("timestamp_utc", "any", "any"),
        ("time", "any", "any"),
    ],
)
def test_types_of_inputs(kind, never_null, maybe_null):
    column = {"name": "a", "type": kind, "role": "feature"}
    assert input_type({**column, "nullable": False}) == never_null
    assert input_type({**column, "nullable": True}) == maybe_null


@pytest.mark.parametrize(
    ("task", "classes", "scoped", "expected"),
    [
        ("binary", ["no", "yes"], False, {"prediction": "string", "score": "double"}),
        ("binary", [0, 1], False, {"prediction": "long", "score": "double"}),
        ("binary", [False, True], False, {"prediction": "boolean", "score": "double"}),
        ("binary", [0, 1], True, {"prediction": "any", "score": "double", "in_scope": "boolean"}),
        ("multiclass", ["a", "b"], False,
         {"prediction": "string", "score_a": "double", "score_b": "double"}),
        ("regression", [], False, {"prediction": "double"}),
    ],
)  # fmt: skip
def test_types_of_answers(task, classes, scoped, expected):
    assert outputs({"task": task, "classes": classes}, scoped=scoped) == expected
