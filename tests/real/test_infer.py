"""What is inferred from real data passes on it; skipped where the folder is not there."""

from pathlib import Path

import pytest

from mlpipe.spec.dump import to_yaml
from mlpipe.spec.yaml import parse
from tests.project import run_json

ROOT = Path(__file__).parents[2]
DOCTOR = "validate.doctor=false"  # what it finds in real data is real
DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real data is not there: no folder {DATA}"
)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("*.yaml")), ids=lambda p: p.stem)
def test_real_data_passes_what_is_inferred_from_it(tmp_path, path):
    runs = ["--runs-dir", str(tmp_path / "runs")]
    found = run_json(ROOT, "validate", str(path), "--infer", *runs)["answer"]["section"]
    spec = parse(path.read_bytes(), path.name).value
    (tmp_path / "x.yaml").write_text(to_yaml({**spec, "validate": found}))
    document = run_json(ROOT, "validate", str(tmp_path / "x.yaml"), "-S", DOCTOR, *runs)
    assert document["exit_code"] == 0, document
    warned = [line for line in document["warnings"] if line.startswith("validate: ")]
    assert [line for line in warned if "same value" not in line] == []
    assert len(found["columns"]) >= 2
    for column in spec["columns"].get("sensitive", []):
        assert set(found["columns"][column]) <= {"type", "nullable"}
