"""docs/alerts.md cannot drift: its YAML is read, its names are those of the code."""

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from mlpipe.cli import app
from mlpipe.monitor.alerts.exposition import FAMILIES
from mlpipe.monitor.alerts.message import MOST, message
from mlpipe.monitor.alerts.spec import Alerts, Host, Silence, Webhook
from mlpipe.pipeline import load
from mlpipe.run.alerting.webhook import LONGEST_PAUSE
from tests.monitor.alerts.reports import report
from tests.project import SPEC

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_each_example_is_read(block: str, tmp_path: Path) -> None:
    path = tmp_path / "mlpipe.yaml"
    path.write_text(SPEC + block)
    monitor = load(path, environ={"HOOK": "https://hooks.example.org"}).pipeline.monitor
    assert monitor is not None
    assert monitor.model_fields_set == set(yaml.safe_load(block)["monitor"])


def test_every_word_has_an_example() -> None:
    together = "\n".join(BLOCKS)
    for part in (Alerts, Webhook, Silence, Host):
        for name in part.model_fields:
            assert f"{name}:" in together, name


def test_every_field_of_the_message_and_every_family_is_in_a_table() -> None:
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|[^|]*\|", PAGE, re.M))))
    told = message(report(), pipeline="a", model="b", run="c", as_of="2026-11-26", page="d")
    assert told.keys() <= named
    assert FAMILIES.keys() <= named
    assert {name for name in named if name.startswith("mlpipe_")} == FAMILIES.keys()
    (fields,) = re.findall(r"^\| `alerts` \|(.*)\|$", PAGE, re.M)
    assert set(re.findall(r"`([a-z]+)`", fields)) == told["alerts"][0].keys()


def test_the_figures_are_those_of_the_code() -> None:
    assert f"at most {MOST}:" in PAGE
    assert f"honoured up to {LONGEST_PAUSE:g}\nseconds" in PAGE
    assert Webhook(url="https://a.example").timeout == "10s"


def test_each_name_is_one_that_a_report_has() -> None:
    known = {*report()["measures"], "host.disk"}
    said = re.search(r"from night to night: (.*?)\.\n\n", PAGE, re.S)
    assert said
    assert set(re.findall(r"`([a-z0-9_.]+)`", said[1])) <= known


def test_its_commands_have_the_options_that_they_name() -> None:
    """tests/cli/test_alerts.py runs them."""
    lines = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.S)).splitlines()
    assert lines
    for line in lines:
        _, verb, *words = shlex.split(line)
        command = typer.main.get_command(app).commands[verb]  # type: ignore[attr-defined]
        known = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("-")} <= known
