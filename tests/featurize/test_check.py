"""What does not fit the table: all of it, each at its place."""

import pytest

from mlpipe.errors import SpecError
from mlpipe.features.transforms.sentence_embed import SentenceEmbed
from mlpipe.featurize.spec import Featurize
from mlpipe.featurize.stage import check
from mlpipe.table.columns import Columns

INPUTS = [
    {"name": name, "kind": kind, "type": ""}
    for name, kind in {
        "id": "category",
        "month": "date",
        "calls": "number",
        "plan": "category",
        "note": "text",
        "gender": "category",
        "secret_x": "number",
        "demand": "number",
        "signup": "date",
    }.items()
]
ROLES = {"key": "id", "entity": "id", "time": "month", "sensitive": ["gender"]}
MODELS = {"linear": "linear", "boosted": "trees"}


def _problems(blocks, **roles):
    columns = Columns.read({**ROLES, "target": "demand", "ignore": ["secret_*"], **roles})
    try:
        check(Featurize.read(blocks), columns, INPUTS, MODELS)
    except SpecError as error:
        return [(problem.key, problem.message, problem.hint) for problem in error.problems]
    return []


def test_all_problems_come_at_once():
    found = _problems(
        [
            {"columns": ["cals", "calls"], "steps": ["scale"]},
            {"columns": "usage_*"},
            {"columns": ["demand"], "steps": ["scale"], "for": ["linaer"]},
        ]
    )
    assert [(key, hint) for key, _, hint in found] == [
        ("featurize.0.columns.0", "did you mean 'calls'?"),
        (
            "featurize.1.columns",
            "the columns are: id, month, calls, plan, note, gender, secret_x, demand, signup",
        ),
        ("featurize.2.for.0", "did you mean 'linear'?"),
        ("featurize.2.columns.0", "of its past, take `lag` or `rolling`"),
    ]


def test_sensitive_time_and_ids_may_be_named():
    assert not _problems([{"columns": ["gender", "id"], "steps": ["one_hot"]}])
    assert not _problems([{"columns": ["month"], "steps": ["date"]}])


@pytest.mark.parametrize(
    ("block", "key", "said"),
    [
        ({"columns": ["plan"], "steps": ["scale"]}, "steps.0", "'scale' takes boolean or number"),
        (
            {"columns": ["plan"], "steps": [{"impute": "most_frequent"}]},
            "steps",
            "leaves a category, not numbers",
        ),
        ({"columns": ["plan"], "steps": ["impute"]}, "steps.0", "'impute' takes boolean or number"),
        (
            {"columns": ["calls"], "steps": [{"impute": {"strategy": "constant", "value": "x"}}]},
            "steps.0",
            "'impute' takes category; 'calls' is number here",
        ),
        ({"columns": ["calls"], "steps": ["interactions"]}, "steps.0", "needs 2 columns"),
        (
            {"columns": ["plan"], "steps": [{"embed": {"from": "cooccurrence"}}]},
            "steps.0",
            "'embed' needs 2 columns; here is one",
        ),
        (
            {"columns": ["note"], "steps": [{"embed": {"from": "target"}}]},
            "steps.0",
            "'embed' takes category; 'note' is text here",
        ),
        (
            {"columns": ["calls"], "steps": ["normalize", "spline"]},
            "steps.1",
            "'spline' works column by column, and 'normalize' has joined them",
        ),
        ({"columns": ["note"], "steps": ["one_hot"]}, "steps.0", "'note' is text here"),
        ({"columns": ["plan"], "steps": ["one_hot", "scale"]}, "steps.1", "'plan' is sparse here"),
        ({"columns": ["secret_x"], "steps": ["scale"]}, "columns.0", "is in columns.ignore"),
        ({"columns": "secret_*", "steps": ["scale"]}, "columns", "no column 'secret_*'"),
        ({"columns": ["note"], "steps": ["lag"]}, "steps.0", "'lag' takes"),
        ({"columns": ["demand"], "steps": [{"difference": 1}]}, "steps.0", "of the row itself"),
    ],
)
def test_a_block_that_does_not_fit(block, key, said):
    found = _problems([block])
    assert [one[0] for one in found] == [f"featurize.0.{key}"]
    assert said in found[0][1]
    assert found[0][2]


