"""The verbs of the registry, over bundles that hold nothing: what is said, and the exit codes."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from mlpipe.cli import app
from mlpipe.registry.registry import Registry
from tests.registry.bundles import ACT, write

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def mlpipe(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def document(*arguments: str) -> Any:
    done = mlpipe(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions of one model, the first of them the champion."""
    monkeypatch.chdir(tmp_path)
    registry = Registry(tmp_path / "models")
    card = {"run": "churn/0001-aaaa", "verdict": "passed", "metrics": None}
    for number, alias in ((1, "champion"), (2, "challenger")):
        registry.register(write(tmp_path / str(number), number), card, ACT, alias=alias)
    return tmp_path


def test_promote_and_rollback(folder: Path) -> None:
    done = mlpipe("promote", "churn@challenger", "--to", "champion", "--reason", "better")
    assert (done.exit_code, done.stdout) == (0, "churn@champion: 1 → 2\n")
    assert mlpipe("promote", "churn@2").stdout == "churn@champion is version 2 already\n"
    assert mlpipe("rollback", "churn").stdout == "churn@champion: 2 → 1\n"
    again = mlpipe("rollback", "churn")
    assert again.exit_code == 2
    assert "has not pointed at another version before" in again.stderr
    log = document("models", "log", "churn")
    assert [event["what"] for event in log] == ["register", "register", "promote", "rollback"]
    assert log[2]["reason"] == "better"
    assert log[2]["who"]


def test_json(folder: Path) -> None:
    assert document("promote", "churn@challenger") == {
        "name": "churn", "alias": "champion", "version": 2, "before": 1,
    }  # fmt: skip
    assert document("models", "list") == [
        {"model": "churn", "versions": 2, "aliases": {"challenger": 2, "champion": 2}}
    ]
    cards = document("models", "show", "churn")
    assert [card["version"] for card in cards] == [1, 2]
    assert cards[1]["aliases"] == ["challenger", "champion"]


def test_tables(folder: Path) -> None:
    assert "challenger → 2, champion → 1" in mlpipe("models", "list").stdout
    assert "churn/0001-aaaa" in mlpipe("models", "show", "churn").stdout
    assert "register 2  challenger: none → 2  for a test" in mlpipe("models", "log", "churn").stdout


def test_an_empty_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert mlpipe("models", "list").stdout == "no models in models yet\n"
    done = mlpipe("models", "show", "churn")
    assert (done.exit_code, "no model 'churn'" in done.stderr) == (2, True)
    assert os.listdir(tmp_path) == []


def test_another_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "models").rename(folder / "kept")
    assert document("models", "list", "--registry", "kept")[0]["versions"] == 2
    monkeypatch.setenv("MLPIPE_REGISTRY", "kept")
    assert document("models", "list")[0]["versions"] == 2


def test_a_read_only_registry_is_an_error_of_the_store(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "ftruncate", refuse)
    done = mlpipe("promote", "churn@2")
    assert done.exit_code == 4
    assert "read-only" in done.stderr
    assert "--registry" in done.stderr
    assert mlpipe("models", "list").exit_code == 0


def test_bundle_copies_a_registered_model_out(folder: Path) -> None:
    done = document("bundle", "churn@2", "out/copy")
    assert done["model"].startswith("churn version 2 (challenger)")
    copied = {path.name: path.read_bytes() for path in (folder / "out" / "copy").iterdir()}
    assert copied == {path.name: path.read_bytes() for path in (folder / "2").iterdir()}
    again = mlpipe("bundle", "churn@2", "out/copy")
    assert (again.exit_code, "is not empty" in again.stderr) == (4, True)


@pytest.mark.parametrize("wanted", ["churn@9", "nothing@champion", "churn@", "0042"])
def test_a_model_that_is_not_there(folder: Path, wanted: str) -> None:
    done = mlpipe("bundle", wanted, "out")
    assert done.exit_code == 2
    assert not (folder / "out").exists()


@pytest.mark.parametrize("name", ["model.skops", "bundle.json"])
def test_a_tampered_bundle_is_refused_in_words(folder: Path, name: str) -> None:
    path = folder / "2" / name
    path.write_bytes(path.read_bytes().replace(b"2", b"3"))
    for arguments in (["bundle", "2", "out"], ["predict", "--model", "2", "--input", "x.csv"]):
        done = mlpipe(*arguments)
        assert done.exit_code == 4
        assert name in done.stderr
        assert "Traceback" not in done.output


def test_verify_names_what_is_damaged_or_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlpipe.run.store import Store

    monkeypatch.chdir(tmp_path)
    store = Store(tmp_path / "runs")

    def fill(folder: Path) -> dict[str, Any]:
        (folder / "a.json").write_text("{}")
        return {}

    made = {step: store.put(step, f"{step}key", {}, fill) for step in ("ingest", "split")}
    store.write_run("churn", {}, made)
    assert mlpipe("runs", "verify").exit_code == 0
    file = made["split"].path / "a.json"
    file.chmod(0o644)
    file.write_text("[]")
    made["ingest"].path.rename(tmp_path / "elsewhere")
    done = mlpipe("runs", "verify", "latest")
    assert done.exit_code == 4
    assert "ingest: gone" in done.stdout
    assert "split: damaged: a.json is not what was written" in done.stdout
    assert file.read_text() == "[]"  # nothing is moved
