"""Cases 22 to 27 of the bad inputs, exit codes and streams: as a user meets them."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from tests.project import SPEC, mlpipe, statuses, write_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with a space, an umlaut and a leading dash in its path, run once."""
    folder = tmp_path_factory.mktemp("work") / "-müll and more"
    folder.mkdir()
    write_project(folder)
    assert mlpipe(folder, "run").returncode == 0
    return folder


def _says(done, code, text):
    assert (done.returncode, done.stderr) == (code, text)
    assert done.stdout == ""


def test_22_a_missing_spec(tmp_path):
    _says(
        mlpipe(tmp_path, "run", "nope.yaml"),
        2,
        f"error: nope.yaml: there is no file {tmp_path}/nope.yaml\n"
        "  hint: mlpipe init DATA --target COLUMN writes one\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_22_a_missing_spec_that_is_elsewhere(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "churn.yaml").write_text(SPEC)
    done = mlpipe(tmp_path, "check", "churn.yaml")
    assert done.stderr.endswith("  hint: there is configs/churn.yaml\n")


def test_22_a_missing_spec_as_json(tmp_path):
    done = mlpipe(tmp_path, "run", "nope.yaml", "--json")
    document = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode == 2
    assert document["problems"][0]["message"] == f"there is no file {tmp_path}/nope.yaml"


def test_23_spaces_unicode_and_a_leading_dash_in_paths(project):
    spec = project / "-ä spec.yaml"
    spec.write_text(SPEC)
    assert mlpipe(project, "check", "--", "-ä spec.yaml").returncode == 0
    assert mlpipe(project.parent, "plan", "-C", "-müll and more").returncode == 0


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("seed", "error: -S seed: expected key=value\n  hint: for example -S train.folds=3\n"),
        (
            "trainn.folds=3",
            "error: -S trainn.folds=3 trainn: unknown key\n  hint: did you mean 'train'?\n",
        ),
        ("seed=abc", "error: -S seed=abc seed: expected an integer, got 'abc'\n"),
        (
            "train.folds=true",
            "error: -S train.folds=true train.folds: expected an integer, got true\n",
        ),
    ],
)
def test_24_a_bad_override(project, override, text):
    _says(mlpipe(project, "check", "-S", override), 2, text)


def test_24_an_override_is_typed_like_the_file(project):
    done = mlpipe(project, "config", "--json", "-S", "name=on", "-S", "train.folds=4")
    values = json.loads(done.stdout)
    assert (values["name"], values["train"]["folds"]) == ("on", 4)


def test_25_a_closed_pipe_is_quiet(project):
    command = [sys.executable, "-m", "mlpipe", "schema"]
    running = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait() == 0


def test_26_the_c_locale_gets_ascii(project):
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LANG": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "mlpipe", "plan"],
        cwd=project, env={**os.environ, **env}, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith(b"= ingest     reused    nothing it depends on changed\n")
    assert done.stdout.isascii()


def test_26_without_a_terminal_there_are_no_escape_codes(project):
    done = mlpipe(project, "run")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.startswith("= ingest     reused")


def _in_terminal(folder, columns, env, *command):
    """Run a command with a terminal of its own as stderr; return what appears there."""
    master, terminal = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "mlpipe", *(command or ["run"])],
        cwd=folder, stdout=terminal, stderr=terminal, check=not command,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(terminal)
    seen = b""
    while chunk := _read(master):
        seen += chunk
    os.close(master)
    return seen.decode()


def _read(master):
    try:
        return os.read(master, 65536)
    except OSError:  # Linux ends a terminal whose other side is closed with EIO
        return b""


def test_26_a_terminal_gets_colour_unless_it_is_not_wanted(project):
    assert "\x1b[36m=\x1b[0m ingest" in _in_terminal(project, 100, {})
    assert "\x1b[36m" not in _in_terminal(project, 100, {"NO_COLOR": "1"})


def test_86_escape_codes_of_the_data_do_not_reach_a_terminal(project):
    seen = _in_terminal(project, 100, {}, "data", "diff", "a\x1b]0;b\x07.csv", "\x1b[2Jb.csv")
    assert "\\x1b]0;b\\x07.csv" in seen
    assert "\x1b" not in seen


