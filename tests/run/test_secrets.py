"""No message tells a secret, wherever it stood in the spec."""

import os
import subprocess
import sys

import pytest

SPEC = """
name: s
task: binary
columns: {target: y}
ingest: {path: "${secret:PW}.csv"}
"""


@pytest.mark.parametrize("verb", ["ingest", "plan"])
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_secret_in_a_path_is_masked_in_errors(tmp_path, verb, json):
    (tmp_path / "mlpipe.yaml").write_text(SPEC)
    done = subprocess.run(
        [sys.executable, "-m", "mlpipe", verb, *json],
        cwd=tmp_path,
        env={**os.environ, "PW": "hunter2 é"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no file ***.csv" in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
