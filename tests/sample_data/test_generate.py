"""The sample data is what its generator writes, and small."""

import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "sample_data"
GENERATE = SAMPLE / "generate.py"


def check(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_generator_writes_the_bytes_that_are_kept() -> None:
    done = check(GENERATE)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_check_names_what_differs(tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(SAMPLE, tmp_path / "sample_data")
    labels = copy / "churn" / "labels.csv"
    labels.write_text(labels.read_text().replace(",yes", ",no", 1))
    (copy / "churn" / "usage" / "2025-06.parquet").unlink()

    done = check(copy / "generate.py")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "differs: churn/labels.csv",
        "differs: churn/usage/2025-06.parquet",
    ]


def test_the_whole_folder_stays_under_three_megabytes() -> None:
    size = sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file())

    assert size < 3_000_000


@pytest.mark.parametrize("name", ["TRUTH.md", "truth.json"])
def test_the_truth_is_written_for_people_and_for_programs(name: str) -> None:
    text = (SAMPLE / name).read_text(encoding="utf-8")

    assert "support_tickets" in text
    assert "contract_months is not an integer" in text