def test_steps_that_fit_pass():
    assert not _problems(
        [
            {"columns": ["note"], "steps": ["tfidf", {"svd": 5}, "scale"]},
            {"columns": ["plan"], "steps": [{"impute": "most_frequent"}, "one_hot"]},
            {"columns": ["calls"], "steps": [{"lag": [1, "7d"]}, "impute", "scale"]},
            {"columns": {"kind": "number"}, "steps": ["keep"]},
        ]
    )


def test_steps_after_a_look_back_take_what_it_made():
    assert not _problems(
        [
            {"columns": ["plan"], "steps": ["since_last", {"scale": "standard"}]},
            {"columns": ["plan"], "steps": ["lag", "one_hot"]},
            {"columns": ["calls"], "steps": ["lag", "since_last", "impute"]},
            {"columns": ["calls"], "steps": [{"lag": [1, 2]}, "interactions"]},
        ]
    )
    (problem,) = _problems([{"columns": ["plan"], "steps": ["since_last", "one_hot", "scale"]}])
    assert problem[:2] == (
        "featurize.0.steps.2",
        "'scale' takes boolean or number; 'plan_since_last' is sparse here",
    )
    (problem,) = _problems([{"columns": ["plan"], "steps": ["lag", "since_last", "scale"]}])
    assert "'plan_lag_1' is category here" in problem[1]


def test_looking_back_needs_time_and_dates_for_spans():
    lag = [{"columns": ["calls"], "steps": [{"lag": 1}]}]
    assert _problems(lag, time=None)[0][2] == "declare columns.time"
    span = [{"columns": ["calls"], "steps": [{"rolling": "7d"}]}]
    assert _problems(span, time="calls")[0][1] == "'7d' needs dates in calls"
    assert not _problems(lag, time="calls")


def test_of_the_target_only_what_is_known():
    target = {"name": "demand", "horizon": "7d"}

    def of(steps):
        return _problems([{"columns": ["demand"], "steps": steps}], target=target)

    assert not of([{"lag": [1, 3, "7d"]}, {"rolling": [3, "30d"]}])
    assert of([{"lag": "3d"}])[0][:2] == (
        "featurize.0.steps.0",
        "lag 3d of the target reaches no value that is 7d old",
    )
    assert "mean 7d of the target" not in str(of([{"rolling": "8d"}]))
    assert "mean 5d of the target" in of([{"rolling": "5d"}])[0][1]


def test_an_age_counts_to_the_time_or_to_another_date():
    age = {"columns": ["signup"], "steps": ["age"]}
    assert not _problems([age])
    assert not _problems([{**age, "steps": [{"age": {"date": "2024-01-01"}}]}], time=None)
    (found,) = _problems([age], time=None)
    assert found == (
        "featurize.0.steps.0",
        "'age' needs a date to count to",
        "declare columns.time, or name a column: age: {at: month}",
    )


@pytest.mark.parametrize(
    ("until", "said", "hint"),
    [
        ("mont", "there is no column 'mont'", "did you mean 'month'?"),
        ("when", "there is no column 'when'", "the dates are: month, signup"),
        ("calls", "'age' counts to a date; 'calls' is number", "count to another column"),
        ("secret_x", "'secret_x' is ignored and cannot be part of a feature", ""),
        ("demand", "'demand' is the target and cannot be part of a feature", ""),
        ("signup", "'signup' has no age at itself", "count to another column"),
    ],
)
def test_what_an_age_cannot_be_counted_to(until, said, hint):
    ((key, message, told),) = _problems([{"columns": ["signup"], "steps": [{"age": until}]}])
    assert (key, message) == ("featurize.0.steps.0", said)
    assert hint in told


def test_a_missing_extra_is_said_at_its_step(monkeypatch):
    monkeypatch.setattr(SentenceEmbed, "installed", classmethod(lambda cls: False))
    found = _problems([{"columns": ["note"], "steps": [{"sentence_embed": "some/model"}]}])
    said = "'sentence_embed' needs the extra 'text'"
    assert found == [("featurize.0.steps.0", said, "pip install 'mlpipe[text]'")]
    monkeypatch.setattr(SentenceEmbed, "installed", classmethod(lambda cls: True))
    assert not _problems([{"columns": ["note"], "steps": [{"sentence_embed": "some/model"}]}])
