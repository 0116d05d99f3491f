"""What is watched against what evaluate names: every margin is of something that is judged."""

import pytest

from mlpipe.errors import SpecError
from mlpipe.metrics.business import Business
from mlpipe.monitor.misfits import misfits
from mlpipe.monitor.spec import Monitor
from mlpipe.pipeline import load
from tests.project import SPEC

BUSINESS = {
    "profit": Business.read({"value": {"tp": 12, "fp": -5}}),
    "calls": Business.read({"top": 200, "value": {"tp": 60, "fp": -5}}),
}
GAP = "equal_opportunity_difference"
WATCHED = {"quality": {"metric": "roc_auc"}, "estimate": {"metrics": ["f1"]}}


def told(margins, fairness=(GAP,), **section):
    spec = Monitor.read({**WATCHED, **section, "margins": margins})
    return list(misfits(spec, "binary", BUSINESS, fairness))


def test_margins_of_what_is_watched_fit():
    assert told({"profit": 50, GAP: 0.02, "f1": 0.05}) == []
    assert told({}) == []


@pytest.mark.parametrize(
    ("margins", "section", "what", "hint"),
    [
        ({"roc_auc": 0.1}, {}, "stands beside it", "quality: {metric: roc_auc, margin: 0.1}"),
        ({"calls": 5}, {}, "'calls' is not watched: it is no mean over rows", "leave it out"),
        ({"profitt": 5}, {}, "'profitt' is not watched", "did you mean 'profit'?"),
        ({"profit": 5}, {"estimate": {"business": False}}, "'profit' is not watched", GAP),
        ({GAP: 0.1}, {"estimate": {"fairness": False}}, f"'{GAP}' is not watched", "profit"),
        ({"brier": 0.1}, {}, "'brier' is not watched", f"watched are f1, profit, {GAP}"),
    ],
)
def test_a_margin_of_nothing_is_no_limit_and_refused(margins, section, what, hint):
    ((place, message, help_),) = told(margins, **section)
    assert place == ("margins", next(iter(margins)))
    assert what in message
    assert hint in help_


def test_where_nothing_is_watched_it_is_said():
    spec = Monitor.read({"margins": {"profit": 5}})
    assert [hint for *_, hint in misfits(spec, "binary", {}, ())] == ["nothing else is watched"]


def test_a_metric_of_another_task_is_refused():
    spec = Monitor.read({"quality": {"metric": "mae"}})
    ((place, message, _),) = misfits(spec, "binary", {}, ())
    assert (place, message) == (
        ("quality", "metric"),
        "'mae' is not a metric of the task binary",
    )


def test_a_spec_says_it_at_its_place(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(SPEC + "monitor:\n  margins: {profit: 5}\n")
    with pytest.raises(SpecError, match=r"monitor\.margins\.profit: 'profit' is not watched"):
        load(path, environ={})
    path.write_text(SPEC + "monitor:\n  margins: {profit: -5}\n")
    with pytest.raises(SpecError, match=r"monitor\.margins\.profit"):
        load(path, environ={})
