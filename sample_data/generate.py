"""Write the sample data: seeded, so that every run gives the same bytes.

::

    python sample_data/generate.py           write everything again
    python sample_data/generate.py --check   compare what is there with what would be written
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from worlds import churn, clinic, demand, support, truth

HERE = Path(__file__).parent
EXPECTED = {
    "churn": {"metric": "roc_auc", "low": 0.80, "high": 0.88},
    "demand": {"metric": "r2", "low": 0.72, "high": 0.90},
    "support": {"metric": "accuracy", "low": 0.90, "high": 0.97},
}


def generate(folder: Path) -> dict[str, Any]:
    """Write all four sets and the truth about them under `folder`; return the truth."""
    told: dict[str, Any] = {}
    for name, world in (("churn", churn), ("demand", demand), ("support", support)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        told[name] = {"expected": EXPECTED[name], **world.build(folder / name)}
    (folder / "clinic").mkdir(parents=True, exist_ok=True)
    told["clinic"] = clinic.build(folder / "clinic")
    (folder / "truth.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (folder / "TRUTH.md").write_text(truth.page(told), encoding="utf-8")
    return told


def differences(fresh: Path, kept: Path) -> list[str]:
    """Name the generated files that are missing from `kept` or hold other bytes there."""
    names = sorted(p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file())
    return [str(name) for name in names if not _same(fresh / name, kept / name)]


def _same(fresh: Path, kept: Path) -> bool:
    if not kept.is_file():
        return False
    if fresh.read_bytes() == kept.read_bytes():
        return True
    return fresh.suffix == ".parquet" and _same_but_for_the_writer(fresh, kept)


def _same_but_for_the_writer(fresh: Path, kept: Path) -> bool:
    """Compare values where another version of pyarrow wrote the file: it signs what it writes."""
    import pyarrow.parquet as pq

    signed = [pq.read_metadata(path).created_by for path in (fresh, kept)]
    return signed[0] != signed[1] and pq.read_table(fresh).equals(pq.read_table(kept))


def main() -> int:
    """Write, or with ``--check`` compare; 1 where something differs."""
    parser = argparse.ArgumentParser(description="Write the sample data.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args().check:
        generate(HERE)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        different = differences(Path(scratch), HERE)
    for name in different:
        print(f"differs: {name}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
