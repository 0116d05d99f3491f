"""The commands that answer a drift are those that do something for this spec."""

import pytest

from mlpipe.pipeline import load
from mlpipe.run.alerting.retrain import is_due, retraining
from mlpipe.run.request import Request
from tests.monitor.alerts.reports import report
from tests.project import SPEC

REGISTERED = "register: {alias: candidate}\n"
PROMOTED = "register: {promote: {to: champion, when: gates_pass}}\n"


def commands(tmp_path, more="", *, has_champion=True, model="", **request):
    path = tmp_path / "mlpipe.yaml"
    path.write_text(SPEC + more)
    asked = Request("monitor", "mlpipe.yaml", **request)
    lines = retraining(
        asked, load(path, environ={}).pipeline, has_champion=has_champion, model=model
    )
    assert all(line["why"] for line in lines)
    return [line["command"] for line in lines]


@pytest.mark.parametrize(
    ("more", "after"),
    [
        (
            "",
            ["mlpipe register small --alias challenger",
             "mlpipe promote small@challenger --to champion"],
        ),
        (REGISTERED, ["mlpipe promote small@candidate --to champion"]),
        (PROMOTED, []),
    ],
)  # fmt: skip
def test_what_the_spec_does_by_itself_is_not_left_to_do(tmp_path, more, after):
    assert commands(tmp_path, more) == ["mlpipe run mlpipe.yaml", *after]


@pytest.mark.parametrize(
    ("model", "first"),
    [
        ("small/0003-aa11", "mlpipe register small/0003-aa11 --alias champion"),
        ("small@2", "mlpipe promote small@2 --to champion"),
        ("", "mlpipe register small --alias champion"),
    ],
)
def test_without_a_champion_the_model_of_today_becomes_it(tmp_path, model, first):
    assert commands(tmp_path, PROMOTED, has_champion=False, model=model) == [
        first, "mlpipe run mlpipe.yaml",
    ]  # fmt: skip


def test_the_options_that_were_given_are_kept(tmp_path):
    found = commands(
        tmp_path, has_champion=False, overrides=("monitor.every=week", "seed=8"), profile="prod",
        runs_dir="my runs", registry="reg", offline=True,
    )  # fmt: skip
    places = "--runs-dir 'my runs' --registry reg"
    assert found == [
        f"mlpipe register small --alias champion {places}",
        f"mlpipe run mlpipe.yaml -S monitor.every=week -S seed=8 --profile prod {places}",
        f"mlpipe register small --alias challenger {places}",
        "mlpipe promote small@challenger --to champion --registry reg",
    ]


def test_a_registry_of_the_spec_is_named_where_a_verb_has_no_spec(tmp_path):
    found = commands(tmp_path, "registry: kept\n")
    assert found[0] == "mlpipe run mlpipe.yaml"
    assert all(command.endswith("--registry kept") for command in found[1:])


@pytest.mark.parametrize(
    ("silenced", "expected"),
    [
        ([], True),
        (["quality.*", "decay.*", "estimate.*", "drift.*"], False),  # the log alone is left
        (["quality.*", "decay.*", "estimate.*", "drift.p*"], True),
    ],
)
def test_a_model_answers_drift_and_decay_but_no_slow_server(silenced, expected):
    rows = [{"what": what, "until": "2026-12-31", "reason": "r"} for what in silenced]
    assert is_due(report({"silence": rows})) is expected