def test_26_a_narrow_terminal_works(project):
    assert "verdict" in _in_terminal(project, 30, {})


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_27_an_interrupted_run_leaves_a_clean_store(tmp_path, sent, code):
    write_project(tmp_path, rows=30_000)
    running = subprocess.Popen(
        [sys.executable, "-m", "mlpipe", "run"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    first = running.stderr.readline()  # the first step is done, the next one has begun
    assert first.startswith("✓ ingest")
    time.sleep(0.05)
    running.send_signal(sent)
    _, errors = running.communicate()
    assert running.returncode == code
    word = "interrupted" if code == 130 else "terminated"
    assert errors.endswith(f"{word}; nothing half-written is kept\n")
    assert list((tmp_path / "runs" / "tmp").iterdir()) == []
    done = mlpipe(tmp_path, "run", "--json")
    assert statuses(json.loads(done.stdout))["ingest"] == "reused"


def test_answers_go_to_stdout_and_progress_to_stderr(project):
    done = mlpipe(project, "run")
    assert "roc_auc" in done.stdout
    assert "verdict  passed" in done.stdout
    assert "next     mlpipe predict" in done.stdout
    assert "ingest" not in done.stdout


def test_a_gate_that_says_no_is_exit_code_1(project):
    harsh = ("-S", "evaluate.gates.0.min=0.999")
    done = mlpipe(project, "run", *harsh)
    assert done.returncode == 1
    assert "verdict  failed" in done.stdout
    assert mlpipe(project, "run", *harsh).returncode == 1, "a reused verdict says no again"
    assert mlpipe(project, "run", *harsh, "--exit-zero").returncode == 0


def test_a_failed_check_stops_what_follows(project):
    done = mlpipe(project, "run", "-S", "validate.columns.age.max=50", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert statuses(document)["validate"] == "computed"
    assert statuses(document)["train"] == "skipped"


def test_strict_makes_warnings_fail(project):
    warned = ("validate", "-S", "validate.columns.age={max: 50, severity: warn}")
    assert mlpipe(project, *warned).returncode == 0
    assert mlpipe(project, *warned, "--strict").returncode == 1


@pytest.mark.slow
def test_a_gate_that_cannot_tell_fails_by_strict_alone(project):
    undecided = ("evaluate", "-S", "evaluate.gates=[{metric: roc_auc, min: 0.75}]")
    done = mlpipe(project, *undecided)
    assert (done.returncode, "verdict  inconclusive" in done.stdout) == (0, True), done.stdout
    assert mlpipe(project, *undecided, "--strict").returncode == 1
    assert mlpipe(project, *undecided, "--strict", "--exit-zero").returncode == 0
    failing = "evaluate.gates=[{metric: roc_auc, min: 0.75, on_inconclusive: fail}]"
    assert mlpipe(project, "evaluate", "-S", failing).returncode == 1


def test_bad_data_is_exit_code_3_with_its_place(tmp_path):
    write_project(tmp_path, spec=SPEC.replace("max_bad_rows: 2", "max_bad_rows: 0"))
    with (tmp_path / "data.csv").open("a") as file:
        file.write("00999,30\n")
    done = mlpipe(tmp_path, "run")
    assert done.returncode == 3
    assert "data.csv:402" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_column_is_exit_code_2_with_its_place_in_the_spec(project):
    done = mlpipe(project, "ingest", "-S", "columns.entity=idd")
    assert done.returncode == 2
    assert "-S columns.entity=idd columns.entity" in done.stderr
    assert "did you mean 'id'?" in done.stderr


def test_a_foreign_folder_is_exit_code_4_and_untouched(project, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    done = mlpipe(project, "run", "--runs-dir", str(tmp_path))
    assert done.returncode == 4
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


def test_a_newer_spec_is_refused(project):
    _says(
        mlpipe(project, "check", "-S", "version=2"),
        2,
        "error: -S version=2 version: this spec is version 2; this mlpipe reads version 1\n"
        "  hint: upgrade mlpipe\n",
    )
